import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { ServerKind } from '../importer/create-tables.ts';

/** How the server would read a table. */
export interface Plan {
  /** Whether it would read all rows, or a whole index. */
  readonly fullScan: boolean;
  readonly sorts: boolean;
  /** Rows that it expects to read. */
  readonly rows: number;
}

/** How the server would answer a query; the first table of it counts. */
export async function explain(
  connection: Connection,
  kind: ServerKind,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Plan> {
  // The format that both have; a variable of MySQL may make another one the default.
  const format = kind === 'mysql' ? 'FORMAT=TRADITIONAL ' : '';
  const [rows] = await connection.query<RowDataPacket[]>(`EXPLAIN ${format}${sql}`, [...values]);
  const [first] = rows;
  return {
    fullScan: /^(all|index)$/i.test(String(first?.['type'])),
    sorts: rows.some((row) => String(row['Extra']).includes('filesort')),
    rows: Number(first?.['rows'] ?? 0),
  };
}

/** The columns of each index of a table, in order and in lower case; `weight desc` for one in descending order. */
export async function indexesOf(connection: Connection, table: string): Promise<string[][]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT INDEX_NAME AS name, COLUMN_NAME AS field, COLLATION AS direction FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY INDEX_NAME, SEQ_IN_INDEX`,
    [table],
  );
  const indexes = new Map<string, string[]>();
  for (const row of rows) {
    const field = `${String(row['field']).toLowerCase()}${row['direction'] === 'D' ? ' desc' : ''}`;
    indexes.set(String(row['name']), [...(indexes.get(String(row['name'])) ?? []), field]);
  }
  return [...indexes.values()];
}

/** What a table takes, by the server's own estimate. */
export async function tableSize(
  connection: Connection,
  kind: ServerKind,
  table: string,
): Promise<{ readonly rows: number; readonly dataBytes: number; readonly bytes: number }> {
  if (kind === 'mysql') {
    // It would tell what it knew a day ago.
    await connection.query('SET SESSION information_schema_stats_expiry = 0');
  }
  const [[row]] = await connection.query<RowDataPacket[]>(
    `SELECT TABLE_ROWS AS rowCount, DATA_LENGTH AS data, INDEX_LENGTH AS indexes FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?`,
    [table],
  );
  const figure = (name: string): number => Number(row?.[name] ?? 0);
  return { rows: figure('rowCount'), dataBytes: figure('data'), bytes: figure('data') + figure('indexes') };
}
