import type { Effects } from '../effects.ts';
import { type ChangeCounts, ChangeWriter } from '../importer/changes.ts';
import { CheckedReading, OtherOrder } from '../importer/check-relations.ts';
import { compareRelations, type RowOrder } from '../importer/compare.ts';
import { copyFile } from '../importer/copy-file.ts';
import type { RelationColumns } from '../importer/create-tables.ts';
import type { Target } from '../importer/import-relations.ts';
import type { MysqlTable } from '../importer/import-table.ts';
import { withSortedRows } from '../importer/sort-rows.ts';
import type { IdOrder } from '../relation/id-order.ts';
import { comparisonOf } from '../relation/id-order.ts';
import { isRereadable } from '../storage/is-rereadable.ts';
import { writeFile } from '../storage/output.ts';
import type { RelationBatch } from '../tsv/relation-batch.ts';
import { withProgress } from '../with-progress.ts';

/** Relations with what must be known before they can be read in an order. */
type Side =
  | { readonly kind: 'file'; readonly location: string; readonly name: string }
  | { readonly kind: 'table'; readonly table: MysqlTable; readonly columns: RelationColumns };

/**
 * Compares two sets of relations and spools what turns the old ones into the new ones.
 *
 * Which order a file is in shows only when it is read; an attempt in another one ends there, and what it spooled goes.
 *
 * @param spool where the changes go, in a temporary folder: what comes from a pipe is kept beside them
 * @throws ExpectedFailure `badData` when a file holds something else than relations, `configuration` when there is no such table
 */
export async function compareSides(old: Target, next: Target, spool: string, effects: Effects): Promise<ChangeCounts> {
  const before = await sideOf(old, `${spool}.old`, effects);
  const after = await sideOf(next, `${spool}.new`, effects);
  let other: OtherOrder | undefined;
  for (const ids of ordersFor(before, after)) {
    try {
      return await compare(before, after, ids, undefined, spool, effects);
    } catch (error) {
      if (!(error instanceof OtherOrder)) {
        throw error;
      }
      other = error;
    }
  }
  // Of two files each is in an order of its own: the one whose ids are integers was the last to say so.
  return await compare(before, after, 'text', other?.location, spool, effects);
}

/** The orders to try, the likelier one first. A table is sorted by the server. */
function ordersFor(...sides: readonly Side[]): readonly IdOrder[] {
  const areIntegers = sides.every((side) => side.kind === 'file' || hasIntegers(side.columns));
  return areIntegers ? ['integer', 'text'] : ['text', 'integer'];
}

function hasIntegers({ source, target }: RelationColumns): boolean {
  return source.kind === 'integer' && target.kind === 'integer';
}

/** @param sorted the file that is sorted, if one has to be */
async function compare(
  old: Side,
  next: Side,
  ids: IdOrder,
  sorted: string | undefined,
  spool: string,
  effects: Effects,
): Promise<ChangeCounts> {
  return await withRows(old, ids, sorted, effects, (oldRows, oldOrder) =>
    withRows(next, ids, sorted, effects, async (nextRows, nextOrder, expected) => {
      // A table of negative integers, which a file cannot hold, knows how these sort.
      const order = old.kind === 'table' ? oldOrder : nextOrder;
      const { result } = await writeFile(spool, effects, async (output) => {
        const changes = new ChangeWriter(output);
        const told = withProgress(nextRows, 'Comparing', 'relations', effects, expected);
        await compareRelations(oldRows, told, order, changes);
        return changes.counts;
      });
      return result;
    }),
  );
}

/** @param copy where a file goes that can be read once */
async function sideOf(target: Target, copy: string, effects: Effects): Promise<Side> {
  if (target.kind === 'file') {
    const { location } = target;
    if (await isRereadable(location, effects)) {
      return { kind: 'file', location, name: location };
    }
    // An attempt in another order would find a pipe half empty.
    await copyFile(location, copy, 'Reading', effects);
    return { kind: 'file', location: copy, name: location };
  }
  const { table } = target;
  const { withConnection } = await import('../mysql/connect.ts');
  const { columnsOfTable } = await import('../importer/columns-of-table.ts');
  const columns = await withConnection(table.address, table.password, effects, (connection) =>
    columnsOfTable(connection, table, effects),
  );
  return { kind: 'table', table, columns };
}

async function withRows<T>(
  side: Side,
  ids: IdOrder,
  sorted: string | undefined,
  effects: Effects,
  work: (rows: AsyncIterable<RelationBatch>, order: RowOrder, expected?: () => number | undefined) => Promise<T>,
): Promise<T> {
  if (side.kind === 'table') {
    const { withTableRows } = await import('../importer/compare-with-table.ts');
    return await withTableRows(side.table, side.columns, [ids], effects, work);
  }
  const { location, name } = side;
  const compareIds = comparisonOf(ids);
  const order = { ids, source: compareIds, target: compareIds };
  const isSorted = location === sorted;
  const reading = new CheckedReading({ location, name }, isSorted ? undefined : ids, effects);
  const { expected } = reading;
  return isSorted
    ? await withSortedRows(reading.rows(), expected, order, effects, (rows) => work(rows, order, expected))
    : await work(reading.rows(), order, expected);
}
