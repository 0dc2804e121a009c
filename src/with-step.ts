import { setImmediate } from 'node:timers/promises';
import type { Effects, Progress } from './effects.ts';

/**
 * The result of something long that cannot tell how far it is; of how much it is, is told before it begins.
 *
 * @throws the reason of the signal when the job is to stop before it has begun: from then on nothing is heard until it is done
 */
export async function withStep<T>(
  stage: string,
  total: number,
  unit: Progress['unit'],
  { progress, signal }: Effects,
  work: () => T,
): Promise<T> {
  progress({ stage, done: 0, total, unit });
  // The bar is drawn, and signals are delivered.
  await setImmediate();
  signal.throwIfAborted();
  try {
    return work();
  } finally {
    progress({ stage, done: total, total, unit });
  }
}
