import { createHash } from 'node:crypto';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { readBytes } from '../storage/input.ts';
import { ByteWriter } from '../tsv/byte-writer.ts';
import type { RelationBatch } from '../tsv/relation-batch.ts';
import { parseRelations } from '../tsv/relation-rows.ts';
import { withProgress } from '../with-progress.ts';
import type { CheckedRelations } from './check-relations.ts';
import { unchanged } from './unchanged.ts';

/**
 * Compares rows read back from a target with the relations file, by their digest.
 *
 * @param rows in the order of the file
 * @returns the failure, `inputOutput`, when they differ
 */
export async function differenceFrom(
  relations: CheckedRelations,
  rows: AsyncIterable<RelationBatch>,
  target: string,
  effects: Effects,
): Promise<ExpectedFailure | undefined> {
  const { location, name, sha256 } = relations;
  const found = await digestOfLines(withProgress(rows, 'Verifying', 'relations', effects, relations.relations));
  if (found.sha256 === sha256) {
    return undefined;
  }
  // The last line of the file may lack its end, and a backslash its escape.
  const wanted = await digestOfLines(parseRelations(name, unchanged(relations, readBytes(location, effects))));
  return found.sha256 === wanted.sha256
    ? undefined
    : new ExpectedFailure(
        'inputOutput',
        `Verified ${target}, and it differs from ${name}: ${found.lines} relations with sha256 ${found.sha256}, not ${wanted.lines} with ${sha256}`,
        { remedy: 'Something else writes to the table, or it has a trigger. Stop that and import again.' },
      );
}

/** The digest of relations as `also-viewed relate` writes them. */
async function digestOfLines(
  rows: AsyncIterable<RelationBatch>,
): Promise<{ readonly lines: number; readonly sha256: string }> {
  const digest = createHash('sha256');
  const text = new ByteWriter(1 << 16, (bytes) => digest.update(bytes));
  let lines = 0;
  for await (const batch of rows) {
    for (let at = 0; at < batch.length; at++) {
      batch.writeLine(text, at);
    }
    lines += batch.length;
  }
  text.flush();
  return { lines, sha256: digest.digest('hex') };
}
