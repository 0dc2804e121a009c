import { type Connection, escapeId, type RowDataPacket } from 'mysql2/promise';
import { columnsOf } from '../mysql/columns.ts';
import { runsTable } from './create-tables.ts';

/**
 * Whether a table holds a part of its first load and nothing else: no run was ever published to the end, those that were cut off only
 * added, and the oldest of them all of its relations, so that nothing was there before. What the table holds says nothing about the next
 * publication then.
 */
export async function isFirstLoad(connection: Connection, table: string): Promise<boolean> {
  const runs = runsTable(table);
  if ((await columnsOf(connection, runs)).length === 0) {
    return false;
  }
  const name = escapeId(runs, true);
  const [[row]] = await connection.query<RowDataPacket[]>(
    `SELECT SUM(state = 'published' OR changed > 0 OR removed > 0) AS others,
       (SELECT added = relations FROM ${name} ORDER BY started_at, run_id LIMIT 1) AS fromNothing FROM ${name}`,
  );
  return Number(row?.['fromNothing']) === 1 && Number(row?.['others']) === 0;
}
