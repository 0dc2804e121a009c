import { createHash } from 'node:crypto';
import { ExpectedFailure } from '../failure.ts';
import { escapeId } from '../tsv/escapes.ts';
import type { RelationBatch } from '../tsv/relation-rows.ts';
import type { CheckedRelations } from './check-relations.ts';

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
): Promise<void> {
  const digest = createHash('sha256');
  let count = 0;
  for await (const { sources, targets, weights, length } of rows) {
    let text = '';
    for (let at = 0; at < length; at++) {
      text += `${escapeId(sources[at]!)}\t${escapeId(targets[at]!)}\t${weights[at]!}\n`;
    }
    digest.update(text);
    count += length;
  }
  const sha256 = digest.digest('hex');
  if (sha256 !== relations.sha256) {
    throw new ExpectedFailure(
      'inputOutput',
      `Verified ${target}, and it differs from ${relations.name}: ${count} relations with sha256 ${sha256}, not ${relations.relations} with ${relations.sha256}`,
      { remedy: 'Something else writes to the table, or it has a trigger. Stop that and import again.' },
    );
  }
}
