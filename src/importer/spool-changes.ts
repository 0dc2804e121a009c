import type { Effects } from '../effects.ts';
import { type Artefact, type Output, writeFile } from '../storage/output.ts';
import type { RelationBatch } from '../tsv/relation-batch.ts';
import { withProgress } from '../with-progress.ts';
import { type ChangeCounts, ChangeWriter } from './changes.ts';
import { CheckedReading, type CheckedRelations, type RelationsFile } from './check-relations.ts';
import { compareRelations, type RowOrder } from './compare.ts';

/** What a comparison found. */
export interface Comparison {
  readonly relations: CheckedRelations;
  readonly counts: ChangeCounts;
  /** The changes; `undefined` when they were only counted. */
  readonly changes: Artefact | undefined;
}

/**
 * Checks a relations file and compares it with the old relations in one reading, and writes what turns those into the new ones.
 *
 * @param spool where the changes go; without it they are counted only
 * @param old in `order`
 * @throws ExpectedFailure `badData` when the file holds something else than relations; OtherOrder when it is not in `order`
 */
export async function spoolChanges(
  spool: string | undefined,
  old: AsyncIterable<RelationBatch>,
  file: RelationsFile,
  order: RowOrder,
  effects: Effects,
): Promise<Comparison> {
  const reading = new CheckedReading(file, order.ids, effects);
  const compare = async (output: Output | undefined): Promise<ChangeCounts> => {
    const changes = new ChangeWriter(output);
    await compareRelations(
      old,
      withProgress(reading.rows(), 'Comparing', 'relations', effects, reading.expected),
      order,
      changes,
    );
    return changes.counts;
  };
  const { artefact, result: counts } =
    spool === undefined
      ? { artefact: undefined, result: await compare(undefined) }
      : await writeFile(spool, effects, compare);
  const { added, changed, removed, unchanged } = counts;
  const { number } = effects;
  effects.log.info(
    `Compared: ${number(added)} relations to add, ${number(changed)} to change, ${number(removed)} to remove, ${number(unchanged)} as before`,
    { added, changed, removed, unchanged },
  );
  return { relations: reading.checked(), counts, changes: artefact };
}
