import { escapeId, type RowDataPacket } from 'mysql2/promise';
import { type Effects, silentLog } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { describeAddress, type MysqlAddress } from '../mysql/address.ts';
import type { Column } from '../mysql/columns.ts';
import { withConnection } from '../mysql/connect.ts';
import { mysqlFailure } from '../mysql/mysql-failure.ts';
import type { RelationsFile } from './check-relations.ts';
import { checkSwap } from './check-swap.ts';
import { compareWithTable, withTableRows } from './compare-with-table.ts';
import type { RelationColumns, TableNames } from './create-tables.ts';
import { pastOf, type TargetPast } from './past-of-table.ts';
import { type ImportRun, type Provenance, prepareProvenance } from './provenance.ts';
import { publishToTable } from './publish-to-table.ts';
import type { Comparison } from './spool-changes.ts';
import { dropLeftovers } from './swap-table.ts';
import { checkRelationsFit, existingTable, plannedColumns } from './target-table.ts';
import { differenceFrom } from './verify-relations.ts';
import { type Writer, withWriters } from './writers.ts';

/** How long, in milliseconds, a job that was told to stop waits for the server to notice that its connections are gone. */
const goneMs = 3000;

/** What that may take in all, in milliseconds: who sent the signal expects an end within 5 s. */
const tidyingMs = 4000;

/** How long a job whose connection is gone tries, in milliseconds, to say in the table of runs that no more of its run will come. */
const markingMs = 2000;

/** A table that holds relations, and how to get there. */
export interface MysqlTable extends TableNames {
  readonly address: MysqlAddress;
  readonly password: string | undefined;
}

export interface ImportTableOptions {
  /** The source's product column, whose type a new table takes. */
  readonly idColumn?: Column | undefined;
  readonly run: ImportRun;
  /** Called between the comparison and the first change; throws when nothing may be written. */
  readonly judge: (comparison: Comparison, past: TargetPast) => void;
  /** Whether the changes are wanted for themselves; those of a first load are not needed to apply them. */
  readonly keepChanges: boolean;
  /** Milliseconds to wait for another import that holds the table's lock; none unless given. */
  readonly wait?: number | undefined;
  /** Ends before anything is written. */
  readonly dryRun?: boolean | undefined;
  /** Fills a new table that takes the place of the old one, instead of merging the changes into that. */
  readonly swap?: boolean | undefined;
  /** Reads the table again in the end and compares its digest with the file's. */
  readonly verify?: boolean | undefined;
  /** Rows of a transaction, beyond which it ends with its last source. */
  readonly batchRows?: number | undefined;
  /** Rows written in a second at most. */
  readonly maxRowsPerSecond?: number | undefined;
}

/**
 * Makes a table equal to a relations file: looks the table up, checks the file and compares it with the table, applies the changes, or
 * creates the table and loads it.
 *
 * @param spool where the changes go
 * @throws ExpectedFailure `tryLater` when another import holds the table's lock, and whatever stops a stage; the table then holds the old or
 *   the new list of every source, and the next import finishes the work
 */
