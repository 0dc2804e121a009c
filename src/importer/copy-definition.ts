import { type Connection, escapeId, type RowDataPacket } from 'mysql2/promise';
import { cannotSwap } from './check-swap.ts';

/**
 * Creates an empty table with the whole definition of another one: columns, keys, constraints, options, partitions, comments. LIKE alone
 * leaves out the counter of AUTO_INCREMENT, on MySQL the names that somebody gave to CHECK constraints, and folders of data: what has such
 * is not copied.
 *
 * @throws ExpectedFailure `configuration` when the copy would not be the same; the error of the server
 */
export async function copyDefinition(connection: Connection, table: string, copy: string): Promise<void> {
  await connection.query(`CREATE TABLE ${escapeId(copy, true)} LIKE ${escapeId(table, true)}`);
  const [, counter] = counterOption.exec(await definitionOf(connection, table)) ?? [];
  if (counter !== undefined) {
    await connection.query(`ALTER TABLE ${escapeId(copy, true)} AUTO_INCREMENT = ${counter}`);
  }
  await checkDefinition(connection, table, copy);
}

/**
 * Makes sure that `copy` is defined as `table` is. The counter of AUTO_INCREMENT may differ, which moves with the rows.
 *
 * @throws ExpectedFailure `configuration` with the first line that differs
 */
export async function checkDefinition(connection: Connection, table: string, copy: string): Promise<void> {
  const lost = await difference(connection, table, copy);
  if (lost !== undefined) {
    throw cannotSwap(table, `a copy of it would not be the same (${lost})`);
  }
}

/** The first line of the definition of `table` that is not the same in that of `copy`, which has a name of its own kind (create-tables.ts). */
export async function difference(connection: Connection, table: string, copy: string): Promise<string | undefined> {
  const ddl = await definitionOf(connection, table);
  const wanted = withoutCounter(ddl).split('\n');
  // The servers name constraints after their table, and rename them with it. With lower_case_table_names they spell it in their own way.
  const [, name = ''] = /^CREATE TABLE `?(.+?)`? \($/m.exec(ddl) ?? [];
  const copied = withoutCounter(await definitionOf(connection, copy))
    .replaceAll(copy, () => name)
    .split('\n');
  const at = wanted.findIndex((line, place) => line !== copied[place]);
  return at < 0 && wanted.length === copied.length ? undefined : (wanted.at(at) ?? '').trim();
}

/** A secondary index of a table. */
export interface Index {
  /** As SQL quotes it. */
  readonly name: string;
  /** What CREATE TABLE and ADD take. */
  readonly clause: string;
}

/** The indexes without which an empty table may be filled: those that are not unique, unless a counter needs one. */
export async function indexesOf(connection: Connection, table: string): Promise<Index[]> {
  const ddl = await definitionOf(connection, table);
  if (counterOption.test(ddl)) {
    return [];
  }
  return [...ddl.matchAll(/^ {2}(KEY (`(?:[^`]|``)+`) .*?),?$/gm)].map(([, clause = '', name = '']) => ({
    name,
    clause,
  }));
}

/** In the line of the options, which follows those of columns and keys. Comments have no line breaks there. */
const counterOption = /^\) .*?\bENGINE=\S+ AUTO_INCREMENT=(\d+)/m;

function withoutCounter(ddl: string): string {
  return ddl.replace(counterOption, (options) => options.replace(/ AUTO_INCREMENT=\d+$/, ''));
}

async function definitionOf(connection: Connection, table: string): Promise<string> {
  const [[row]] = await connection.query<RowDataPacket[]>(`SHOW CREATE TABLE ${escapeId(table, true)}`);
  return String(row?.['Create Table']);
}
