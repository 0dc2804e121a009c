import { duration } from './duration.ts';
import { ExpectedFailure } from './failure.ts';

/** How long a file system may be away, in milliseconds: the server of one, started again, answers what it was asked minutes ago. */
const answerMs = 600_000;

/** The same once the job was told to stop: who sent the signal expects an end within 5 s. */
const stoppedMs = 200;

/**
 * The outcome of some calls to a file system, if it answers. One of the network whose server is away does not, for hours, and nothing ends the
 * calls: they go on holding a thread.
 *
 * @param location what is asked for
 * @throws ExpectedFailure `unavailable` after ten minutes; the reason of the signal soon after that; whatever the calls throw
 */
export async function answered<T>(location: string, signal: AbortSignal | undefined, calls: Promise<T>): Promise<T> {
  const timers: NodeJS.Timeout[] = [];
  let stop = (): void => {};
  const silent = new Promise<never>((_, reject) => {
    timers.push(setTimeout(() => reject(silence(location)), answerMs));
    stop = () => {
      timers.push(setTimeout(() => reject(signal?.reason), stoppedMs));
    };
  });
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) {
    stop();
  }
  try {
    return await Promise.race([calls, silent]);
  } finally {
    signal?.removeEventListener('abort', stop);
    timers.forEach(clearTimeout);
  }
}

function silence(location: string): ExpectedFailure {
  return new ExpectedFailure(
    'unavailable',
    `Cannot use ${location}: its file system did not answer for ${duration(answerMs)}`,
    {
      remedy:
        'It may be one of the network whose server is away, or a disk that fails: see whether `df` answers there.',
    },
  );
}
