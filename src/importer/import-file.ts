import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { comparisonOf } from '../relation/id-order.ts';
import { readBytes } from '../storage/input.ts';
import type { RelationBatch } from '../tsv/relation-batch.ts';
import { readRelations } from '../tsv/relation-rows.ts';
import { type CheckedRelations, checkRelations, type RelationsFile } from './check-relations.ts';
import { writeContent } from './copy-file.ts';
import type { ImportTableOptions } from './import-table.ts';
import { withSortedRows } from './sort-rows.ts';
import { type Comparison, spoolChanges } from './spool-changes.ts';
import { unchanged } from './unchanged.ts';
import { differenceFrom } from './verify-relations.ts';

/**
 * Makes a relations file equal to another one. Readers see the old file or the new one; when nothing changed it is left untouched.
 *
 * @param spool where the changes go
 * @throws ExpectedFailure `badData` when either file does not hold relations, and when either file cannot be read or written
 */
export async function importFile(
  file: RelationsFile,
  location: string,
  spool: string,
  options: Pick<ImportTableOptions, 'judge' | 'dryRun' | 'verify'>,
  effects: Effects,
): Promise<Comparison> {
  const relations = await checkRelations(file, effects);
  const old = await oldRelations(location, effects);
  const shared = relations.orders.find((each) => old === undefined || old.orders.includes(each));
  const ids = shared ?? relations.orders[0] ?? 'text';
  const compare = comparisonOf(ids);
  const order = { ids, source: compare, target: compare };
  const rows = old === undefined ? noRelations() : readRelations(location, effects);
  const compareWith = (old: AsyncIterable<RelationBatch>): Promise<Comparison> =>
    spoolChanges(spool, old, relations, order, effects);
  const comparison =
    shared === undefined
      ? await withSortedRows(rows, () => old?.relations, order, effects, compareWith)
      : await compareWith(rows);
  options.judge(comparison, { isFirst: old === undefined, store: undefined });
  if (options.dryRun !== true && old?.sha256 !== relations.sha256) {
    const content = unchanged(relations, readBytes(file.location, effects));
    await writeContent(content, location, 'Publishing', effects, relations.bytes);
  }
  if (options.verify === true && options.dryRun !== true) {
    const difference = await differenceFrom(relations, readRelations(location, effects), location, effects);
    if (difference !== undefined) {
      throw difference;
    }
  }
  return comparison;
}

async function oldRelations(location: string, effects: Effects): Promise<CheckedRelations | undefined> {
  try {
    return await checkRelations({ location, name: location }, effects);
  } catch (error) {
    if (!(error instanceof ExpectedFailure)) {
      throw error;
    }
    if (error.kind === 'noInput') {
      return undefined;
    }
    if (error.kind !== 'badData') {
      throw error;
    }
    throw new ExpectedFailure(
      'badData',
      `Cannot replace ${location}, which holds something else than relations: ${error.message}`,
      {
        remedy: 'Name another file, or remove this one first.',
        cause: error,
      },
    );
  }
}

async function* noRelations(): AsyncGenerator<RelationBatch> {}
