import { escapeId } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { withConnection } from '../mysql/connect.ts';
import type { IdOrder } from '../relation/id-order.ts';
import { compareBytes } from '../relation/id-order.ts';
import type { RelationBatch } from '../tsv/relation-batch.ts';
import { checkRelations, OtherOrder, type RelationsFile } from './check-relations.ts';
import type { RowOrder } from './compare.ts';
import type { RelationColumns } from './create-tables.ts';
import type { MysqlTable } from './import-table.ts';
import { readTable } from './read-table.ts';
import { type Comparison, spoolChanges } from './spool-changes.ts';
import { columnOrder } from './table-order.ts';

/**
 * Checks a relations file and compares it with a table, in one reading when the file is in the order that the table has by itself.
 *
 * @param columns `undefined` when there is no table yet
 * @param spool where the changes go; without it they are counted only
 */
export async function compareWithTable(
  file: RelationsFile,
  table: MysqlTable,
  columns: RelationColumns | undefined,
  spool: string | undefined,
  effects: Effects,
): Promise<Comparison> {
  const compare = async (orders: readonly IdOrder[]): Promise<Comparison> => {
    if (columns === undefined) {
      const order = { ids: undefined, source: compareBytes, target: compareBytes };
      return await spoolChanges(spool, noRows(), file, order, effects);
    }
    return await withTableRows(table, columns, orders, effects, (rows, order) =>
      spoolChanges(spool, rows, file, order, effects),
    );
  };
  try {
    return await compare(['text', 'integer']);
  } catch (error) {
    if (!(error instanceof OtherOrder)) {
      throw error;
    }
    return await compare((await checkRelations(file, effects)).orders);
  }
}

async function* noRows(): AsyncGenerator<RelationBatch> {}

/** The rows of a table in one of `orders`: one that the table has by itself if there is one. */
export async function withTableRows<T>(
  table: MysqlTable,
  columns: RelationColumns,
  orders: readonly IdOrder[],
  effects: Effects,
  work: (rows: AsyncIterable<RelationBatch>, order: RowOrder) => Promise<T>,
): Promise<T> {
  const possible = orders.map((ids) => ({
    ids,
    source: columnOrder(columns.source, ids),
    target: columnOrder(columns.target, ids),
  }));
  const cheapest = possible.find(({ source, target }) => source.native && target.native) ?? possible[0];
  if (cheapest === undefined) {
    throw new Error('The relations are in no order');
  }
  const { ids, source, target } = cheapest;
  const weight = escapeId(columns.weight.name, true);
  const sql = `SELECT ${source.select}, ${target.select}, ${weight} FROM ${escapeId(table.table, true)} ORDER BY ${source.orderBy}, ${target.orderBy}`;
  const order = { ids, source: source.compare, target: target.compare };
  return await withConnection(table.address, table.password, effects, (connection) =>
    work(readTable(connection, sql, { table: table.table, ...columns, order }, effects), order),
  );
}
