import type { Effects } from '../effects.ts';
import { storageOf } from './storage.ts';

/**
 * Whether a file can be read more than once: not standard input, nor any other pipe.
 *
 * @throws ExpectedFailure when there is no such file
 */
export async function isRereadable(location: string, effects: Effects): Promise<boolean> {
  const file = await (await storageOf(location, effects)).seek?.(location);
  await file?.close();
  return file !== undefined;
}
