import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Effects } from '../../effects.ts';
import { withLimit } from '../../with-limit.ts';
import { type HadoopClient, runHadoop } from './hadoop-command.ts';

/** NodeManagers put their logs together when the application has ended, some seconds later. */
const logsLimitMs = 45_000;
const logsPauseMs = 1_000;

/**
 * What the tasks of an ended application said on standard error, which does not reach the client: the logs that the cluster gathers
 * (yarn.log-aggregation-enable), node by node.
 *
 * @param enough whether these lines will do
 * @returns the lines that will do, else those that were there in time
 * @throws the reason of the signal
 */
export async function taskErrors(
  client: HadoopClient,
  application: string,
  cwd: string,
  effects: Effects,
  enough: (lines: readonly string[]) => boolean,
): Promise<readonly string[]> {
  const signal = withLimit(effects.signal, logsLimitMs);
  // Every Hadoop has it beside its `hadoop`.
  const yarn = { ...client, program: path.join(path.dirname(client.program), 'yarn') };
  const args = ['logs', '-applicationId', application, '-log_files', 'stderr'];
  let gathered: readonly string[] = [];
  try {
    for (;;) {
      const { code, lines } = await runHadoop(yarn, args, cwd, { ...effects, signal });
      gathered = code === 0 ? lines : [];
      if (enough(gathered)) {
        return gathered;
      }
      await sleep(logsPauseMs, undefined, { signal });
    }
  } catch {
    // Out of time, or this client has no yarn: it is the failure of the job that counts.
    effects.signal.throwIfAborted();
    return gathered;
  }
}
