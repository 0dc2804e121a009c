import type { Effects } from '../effects.ts';
import { type ChangeCounts, ChangeWriter } from '../importer/changes.ts';
import { CheckedReading, OtherOrder } from '../importer/check-relations.ts';
import { compareRelations, type RowOrder } from '../importer/compare.ts';
import type { RelationColumns } from '../importer/create-tables.ts';
import type { Target } from '../importer/import-relations.ts';
import type { MysqlTable } from '../importer/import-table.ts';
import { sortedRows } from '../importer/sort-rows.ts';
import type { IdOrder } from '../relation/id-order.ts';
import { comparisonOf } from '../relation/id-order.ts';
import { writeFile } from '../storage/output.ts';
import type { RelationBatch } from '../tsv/relation-batch.ts';
import { withProgress } from '../with-progress.ts';

/** Relations with what must be known before they can be read in an order. */
type Side =
  | { readonly kind: 'file'; readonly location: string }
  | { readonly kind: 'table'; readonly table: MysqlTable; readonly columns: RelationColumns };

type Rows = AsyncIterable<RelationBatch>;

/** An order to try. A file that is not in it can be sorted in memory; a table is sorted by the server. */
interface Attempt {
  readonly ids: IdOrder;
  readonly sort?: 'old' | 'next';
}

/**
 * Compares two sets of relations and spools what turns the old ones into the new ones.
 *
 * Which order a file is in shows only when it is read; an attempt in another one ends there, and what it spooled goes.
 *
 * @throws ExpectedFailure `badData` when a file holds something else than relations, `configuration` when there is no such table
 */
export async function compareSides(old: Target, next: Target, spool: string, effects: Effects): Promise<ChangeCounts> {
  const before = await sideOf(old, effects);
  const after = await sideOf(next, effects);
  const attempts = attemptsFor(before, after);
  for (const attempt of attempts) {
    try {
      return await compare(before, after, attempt, spool, effects);
    } catch (error) {
      if (!(error instanceof OtherOrder) || attempt === attempts.at(-1)) {
        throw error;
      }
    }
  }
  throw new Error('There is always an order');
}

function attemptsFor(old: Side, next: Side): Attempt[] {
  if (old.kind === 'table' && next.kind === 'table') {
    return [{ ids: hasIntegers(old) && hasIntegers(next) ? 'integer' : 'text' }];
  }
  if (old.kind === 'table' || next.kind === 'table') {
    const integers = hasIntegers(old) || hasIntegers(next);
    return integers ? [{ ids: 'integer' }, { ids: 'text' }] : [{ ids: 'text' }, { ids: 'integer' }];
  }
  return [{ ids: 'integer' }, { ids: 'text' }, { ids: 'text', sort: 'old' }, { ids: 'text', sort: 'next' }];
}

function hasIntegers(side: Side): boolean {
  return side.kind === 'table' && side.columns.source.kind === 'integer' && side.columns.target.kind === 'integer';
}

async function compare(
  old: Side,
  next: Side,
  { ids, sort }: Attempt,
  spool: string,
  effects: Effects,
): Promise<ChangeCounts> {
  return await withRows(old, ids, sort === 'old', effects, (oldRows, oldOrder) =>
    withRows(next, ids, sort === 'next', effects, async (nextRows, nextOrder) => {
      // A table of negative integers, which a file cannot hold, knows how these sort.
      const order = old.kind === 'table' ? oldOrder : nextOrder;
      const { result } = await writeFile(spool, effects, async (output) => {
        const changes = new ChangeWriter(output);
        await compareRelations(oldRows, withProgress(nextRows, 'Comparing', 'relations', effects), order, changes);
        return changes.counts;
      });
      return result;
    }),
  );
}

async function sideOf(target: Target, effects: Effects): Promise<Side> {
  if (target.kind === 'file') {
    return target;
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
  sort: boolean,
  effects: Effects,
  work: (rows: Rows, order: RowOrder) => Promise<T>,
): Promise<T> {
  if (side.kind === 'table') {
    const { withTableRows } = await import('../importer/compare-with-table.ts');
    return await withTableRows(side.table, side.columns, [ids], effects, work);
  }
  const { location } = side;
  const compareIds = comparisonOf(ids);
  const order = { ids, source: compareIds, target: compareIds };
  const rows = new CheckedReading({ location, name: location }, sort ? undefined : ids, effects).rows();
  return await work(sort ? sortedRows(rows, order) : rows, order);
}
