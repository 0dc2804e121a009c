import type { Effects } from '../effects.ts';
import type { RelationBatch } from '../tsv/relation-batch.ts';

/** The same relations; on the way it is told how many there were. */
export async function* withProgress(
  relations: AsyncIterable<RelationBatch>,
  stage: string,
  { progress }: Effects,
): AsyncGenerator<RelationBatch> {
  let done = 0;
  for await (const batch of relations) {
    yield batch;
    done += batch.length;
    progress({ stage, done, total: undefined, unit: 'relations' });
  }
  // Takes the bar away.
  progress({ stage, done, total: done, unit: 'relations' });
}
