import { createHash } from 'node:crypto';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { ByteWriter } from '../tsv/byte-writer.ts';
import type { RelationBatch } from '../tsv/relation-batch.ts';
import { withProgress } from '../with-progress.ts';
import type { CheckedRelations } from './check-relations.ts';

const tab = 0x09;
const lineFeed = 0x0a;

/**
 * Checks that rows read back from a target are those of the relations file, by their digest.
 *
 * @param rows in the order of the file
 * @throws ExpectedFailure `inputOutput` when they are not
 */
export async function verifyRelations(
  relations: CheckedRelations,
  rows: AsyncIterable<RelationBatch>,
  target: string,
  effects: Effects,
): Promise<void> {
  const digest = createHash('sha256');
  let count = 0;
  const text = new ByteWriter(1 << 16, (bytes) => digest.update(bytes));
  for await (const batch of withProgress(rows, 'Verifying', 'relations', effects, relations.relations)) {
    for (let at = 0; at < batch.length; at++) {
      batch.writeSource(text, at);
      text.byte(tab);
      batch.writeTarget(text, at);
      text.byte(tab);
      text.number(batch.weights[at]!);
      text.byte(lineFeed);
    }
    count += batch.length;
  }
  text.flush();
  const sha256 = digest.digest('hex');
  if (sha256 !== relations.sha256) {
    throw new ExpectedFailure(
      'inputOutput',
      `Verified ${target}, and it differs from ${relations.name}: ${count} relations with sha256 ${sha256}, not ${relations.relations} with ${relations.sha256}`,
      { remedy: 'Something else writes to the table, or it has a trigger. Stop that and import again.' },
    );
  }
}
