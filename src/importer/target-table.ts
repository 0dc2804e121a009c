import { type Connection, escapeId, type RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode } from '../failure.ts';
import { type Column, columnNamed, columnsOf } from '../mysql/columns.ts';
import { isDenied } from '../mysql/mysql-failure.ts';
import { checkCharacters } from './check-characters.ts';
import { checkCollisions } from './check-collisions.ts';
import { checkFit } from './check-fit.ts';
import type { CheckedRelations } from './check-relations.ts';
import {
  type IdColumn,
  newColumns,
  type RelationColumns,
  type ServerKind,
  type TableNames,
  tableDdl,
  unfinishedTableDdl,
} from './create-tables.ts';

/**
 * Looks the target table up.
 *
 * @returns `undefined` when there is none
 * @throws ExpectedFailure `configuration` when it lacks a column or the unique key, or a column has a type that does not do
 */
export async function existingTable(
  connection: Connection,
  names: TableNames,
  effects: Effects,
): Promise<RelationColumns | undefined> {
  const all = await columnsOf(connection, names.table);
  if (all.length === 0) {
    return undefined;
  }
  const columns = {
    source: idColumnNamed(all, names.table, names.sourceColumn),
    target: idColumnNamed(all, names.table, names.targetColumn),
    weight: columnNamed(all, names.table, names.weightColumn),
  };
  await checkTable(connection, names.table, columns, effects);
  return columns;
}

/**
 * Makes sure that the relations fit a table that exists.
 *
 * @throws ExpectedFailure `badData` when they do not
 */
export async function checkRelationsFit(
  connection: Connection,
  relations: CheckedRelations,
  table: string,
  columns: RelationColumns,
  effects: Effects,
): Promise<void> {
  checkFit(relations, table, columns);
  await checkCharacters(connection, relations, table, columns);
  await checkCollisions(connection, relations, table, columns, effects);
}

/**
 * The columns of the table that is to be created.
 *
 * @param product the source's product column, whose type the ids take
 * @throws ExpectedFailure `badData` when the relations do not fit them
 */
export async function plannedColumns(
  connection: Connection,
  names: TableNames,
  relations: CheckedRelations,
  product: Column | undefined,
): Promise<RelationColumns> {
  const columns = newColumns(names, product, relations.ids, await serverKind(connection));
  checkFit(relations, names.table, columns);
  return columns;
}

/**
 * The named column of `columns` as a column of ids.
 *
 * @throws ExpectedFailure `configuration` when there is none, or when it would round, reformat or refuse ids
 */
export function idColumnNamed(columns: readonly Column[], table: string, name: string): IdColumn {
  const column = columnNamed(columns, table, name);
  const { kind } = column;
  if (kind === 'other') {
    throw new ExpectedFailure(
      'configuration',
      `Cannot use table ${table}: column ${column.name} is ${column.type}, which cannot hold ids exactly`,
      { remedy: 'Give both id columns an integer type, CHAR, VARCHAR, BINARY or VARBINARY (ALTER TABLE … MODIFY).' },
    );
  }
  return { ...column, kind };
}

/**
 * Creates the table; without the index that the storefront reads if the user may add it later, once the rows are there.
 *
 * @throws ExpectedFailure `noPermission` with the DDL when the user may not
 */
export async function createTable(connection: Connection, table: string, columns: RelationColumns): Promise<void> {
  try {
    const ddl = (await mayAlter(connection, table)) ? unfinishedTableDdl(table, columns) : tableDdl(table, columns);
    await connection.query(ddl);
  } catch (error) {
    if (!isDenied(error)) {
      throw error;
    }
    throw new ExpectedFailure(
      'noPermission',
      `Cannot create table ${table}: the user may not, or may not see that it exists`,
      {
        remedy: `Let somebody create it, and only then grant SELECT, INSERT, UPDATE and DELETE on it:\n${tableDdl(table, columns)};`,
        cause: error,
      },
    );
  }
}

/** Whether the user may alter a table that does not exist: the server looks at the rights first. */
async function mayAlter(connection: Connection, table: string): Promise<boolean> {
  try {
    await connection.query(`ALTER TABLE ${escapeId(table, true)} COMMENT=''`);
    return true;
  } catch (error) {
    if (isDenied(error)) {
      return false;
    }
    if (errorCode(error) === 'ER_NO_SUCH_TABLE') {
      return true;
    }
    throw error;
  }
}

async function checkTable(
  connection: Connection,
  table: string,
  { source, target, weight }: RelationColumns,
  effects: Effects,
): Promise<void> {
  const [[found]] = await connection.query<RowDataPacket[]>(
    'SELECT TABLE_TYPE AS type, ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?',
    [table],
  );
  if (found?.['type'] === 'VIEW') {
    throw new ExpectedFailure('configuration', `Cannot use table ${table}: it is a view`, {
      remedy: 'Name the table behind it with --target-table.',
    });
  }
  if (weight.kind !== 'integer') {
    throw new ExpectedFailure(
      'configuration',
      `Cannot use table ${table}: weights are integers, and column ${weight.name} is ${weight.type}`,
      {
        remedy: `ALTER TABLE ${escapeId(table, true)} MODIFY ${escapeId(weight.name, true)} INT UNSIGNED NOT NULL;`,
      },
    );
  }
  const wanted = [source.name, target.name].sort().join();
  const keys = await uniqueKeys(connection, table);
  if (!keys.some((key) => [...key].sort().join() === wanted)) {
    const columns = [source, target].map(({ name }) => escapeId(name, true)).join(', ');
    throw new ExpectedFailure('configuration', `Cannot use table ${table}: it has no unique key over (${columns})`, {
      remedy: `ALTER TABLE ${escapeId(table, true)} ADD UNIQUE KEY (${columns});`,
    });
  }
  // MariaDB takes values for such a column without a word and keeps its own.
  const [[generated]] = await connection.query<RowDataPacket[]>(
    `SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?
     AND COLUMN_NAME IN (?) AND EXTRA REGEXP '(VIRTUAL|STORED) GENERATED'`,
    [table, [source.name, target.name, weight.name]],
  );
  if (generated !== undefined) {
    throw new ExpectedFailure(
      'configuration',
      `Cannot use table ${table}: column ${generated['name']} is generated, and the job is to write it`,
      { remedy: 'Name columns that are not generated in the configuration or with the column options.' },
    );
  }
  const engine = String(found?.['engine']);
  if (engine.toLowerCase() !== 'innodb') {
    effects.log.warn(
      `Table ${table} is of engine ${engine}, not InnoDB: readers may see a list half old and half new`,
      { engine },
    );
  }
}

/** The columns of each unique key that covers whole values. */
async function uniqueKeys(connection: Connection, table: string): Promise<string[][]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT INDEX_NAME AS name, COLUMN_NAME AS field, SUB_PART AS part FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND NON_UNIQUE = 0`,
    [table],
  );
  const keys = new Map<string, string[]>();
  for (const row of rows) {
    const column = row['part'] === null ? String(row['field']) : '';
    keys.set(String(row['name']), [...(keys.get(String(row['name'])) ?? []), column]);
  }
  return [...keys.values()];
}

/** Which of the two servers it is. */
export async function serverKind(connection: Connection): Promise<ServerKind> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
  return /mariadb/i.test(String(rows[0]?.['version'])) ? 'mariadb' : 'mysql';
}
