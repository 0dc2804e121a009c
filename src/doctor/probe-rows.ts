import { type Connection, escapeId, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import type { IdColumn, RelationColumns } from '../importer/create-tables.ts';
import type { Report } from './report.ts';

/**
 * Writes a row, changes it, deletes it, and rolls all that back. The row relates a product to itself, which no row of the table does; its locks
 * are held for some milliseconds.
 */
export async function probeRows(
  report: Report,
  connection: Connection,
  table: string,
  { source, target, weight }: RelationColumns,
): Promise<void> {
  const [[row]] = await connection.query<RowDataPacket[]>(
    `SELECT SUPPORT AS support FROM information_schema.ENGINES AS e JOIN information_schema.TABLES AS t ON t.ENGINE = e.ENGINE
     WHERE e.TRANSACTIONS = 'YES' AND t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = ?`,
    [table],
  );
  if (row === undefined) {
    report.warning(
      `nothing was written to ${table}: its engine has no transactions, so that it could not be taken back`,
    );
    return;
  }
  const [name, from, to, count] = [table, source.name, target.name, weight.name].map((each) => escapeId(each, true));
  const key = [someId(source), someId(target)];
  const one = `WHERE ${from} = ? AND ${to} = ?`;
  await connection.query('START TRANSACTION');
  try {
    await connection.query(`INSERT INTO ${name} (${from}, ${to}, ${count}) VALUES (?, ?, 1)`, key);
    await connection.query(`UPDATE ${name} SET ${count} = 2 ${one}`, key);
    const [deleted] = await connection.query<ResultSetHeader>(`DELETE FROM ${name} ${one}`, key);
    report.ok(`wrote, changed and deleted ${deleted.affectedRows} row of ${table}, and rolled that back`);
  } finally {
    await connection.query('ROLLBACK');
  }
}

/** An id that every column of its type holds. */
export function someId({ kind, dataType }: IdColumn): number | string | Buffer {
  switch (kind) {
    case 'integer':
      return 0;
    case 'binary':
      return Buffer.from([0]);
    case 'text':
      return dataType === 'uuid' ? '00000000-0000-0000-0000-000000000000' : '0';
  }
}