export async function importTable(
  file: RelationsFile,
  table: MysqlTable,
  spool: string,
  options: ImportTableOptions,
  effects: Effects,
): Promise<Comparison> {
  const { address, password } = table;
  if (options.dryRun === true) {
    // Not one connection for both: it would be silent while the comparison lasts, for longer than the server may wait.
    const columns = await withConnection(address, password, effects, (connection) =>
      usableTable(connection, table, options, effects),
    );
    const comparison = await compareWithTable(file, table, columns, spool, effects);
    await withConnection(address, password, effects, async (connection) => {
      await fits(connection, comparison, table, columns, options, effects);
      options.judge(comparison, await pastOf(connection, table.table));
    });
    return comparison;
  }
  const publish = async (writers: readonly [Writer, ...Writer[]]): Promise<Comparison> => {
    const [{ connection }] = writers;
    await dropLeftovers(connection, table.table, effects);
    const existing = await usableTable(connection, table, options, effects);
    const empty = existing === undefined || (await isEmpty(writers[0], table.table));
    const spooled = empty && !options.keepChanges ? undefined : spool;
    const comparison = await compareWithTable(file, table, existing, spooled, effects);
    const columns = await fits(connection, comparison, table, existing, options, effects);
    options.judge(comparison, await pastOf(connection, table.table));
    const provenance = await prepareProvenance(connection, table.table, options.run, effects);
    try {
      await publishToTable(
        writers,
        { ...table, columns, exists: existing !== undefined, empty },
        comparison,
        provenance,
        options,
        effects,
      );
    } catch (error) {
      await provenance?.markPartial(connection, 'publishing').catch(() => markWithAnother(provenance, table, effects));
      effects.signal.throwIfAborted();
      throw mysqlFailure(`Cannot publish to table ${table.table} of ${describeAddress(address)}`, error);
    }
    if (options.verify === true) {
      const { relations } = comparison;
      const difference = await withTableRows(table, columns, relations.orders, effects, (rows) =>
        differenceFrom(relations, rows, `table ${table.table}`, effects),
      );
      if (difference !== undefined) {
        await provenance?.markPartial(connection, 'published').catch(() => {});
        throw difference;
      }
      effects.log.info(`Verified: table ${table.table} holds the relations with sha256 ${relations.sha256}`);
    }
    return comparison;
  };
  try {
    return await withWriters(address, password, table.table, effects, publish, options.wait);
  } catch (error) {
    if (options.swap === true && (effects.signal.aborted || isUnavailable(error))) {
      await tidyUp(table, effects);
    }
    throw error;
  }
}

/**
 * Marks the run as `partial`, if it wrote anything, by another connection: those of a job that was told to stop are gone, and an
 * administrator may end one.
 */
async function markWithAnother(
  provenance: Provenance,
  { address, password }: MysqlTable,
  effects: Effects,
): Promise<void> {
  const unstopped = { ...effects, signal: AbortSignal.timeout(markingMs), log: silentLog };
  // Where the server is away, the next publication does it.
  await withConnection(address, password, unstopped, (connection) =>
    provenance.markPartial(connection, 'publishing'),
  ).catch(() => {});
}

/** Drops the table that a swap was filling when it was told to stop, or lost a connection. That is gone, and its lock a moment later. */
async function tidyUp({ address: usual, password, table }: MysqlTable, effects: Effects): Promise<void> {
  // A job that was told to stop does not wait for a server that is away.
  const address = { ...usual, connectTimeout: goneMs };
  const unstopped = { ...effects, signal: AbortSignal.timeout(tidyingMs) };
  const drop = ([{ connection }]: readonly [Writer, ...Writer[]]): Promise<void> =>
    dropLeftovers(connection, table, unstopped);
  // What goes wrong here is no news to somebody who knows that the job broke off; the next publication does it then.
  await withWriters(address, password, table, unstopped, drop, goneMs).catch(() => {});
}

function isUnavailable(error: unknown): boolean {
  return error instanceof ExpectedFailure && error.kind === 'unavailable';
}

/** Looks the table up, and makes sure that it may be published to in the way that is asked for. */
async function usableTable(
  connection: Writer['connection'],
  table: MysqlTable,
  { swap }: ImportTableOptions,
  effects: Effects,
): Promise<RelationColumns | undefined> {
  const columns = await existingTable(connection, table, effects);
  if (swap === true && columns !== undefined) {
    await checkSwap(connection, table);
  }
  return columns;
}

/** Makes sure that the relations fit the table. @returns its columns, or those of the table that is to be created */
async function fits(
  connection: Writer['connection'],
  { relations }: Comparison,
  table: MysqlTable,
  existing: RelationColumns | undefined,
  options: ImportTableOptions,
  effects: Effects,
): Promise<RelationColumns> {
  if (existing === undefined) {
    return await plannedColumns(connection, table, relations, options.idColumn);
  }
  await checkRelationsFit(connection, relations, table.table, existing, effects);
  return existing;
}

async function isEmpty({ connection }: Writer, table: string): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>(`SELECT 1 FROM ${escapeId(table, true)} LIMIT 1`);
  return rows.length === 0;
}
