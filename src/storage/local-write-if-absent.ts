import { link, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Effects } from '../effects.ts';
import { errorCode, fileFailure } from '../failure.ts';

/**
 * Writes a file unless there is one under its name. It is written under a temporary name beside it; linking is what fails, without a race,
 * when the name is taken.
 *
 * @returns false when there is one
 */
export async function writeLocalIfAbsent(location: string, content: Uint8Array, effects: Effects): Promise<boolean> {
  const name = `.${path.basename(location)}.${effects.randomHex(4)}.tmp`;
  const temporary = path.join(path.dirname(location), name);
  try {
    await writeFile(temporary, content, { flag: 'wx', flush: true, signal: effects.signal });
    await link(temporary, location);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') {
      return false;
    }
    effects.signal.throwIfAborted();
    throw fileFailure('write', location, error);
  } finally {
    await rm(temporary, { force: true });
  }
}
