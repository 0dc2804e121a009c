import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Effects } from '../../effects.ts';
import { messageOf } from '../../failure.ts';
import { withLimit } from '../../with-limit.ts';
import { type CommandEnd, type HadoopClient, runHadoop } from './hadoop-command.ts';

/** Starting takes a client some seconds, and `mapred job -kill` gives a job ten to end by itself. */
const killLimitMs = 20_000;

/** NodeManagers put their logs together when the application has ended, some seconds later. */
const logsLimitMs = 45_000;
const logsPauseMs = 1_000;

/**
 * Ends what a killed client has left running on the cluster; it does not end by itself.
 *
 * @param effects its signal may be aborted already
 */
export async function killApplication(
  client: HadoopClient,
  application: string,
  cwd: string,
  effects: Effects,
): Promise<void> {
  const { log } = effects;
  const commands = [
    // The job then removes what it was sent; this hangs, however, on a job that has just ended when there is no history server.
    ['mapred', 'job', '-kill', application.replace('application', 'job')],
    ['yarn', 'application', '-kill', application],
  ] as const;
  for (const [program, ...args] of commands) {
    const signal = AbortSignal.timeout(killLimitMs);
    const killing = runBeside(client, program, args, cwd, { ...effects, signal });
    const { code, lines } = await killing.catch((error): CommandEnd => ({ code: 1, lines: [messageOf(error)] }));
    if (code === 0) {
      log.info(`Hadoop: ended ${application}`);
      return;
    }
    log.debug(`${program} ${args.join(' ')}: ${lines.at(-1) ?? `exit code ${code}`}`);
  }
  log.warn(`The job may still be running on the cluster: yarn application -kill ${application} ends it`);
}

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
  const args = ['logs', '-applicationId', application, '-log_files', 'stderr'];
  let gathered: readonly string[] = [];
  try {
    for (;;) {
      const { code, lines } = await runBeside(client, 'yarn', args, cwd, { ...effects, signal });
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

/** Runs a program that every Hadoop has beside its `hadoop`. */
function runBeside(
  client: HadoopClient,
  name: 'mapred' | 'yarn',
  args: readonly string[],
  cwd: string,
  effects: Effects,
): Promise<CommandEnd> {
  const program = path.join(path.dirname(client.program), name);
  return runHadoop({ ...client, program }, args, cwd, effects);
}
