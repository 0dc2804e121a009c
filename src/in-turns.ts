import { setImmediate } from 'node:timers/promises';

/** Work cut into steps of some hundredths of a second, and what it gives in the end. */
export type Steps<T> = Generator<void, T>;

/**
 * Does one step after the other, and lets signals in between them: they are events, which whoever keeps the thread busy keeps out.
 *
 * @throws the reason of the signal
 */
export async function inTurns<T>(steps: Steps<T>, signal: AbortSignal): Promise<T> {
  let step = steps.next();
  while (step.done !== true) {
    await setImmediate();
    signal.throwIfAborted();
    step = steps.next();
  }
  return step.value;
}

/** Numbers below `total` in pieces `[from, to)` of at most `size`. */
export function* inPieces(total: number, size: number, work: (from: number, to: number) => void): Steps<void> {
  for (let from = 0; from < total; from += size) {
    work(from, Math.min(total, from + size));
    yield;
  }
}
