import { setTimeout as sleep } from 'node:timers/promises';
import type { Effects } from '../effects.ts';

/**
 * A function that is told how many rows were written and waits until they are not more than `rowsPerSecond` since the beginning.
 *
 * @throws the reason of the signal once it is aborted
 */
export function pacer(rowsPerSecond: number | undefined, effects: Effects): (rows: number) => Promise<void> {
  const start = performance.now();
  let written = 0;
  return async (rows) => {
    written += rows;
    const early = rowsPerSecond === undefined ? 0 : start + (written / rowsPerSecond) * 1_000 - performance.now();
    if (early > 0) {
      await sleep(early, undefined, { signal: effects.signal }).catch(() => effects.signal.throwIfAborted());
    }
  };
}
