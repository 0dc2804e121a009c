import { type Connection, escapeId, type RowDataPacket } from 'mysql2/promise';
import { ExpectedFailure, errorCode } from '../failure.ts';
import { integerType } from '../mysql/binary-values.ts';
import { type Column, columnNamed, columnsOf } from '../mysql/columns.ts';
import type { Wire } from './view-rows.ts';
import { inWindow, type Since } from './window.ts';

/** The table of the views, its columns and which of its rows count. */
export interface ViewTable {
  readonly table: string;
  readonly pathColumn: string;
  readonly productColumn: string;
  /** A condition in SQL, used as it is. */
  readonly where?: string | undefined;
  readonly timeColumn?: string | undefined;
}

/** The statement that reads the views, and how the server will send its two columns. */
export interface ViewSelection {
  readonly sql: string;
  readonly pathWire: Wire;
  readonly productWire: Wire;
  readonly productColumn: Column;
}

/**
 * Looks the columns up and writes the statement.
 *
 * @throws ExpectedFailure when the table or a column does not exist or does not fit
 */
export async function selectViews(
  connection: Connection,
  views: ViewTable,
  since: Since | undefined,
): Promise<ViewSelection> {
  const columns = await columnsOf(connection, views.table);
  if (columns.length === 0) {
    await explainMissing(connection, views.table);
  }
  const column = (name: string): Column => columnNamed(columns, views.table, name);
  const path = column(views.pathColumn);
  const product = column(views.productColumn);
  const conditions: string[] = [];
  if (views.where !== undefined) {
    // The line end ends a comment that the condition may end with.
    conditions.push(`(${views.where}\n)`);
  }
  if (since !== undefined && views.timeColumn !== undefined) {
    const time = column(views.timeColumn);
    conditions.push(inWindow(time, quoted(time.name), since));
  }
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return {
    sql: `SELECT ${expressionOf(path)}, ${expressionOf(product)} FROM ${quoted(views.table)}${where}`,
    pathWire: wireOf(path),
    productWire: wireOf(product),
    productColumn: product,
  };
}

/** A name as an identifier; a dot is part of it. */
function quoted(name: string): string {
  return escapeId(name, true);
}

function expressionOf(column: Column): string {
  const name = quoted(column.name);
  switch (column.kind) {
    case 'integer':
    case 'text':
      return name;
    case 'binary':
      return `LOWER(HEX(${name}))`;
    case 'other':
      return `CAST(${name} AS CHAR)`;
  }
}

function wireOf(column: Column): Wire {
  return column.kind === 'integer' ? integerType(column) : 'text';
}

/** A table without columns is one that does not exist, or one that the user may not read: the server tells which. */
async function explainMissing(connection: Connection, table: string): Promise<never> {
  try {
    await connection.query(`SELECT * FROM ${quoted(table)} LIMIT 0`);
  } catch (error) {
    if (errorCode(error) !== 'ER_NO_SUCH_TABLE') {
      throw error;
    }
    const [rows] = await connection.query<RowDataPacket[]>(
      'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME LIMIT 20',
    );
    const names = rows.map((row) => String(row['name'])).join(', ');
    throw new ExpectedFailure(
      'configuration',
      `Cannot use table ${table}: the database has no such table, ${names === '' ? 'and none that the user may see' : `only ${names}`}`,
      { remedy: 'Name the table in the configuration or with --source-table.', cause: error },
    );
  }
  throw new Error(`The table ${table} can be read, but information_schema shows none of its columns`);
}
