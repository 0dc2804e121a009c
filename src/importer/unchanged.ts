import { createHash } from 'node:crypto';
import { ExpectedFailure } from '../failure.ts';
import type { CheckedRelations, RelationsFile } from './check-relations.ts';

/**
 * The content of a file that was checked before, read once more to be published: what is published is what was checked.
 *
 * @throws ExpectedFailure `badData` when it is something else, before more than was checked or behind the last chunk
 */
export async function* unchanged(
  relations: Pick<CheckedRelations, 'name' | 'bytes' | 'sha256'>,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    digest.update(chunk);
    bytes += chunk.length;
    if (bytes > relations.bytes) {
      throw changedMeanwhile(relations);
    }
    yield chunk;
  }
  if (digest.digest('hex') !== relations.sha256) {
    throw changedMeanwhile(relations);
  }
}

/** The failure of a file that somebody writes to while it is imported. */
export function changedMeanwhile({ name }: Pick<RelationsFile, 'name'>): ExpectedFailure {
  return new ExpectedFailure('badData', `Cannot use ${name}: it changed since it was checked`, {
    remedy: 'Run the same command again once nothing writes to the file.',
  });
}
