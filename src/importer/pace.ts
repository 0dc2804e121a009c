import type { Effects } from '../effects.ts';

/** A list of many rows may have to wait for hours. */
const longestPauseMs = 60_000;

/**
 * A function that waits until so many rows may be written: `rowsPerSecond` in a second, whoever asks. Time in which nothing was written, for
 * the server was slow, is not made up for later.
 *
 * @throws the reason of the signal once it is aborted
 */
export function pacer(rowsPerSecond: number | undefined, effects: Effects): (rows: number) => Promise<void> {
  let free = 0;
  return async (rows) => {
    if (rowsPerSecond === undefined) {
      return;
    }
    const now = performance.now();
    const begin = Math.max(now, free);
    free = begin + (rows / rowsPerSecond) * 1_000;
    if (begin > now) {
      for (let left = begin - now; left > 0; left -= longestPauseMs) {
        await effects.pause(Math.min(left, longestPauseMs), effects.signal);
        // Who waits on purpose does not hang.
        effects.alive();
      }
    }
  };
}
