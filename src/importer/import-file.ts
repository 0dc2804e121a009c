import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { compareIntegerIds, compareTextIds } from '../tsv/relation-order.ts';
import { RelationBatch, readRelations } from '../tsv/relation-rows.ts';
import { type CheckedRelations, checkRelations } from './check-relations.ts';
import type { RowOrder } from './compare.ts';
import { copyFile } from './copy-file.ts';
import type { ImportTableOptions } from './import-table.ts';
import { type SpooledChanges, spoolChanges } from './spool-changes.ts';
import { verifyRelations } from './verify-relations.ts';

/**
 * Makes a relations file equal to a checked one. Readers see the old file or the new one; when nothing changed it is left untouched.
 *
 * @param spool where the changes go
 * @throws ExpectedFailure `badData` when there is a file that does not hold relations, and when either file cannot be read or written
 */
export async function importFile(
  relations: CheckedRelations,
  location: string,
  spool: string,
  options: Pick<ImportTableOptions, 'judge' | 'dryRun' | 'verify'>,
  effects: Effects,
): Promise<SpooledChanges> {
  const old = await oldRelations(location, effects);
  const shared = relations.orders.find((each) => old === undefined || old.orders.includes(each));
  const compare = (shared ?? relations.orders[0]) === 'integer' ? compareIntegerIds : compareTextIds;
  const order = { source: compare, target: compare };
  const rows = old === undefined ? noRelations() : readRelations(location, effects);
  const changes = await spoolChanges(
    spool,
    shared === undefined ? sorted(rows, order) : rows,
    relations,
    order,
    effects,
  );
  options.judge(changes.counts);
  if (options.dryRun !== true && old?.sha256 !== relations.sha256) {
    await copyFile(relations.location, location, effects);
  }
  if (options.verify === true && options.dryRun !== true) {
    await verifyRelations(relations, readRelations(location, effects), location);
  }
  return changes;
}

async function oldRelations(location: string, effects: Effects): Promise<CheckedRelations | undefined> {
  try {
    return await checkRelations(location, effects);
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

/**
 * The rows in another order, which happens once, when the first id that is no integer appears or the last one goes. Memory: all rows, some
 * 100 bytes each.
 */
async function* sorted(batches: AsyncIterable<RelationBatch>, order: RowOrder): AsyncGenerator<RelationBatch> {
  const rows: { readonly source: string; readonly target: string; readonly weight: number }[] = [];
  for await (const { sources, targets, weights } of batches) {
    for (let at = 0; at < weights.length; at++) {
      rows.push({ source: sources[at]!, target: targets[at]!, weight: weights[at]! });
    }
  }
  rows.sort((a, b) => order.source(a.source, b.source) || order.target(a.target, b.target));
  const batch = new RelationBatch();
  for (const { source, target, weight } of rows) {
    batch.sources.push(source);
    batch.targets.push(target);
    batch.weights.push(weight);
  }
  yield batch;
}
