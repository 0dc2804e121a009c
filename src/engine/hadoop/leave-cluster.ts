import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Effects } from '../../effects.ts';
import { outlasting } from '../../outlasting.ts';
import { withLimit } from '../../with-limit.ts';
import type { HadoopClient } from './hadoop-command.ts';

/** How long the end of a job that was told to stop is waited for, in milliseconds: who sent the signal expects our own end within 5 s. */
const stoppedMs = 3500;

/** The same for removing files where there was no signal. */
const removalMs = 30_000;

/** Bits of the exit code of the script. */
const notEnded = 1;
const notRemoved = 2;

/**
 * Ends an application and removes folders. `mapred job -kill` first: the job then removes what it was sent. It gives the job ten seconds, and
 * hangs on one that has just ended where there is no history server. What stops us (a group of systemd, a terminal that is closed) is not to stop
 * this.
 */
const script = `trap '' HUP INT TERM
bin=$1 numbers=$2
shift 2
within() { if command -v timeout >/dev/null; then timeout -s KILL "$@"; else shift; "$@"; fi; }
code=0
if [ -n "$numbers" ]; then
  within 20 "$bin/mapred" job -kill "job_$numbers" || within 20 "$bin/yarn" application -kill "application_$numbers" || code=${notEnded}
fi
within 60 "$bin/hadoop" fs -rm -r -f -skipTrash "$@" || code=$((code + ${notRemoved}))
exit $code`;

/**
 * Ends the job that outlived its client, and removes what was put on the cluster. A client of Hadoop takes seconds to start: where they are more
 * than there are, the script goes on by itself when this process has ended, and the log says how to look after it.
 *
 * @param remotes folders of the cluster, the job's own first
 * @param application of YARN, if one was submitted and has not ended as far as is known
 * @param effects its signal may be aborted already
 */
export async function leaveCluster(
  client: HadoopClient,
  remotes: readonly string[],
  application: string | undefined,
  effects: Effects,
): Promise<void> {
  const { env, log } = effects;
  const { own, done } = outlasting(effects, stoppedMs);
  const late = withLimit(own.signal, removalMs);
  const [remote] = remotes;
  const numbers = application?.replace('application_', '') ?? '';
  const child = spawn('/bin/sh', ['-c', script, 'sh', path.dirname(client.program), numbers, ...remotes], {
    // Not the folder of the job, which is removed meanwhile.
    cwd: '/',
    env,
    detached: true,
    stdio: 'ignore',
  });
  try {
    const code = await new Promise<number | undefined>((resolve) => {
      child.once('error', () => resolve(notEnded + notRemoved));
      child.once('exit', (code) => resolve(code ?? notEnded + notRemoved));
      late.addEventListener('abort', () => resolve(undefined));
    });
    if (application !== undefined) {
      const kill = `yarn application -kill ${application}`;
      if (code === undefined) {
        log.warn(
          `Hadoop: process ${child.pid} goes on ending ${application} and removing ${remote} of the cluster; ${kill} makes sure of it`,
        );
      } else if ((code & notEnded) === 0) {
        log.info(`Hadoop: ended ${application}`);
      } else {
        log.warn(`The job may still be running on the cluster: ${kill} ends it`);
      }
    } else if (code === undefined) {
      log.warn(`Hadoop: process ${child.pid} goes on removing ${remote} of the cluster`);
    }
    if (code !== undefined && (code & notRemoved) !== 0) {
      log.warn(`The temporary folder ${remote} of the cluster could not be removed`);
    }
  } finally {
    done();
    child.unref();
  }
}
