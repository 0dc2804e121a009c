import type { Effects } from '../effects.ts';
import { withConnection } from '../mysql/connect.ts';
import type { RelationBatch } from '../tsv/relation-batch.ts';
import { columnsOfTable } from './columns-of-table.ts';
import { withTableRows } from './compare-with-table.ts';
import type { MysqlTable } from './import-table.ts';

/**
 * All rows of a table, in the order of its own ids.
 *
 * @throws ExpectedFailure when there is no such table or it cannot be read
 */
export async function readTableRows<T>(
  table: MysqlTable,
  effects: Effects,
  work: (rows: AsyncIterable<RelationBatch>) => Promise<T>,
): Promise<T> {
  const columns = await withConnection(table.address, table.password, effects, (connection) =>
    columnsOfTable(connection, table, effects),
  );
  return await withTableRows(table, columns, ['text', 'integer'], effects, work);
}
