import { type Connection, escapeId, type RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode, messageOf } from '../failure.ts';
import { isDenied } from '../mysql/mysql-failure.ts';
import { buildIndex } from './build-index.ts';
import type { CheckedRelations } from './check-relations.ts';
import { cannotSwap, lacksRights, triggerOf } from './check-swap.ts';
import { checkDefinition, copyDefinition, difference, indexesOf } from './copy-definition.ts';
import { type RelationColumns, swapTables } from './create-tables.ts';
import { fillTable, type WriteOptions } from './fill-table.ts';
import { isPassingLock, type Writer } from './writers.ts';

/** How long, in seconds, RENAME waits for those who read the table: whoever comes to read meanwhile waits behind it. */
const renameWait = 1;

/** How often it is tried, and the milliseconds before the second time; each pause is twice the one before. */
const attempts = 4;
const firstPause = 1_000;

/** What DROP says of a table that another one refers to; MariaDB and MySQL. */
const referenced = ['ER_ROW_IS_REFERENCED_2', 'ER_FK_CANNOT_DROP_PARENT'];

/** What the table of runs says of the run. */
export interface RecordedRun {
  readonly record: (writer: Writer, state: 'publishing' | 'published') => Promise<void>;
  readonly withdraw: (writer: Writer) => Promise<void>;
}

/**
 * Fills a new table with the relations of a file and exchanges it for the old one, which is dropped.
 *
 * RENAME commits by itself, so that the run is recorded around it: `publishing` before and `published` after, or withdrawn where the old table
 * stays. A publisher that dies in between leaves a table that holds its rows while its row says `publishing`: the next one calls it
 * `partial`, which is safe, as it compares with what is there.
 *
 * @returns whether it was exchanged; `false` when somebody read the old table all the time, which then is as it was
 * @throws ExpectedFailure `configuration` when something else depends on the old table, `tryLater` when that was altered meanwhile,
 *   `noPermission`; the error of the server. The old table
 *   is in its place then
 */
export async function swapTable(
  writers: readonly [Writer, ...Writer[]],
  table: string,
  columns: RelationColumns,
  relations: CheckedRelations,
  run: RecordedRun,
  options: WriteOptions,
  effects: Effects,
): Promise<boolean> {
  const [first] = writers;
  const { connection } = first;
  const { fresh } = swapTables(table);
  let exchanged = false;
  try {
    await dropSwapTables(connection, table);
    await copyDefinition(connection, table, fresh);
    effects.log.debug(`Created table ${fresh}, which is to take the place of ${table}`);
    const indexes = await indexesOf(connection, fresh);
    await alter(
      first,
      fresh,
      indexes.map(({ name }) => `DROP KEY ${name}`),
    );
    await fillTable(writers, fresh, columns, relations, async () => {}, options, effects);
    await alter(
      first,
      fresh,
      indexes.map(({ clause }) => `ADD ${clause}`),
    );
    await checkDefinition(connection, table, fresh);
    // Otherwise the first readers would be answered by what was known of an empty table.
    await connection.query(`ANALYZE TABLE ${escapeId(fresh, true)}`);
    effects.log.debug(`Filled table ${fresh}`);
    exchanged = await exchange(first, table, run, effects);
  } catch (error) {
    throw isDenied(error) ? lacksRights(table, messageOf(error), error) : error;
  } finally {
    if (!exchanged) {
      // A connection that is lost leaves it to the next publication.
      await connection.query(`DROP TABLE IF EXISTS ${escapeId(fresh, true)}`).catch(() => {});
    }
  }
  if (exchanged) {
    await first.transaction(() => run.record(first, 'published'));
    effects.log.info(`Exchanged table ${table} for a new one`);
  }
  return exchanged;
}

/**
 * Drops what a publication that was cut off has left.
 *
 * @param connection of one who holds the lock of `table`
 */
