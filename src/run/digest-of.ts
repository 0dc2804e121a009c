import { createHash } from 'node:crypto';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { readBytes } from '../storage/input.ts';
import { withProgress } from '../with-progress.ts';

/**
 * The sha256 of a file's uncompressed content; `undefined` when it is missing, and `damaged`, which is none, when it cannot be unpacked.
 *
 * @param total bytes of that, where they are known
 */
export async function digestOf(location: string, effects: Effects, total?: number): Promise<string | undefined> {
  const digest = createHash('sha256');
  try {
    for await (const chunk of withProgress(readBytes(location, effects), 'Checking', 'bytes', effects, total)) {
      digest.update(chunk);
    }
  } catch (error) {
    if (error instanceof ExpectedFailure && (error.kind === 'noInput' || error.kind === 'badData')) {
      return error.kind === 'noInput' ? undefined : 'damaged';
    }
    throw error;
  }
  return digest.digest('hex');
}
