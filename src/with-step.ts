import { setImmediate } from 'node:timers/promises';
import type { Effects, Progress } from './effects.ts';
import { inTurns, type Steps } from './in-turns.ts';

/**
 * The result of something long that cannot tell how far it is; of how much it is, is told before it begins.
 *
 * @param work cut into steps, between which signals are heard
 * @throws the reason of the signal when the job is to stop
 */
export async function withStep<T>(
  stage: string,
  total: number,
  unit: Progress['unit'],
  { progress, signal }: Effects,
  work: Steps<T>,
): Promise<T> {
  progress({ stage, done: 0, total, unit });
  // The bar is drawn, and signals are delivered.
  await setImmediate();
  signal.throwIfAborted();
  try {
    return await inTurns(work, signal);
  } finally {
    progress({ stage, done: total, total, unit });
  }
}
