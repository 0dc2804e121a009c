import type { Effects } from '../effects.ts';
import type { RelationBatch } from './relation-batch.ts';

/**
 * The same relations; on the way it is told how many there were.
 *
 * @param total how many there will be, where that is known
 */
export async function* withProgress(
  relations: AsyncIterable<RelationBatch>,
  stage: string,
  { progress }: Effects,
  total?: number,
): AsyncGenerator<RelationBatch> {
  let done = 0;
  progress({ stage, done, total, unit: 'relations' });
  try {
    for await (const batch of relations) {
      yield batch;
      done += batch.length;
      progress({ stage, done, total, unit: 'relations' });
    }
  } finally {
    // Takes the bar away, whether or not all were taken.
    progress({ stage, done, total: done, unit: 'relations' });
  }
}
