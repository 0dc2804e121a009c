import { type Connection, escapeId, type RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { withConnection } from '../mysql/connect.ts';
import type { ListRow } from '../tsv/find-list.ts';
import { columnsOfTable } from './columns-of-table.ts';
import type { IdColumn, RelationColumns } from './create-tables.ts';
import type { MysqlTable } from './import-table.ts';
import { comparable } from './statements.ts';
import { type ColumnOrder, columnOrder } from './table-order.ts';

/** Of so many relations before a source that is not there, and behind it, the sources may be meant: to look at all would read all of the index. */
const around = 20_000;

/**
 * The lists of some sources in a table.
 *
 * @param others told other sources when one is not there: the nearest in the order of the table
 * @returns a list for each source, empty for one that has none; rows in the order of the table's targets
 * @throws ExpectedFailure when there is no such table or it cannot be read
 */
export async function readListsOfTable(
  table: MysqlTable,
  sources: readonly string[],
  others: (source: string) => void,
  effects: Effects,
): Promise<Map<string, ListRow[]>> {
  const lists = new Map<string, ListRow[]>();
  return await withConnection(table.address, table.password, effects, async (connection) => {
    const columns = await columnsOfTable(connection, table, effects);
    for (const source of sources) {
      lists.set(source, await readList(connection, table.table, columns, source));
    }
    for (const source of sources.filter((source) => lists.get(source)?.length === 0)) {
      const near = await sourcesAround(connection, table.table, columns.source, source);
      near.filter((source) => !lists.has(source)).forEach(others);
    }
    return lists;
  });
}

async function readList(
  connection: Connection,
  table: string,
  columns: RelationColumns,
  source: string,
): Promise<ListRow[]> {
  const value = idValue(columns.source, source);
  if (value === undefined) {
    return [];
  }
  const target = idOf(columns.target);
  const { select } = idOf(columns.source);
  const sql = `SELECT ${select}, ${target.select}, ${escapeId(columns.weight.name, true)} FROM ${escapeId(table, true)}
    WHERE ${escapeId(columns.source.name, true)} = ${comparable(columns.source, '?')} ORDER BY ${target.orderBy}`;
  // A column may take other ids for equal to this one.
  return (await rowsOf(connection, sql, [value]))
    .filter(([id]) => String(id) === source)
    .map(([, target, weight]) => ({ target: String(target), weight: Number(weight) }));
}

async function sourcesAround(connection: Connection, table: string, column: IdColumn, id: string): Promise<string[]> {
  const { select } = idOf(column);
  const name = escapeId(column.name, true);
  const [place, values] = placeOf(column, id);
  // Not the sources of a GROUP BY with a limit: backwards, servers sort all of them first.
  const sql = (side: string): string =>
    `SELECT DISTINCT ${select} FROM (SELECT ${name} FROM ${escapeId(table, true)} WHERE ${name} ${side} LIMIT ${around}) near`;
  const rows = [
    ...(await rowsOf(connection, sql(`< ${place} ORDER BY ${name} DESC`), values)),
    ...(await rowsOf(connection, sql(`>= ${place} ORDER BY ${name}`), values)),
  ];
  return rows.map(([source]) => String(source));
}

/** Where an id would be in its column; one that the column cannot hold would be where what is left of it is. */
function placeOf(column: IdColumn, id: string): [place: string, values: (string | Buffer)[]] {
  switch (column.kind) {
    case 'integer':
      // A number, not a text: servers know what to do with one that no row can have.
      return [id.replaceAll(/\D/g, '').slice(0, 20) || '0', []];
    case 'binary':
      return ['?', [Buffer.from(id.toLowerCase().replaceAll(/[^0-9a-f]/g, ''), 'hex')]];
    case 'text':
      return [comparable(column, '?'), [id]];
  }
}

async function rowsOf(
  connection: Connection,
  sql: string,
  values: readonly (string | Buffer)[],
): Promise<RowDataPacket[][]> {
  const [rows] = await connection.query<RowDataPacket[][]>({ sql, values: [...values], rowsAsArray: true });
  return rows;
}

function idOf(column: IdColumn): ColumnOrder {
  if (column.kind !== 'integer') {
    return columnOrder(column, 'text');
  }
  const order = columnOrder(column, 'integer');
  // Adding 0 takes the leading zeros of ZEROFILL away.
  return { ...order, select: `${order.select} + 0` };
}

/** An id as its column holds it; `undefined` when the column cannot hold it, where the server would compare with something else. */
function idValue({ kind }: IdColumn, id: string): string | Buffer | undefined {
  switch (kind) {
    case 'integer':
      return /^-?\d+$/.test(id) ? id : undefined;
    case 'binary':
      return /^(?:[0-9a-f]{2})+$/.test(id) ? Buffer.from(id, 'hex') : undefined;
    case 'text':
      return id;
  }
}