export async function dropLeftovers(connection: Connection, table: string, effects: Effects): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (?)',
    [Object.values(swapTables(table))],
  );
  if (rows.length === 0) {
    return;
  }
  const names = rows.map(({ name }) => String(name)).join(', ');
  try {
    await dropSwapTables(connection, table);
    effects.log.info(`Dropped ${names}, left by a publication that was cut off`);
  } catch (error) {
    if (!isDenied(error)) {
      throw error;
    }
    effects.log.warn(`Cannot drop ${names}, left by a publication that was cut off: ${messageOf(error)}`);
  }
}

/** Also where there are none: a user who may create tables and not drop them is found out before one is there. */
async function dropSwapTables(connection: Connection, table: string): Promise<void> {
  const { fresh, retired } = swapTables(table);
  await connection.query(`DROP TABLE IF EXISTS ${escapeId(fresh, true)}, ${escapeId(retired, true)}`);
}

async function alter(writer: Writer, table: string, clauses: readonly string[]): Promise<void> {
  if (clauses.length > 0) {
    await buildIndex(writer, `ALTER TABLE ${escapeId(table, true)} ${clauses.join(', ')}`);
  }
}

/** @returns `false` when the old table was in use whenever it was tried */
async function exchange(writer: Writer, table: string, run: RecordedRun, effects: Effects): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    // This also makes sure that the lock is still held.
    await writer.transaction(() => run.record(writer, 'publishing'));
    if (await renamed(writer, table, run)) {
      return true;
    }
    const inUse = `Cannot exchange table ${table} while a transaction that has read it is open`;
    if (attempt === attempts) {
      effects.log.warn(`${inUse}: merging the changes into it instead`, { attempts });
      return false;
    }
    const pause = firstPause * 2 ** (attempt - 1);
    effects.log.info(`${inUse}; trying again in ${pause / 1_000} s, ${attempt} of ${attempts - 1} times`, { attempt });
    await effects.pause(pause, effects.signal);
  }
}

/** Exchanges the tables and drops the old one. @returns `false` when the old one is in use */
async function renamed(writer: Writer, table: string, { withdraw }: RecordedRun): Promise<boolean> {
  const { connection } = writer;
  const { fresh, retired } = swapTables(table);
  const rename = (...pairs: readonly (readonly [from: string, to: string])[]): Promise<unknown> =>
    connection.query(
      `RENAME TABLE ${pairs.map(([from, to]) => `${escapeId(from, true)} TO ${escapeId(to, true)}`).join(', ')}`,
    );
  await connection.query(`SET SESSION lock_wait_timeout = ${renameWait}`);
  try {
    await rename([table, retired], [fresh, table]);
  } catch (error) {
    // When the connection is lost, it is not known whether the tables were exchanged, nor can this be said.
    await withdraw(writer).catch(() => {});
    if (!isPassingLock(error)) {
      throw error;
    }
    return false;
  } finally {
    // What comes next may wait as long as ever. When the connection is lost, that says so.
    await connection.query('SET SESSION lock_wait_timeout = DEFAULT').catch(() => {});
  }
  const takeBack = async (): Promise<void> => {
    await rename([table, fresh], [retired, table]);
    await withdraw(writer).catch(() => {});
  };
  // Only now can nobody change the old table any more: ALTER TABLE and CREATE TRIGGER wait for the same readers, and may come first.
  const changed = (await difference(connection, table, retired)) ?? (await triggerOf(connection, retired));
  if (changed !== undefined) {
    await takeBack();
    throw new ExpectedFailure('tryLater', `Cannot swap table ${table}: its definition has changed meanwhile`, {
      remedy: 'Run the same command again. Nothing was published.',
    });
  }
  try {
    await connection.query(`DROP TABLE ${escapeId(retired, true)}`);
  } catch (error) {
    if (!referenced.includes(errorCode(error) ?? '')) {
      throw error;
    }
    // A key of a table that this user may not see went along with the old table, and comes back with it.
    await takeBack();
    throw cannotSwap(table, `a foreign key ties it to another table: ${messageOf(error)}`, error);
  }
  return true;
}
