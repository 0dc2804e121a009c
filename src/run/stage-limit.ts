import { setMaxListeners } from 'node:events';
import { duration } from '../duration.ts';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';

/**
 * Milliseconds without progress after which a stage fails, unless something else is said. What may be as silent for minutes: a query that
 * finds its first row late, and the second index of a large new table.
 */
const defaultStageTimeout = 3_600_000;

/** The longest time between two looks at the progress of a stage, in milliseconds. */
const lookMs = 1000;

/** What was told to stop has so long, in milliseconds, to tidy up: less than the lock of the work folder has then (src/run/work-lock.ts). */
const graceMs = 2500;

/**
 * Does the work of a stage as long as it gets on: when nothing was read, written or counted for `limit` milliseconds it is told to stop, as by a
 * signal, and fails. A server that accepts a connection and then is silent would otherwise hold the job for ever.
 *
 * The time is added up from looks, not taken from a clock: a process that was stopped for an hour, or a machine that slept, did not hang.
 *
 * @param limit default: an hour
 * @param work gets effects that notice progress, and whose signal ends what hangs
 * @throws ExpectedFailure `unavailable` when it hangs; whatever `work` throws
 */
export async function withinLimit<T>(
  stage: string,
  limit: number | undefined,
  effects: Effects,
  work: (effects: Effects) => Promise<T>,
): Promise<T> {
  const most = limit ?? defaultStageTimeout;
  const hangs = new AbortController();
  const tick = Math.min(lookMs, most);
  let silent = 0;
  const alive = (): void => {
    silent = 0;
  };
  const look = setInterval(() => {
    silent += tick;
    if (silent > most) {
      hangs.abort(
        new ExpectedFailure('unavailable', `The ${stage} stage hung: it got no further for ${duration(most)}`, {
          remedy:
            'See whether the server, the network or the disk that it works with is stuck, then run again. If it only is slow, give it longer: --stage-timeout 3h.',
        }),
      );
    }
  }, tick).unref();
  const signal = AbortSignal.any([effects.signal, hangs.signal]);
  // Every transfer and every thread listens.
  setMaxListeners(0, signal);
  const watched: Effects = {
    ...effects,
    signal,
    alive,
    progress: (progress) => {
      alive();
      effects.progress(progress);
    },
  };
  let grace: NodeJS.Timeout | undefined;
  let giveUp = (): void => {};
  // Not everything that waits hears the signal: a goodbye to a server that is silent, for one, is never answered.
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = () => {
      grace = setTimeout(() => reject(signal.reason), graceMs);
    };
  });
  signal.addEventListener('abort', giveUp);
  try {
    return await Promise.race([work(watched), givenUp]);
  } catch (error) {
    // What broke off only broke off because it was told to.
    hangs.signal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(look);
    // A later stage may be told to stop: the timer of this one would keep the process.
    signal.removeEventListener('abort', giveUp);
    clearTimeout(grace);
  }
}
