import { type Connection, escapeId, type RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { withConnection } from '../mysql/connect.ts';
import type { ListRow } from '../tsv/find-list.ts';
import { columnsOfTable } from './columns-of-table.ts';
import type { IdColumn, RelationColumns } from './create-tables.ts';
import type { MysqlTable } from './import-table.ts';
import { columnOrder } from './table-order.ts';

/**
 * The lists of some sources in a table.
 *
 * @param others told every other source of the table when one of them is not there
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
    if ([...lists.values()].some((list) => list.length === 0)) {
      const { select } = idOf(columns.source);
      const sql = `SELECT DISTINCT ${select} FROM ${escapeId(table.table, true)}`;
      const all = (await rowsOf(connection, sql, [])).map(([source]) => String(source));
      all.filter((source) => !lists.has(source)).forEach(others);
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
    WHERE ${escapeId(columns.source.name, true)} = ? ORDER BY ${target.orderBy}`;
  // A column may take other ids for equal to this one.
  return (await rowsOf(connection, sql, [value]))
    .filter(([id]) => String(id) === source)
    .map(([, target, weight]) => ({ target: String(target), weight: Number(weight) }));
}

async function rowsOf(
  connection: Connection,
  sql: string,
  values: readonly (string | Buffer)[],
): Promise<RowDataPacket[][]> {
  const [rows] = await connection.query<RowDataPacket[][]>({ sql, values: [...values], rowsAsArray: true });
  return rows;
}

function idOf(column: IdColumn): ReturnType<typeof columnOrder> {
  return columnOrder(column, column.kind === 'integer' ? 'integer' : 'text');
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
