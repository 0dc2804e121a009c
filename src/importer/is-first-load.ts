import { type Connection, escapeId, type RowDataPacket } from 'mysql2/promise';
import { columnsOf } from '../mysql/columns.ts';
import { runsTable } from './create-tables.ts';

/**
 * Whether a table holds a part of its first load and nothing else: no run was ever published to the end, and those that were cut off only
 * added. What it holds says nothing about the next publication then.
 */
export async function isFirstLoad(connection: Connection, table: string): Promise<boolean> {
  const runs = runsTable(table);
  if ((await columnsOf(connection, runs)).length === 0) {
    return false;
  }
  const [[row]] = await connection.query<RowDataPacket[]>(
    `SELECT COUNT(*) AS runs, COALESCE(SUM(state = 'published' OR changed > 0 OR removed > 0), 0) AS others FROM ${escapeId(runs, true)}`,
  );
  return Number(row?.['runs']) > 0 && Number(row?.['others']) === 0;
}
