import type { Connection } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { describeAddress } from '../mysql/address.ts';
import type { RelationColumns } from './create-tables.ts';
import type { MysqlTable } from './import-table.ts';
import { existingTable } from './target-table.ts';

/**
 * The columns of a table that is to be read.
 *
 * @throws ExpectedFailure `configuration` when there is no such table, or it is not one of relations
 */
export async function columnsOfTable(
  connection: Connection,
  table: MysqlTable,
  effects: Effects,
): Promise<RelationColumns> {
  const columns = await existingTable(connection, table, effects);
  if (columns === undefined) {
    throw new ExpectedFailure(
      'configuration',
      `Cannot read table ${table.table} of ${describeAddress(table.address)}: it does not exist`,
      { remedy: 'Name the table of the relations with --target-table.' },
    );
  }
  return columns;
}
