import { escapeId } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { describeAddress, type MysqlAddress } from '../mysql/address.ts';
import type { Column } from '../mysql/columns.ts';
import { withConnection } from '../mysql/connect.ts';
import { mysqlFailure } from '../mysql/mysql-failure.ts';
import type { IdOrder } from '../relation/id-order.ts';
import { compareTextIds } from '../tsv/relation-order.ts';
import type { RelationBatch } from '../tsv/relation-rows.ts';
import { applyChanges } from './apply-changes.ts';
import { type ChangeCounts, readChanges } from './changes.ts';
import type { CheckedRelations } from './check-relations.ts';
import type { RowOrder } from './compare.ts';
import type { RelationColumns, TableNames } from './create-tables.ts';
import { withTableLock } from './lock-table.ts';
import { type ImportRun, prepareProvenance } from './provenance.ts';
import { readTable } from './read-table.ts';
import { type SpooledChanges, spoolChanges } from './spool-changes.ts';
import { type ColumnOrder, columnOrder } from './table-order.ts';
import { existingTable, prepareTable } from './target-table.ts';
import { verifyRelations } from './verify-relations.ts';

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
  readonly judge: (counts: ChangeCounts) => void;
  /** Ends before anything is written. */
  readonly dryRun?: boolean | undefined;
  /** Reads the table again in the end and compares its digest with the file's. */
  readonly verify?: boolean | undefined;
  /** Rows of a transaction, beyond which it ends with its last source. */
  readonly batchRows?: number | undefined;
}

/** Larger transactions were no faster and keep their locks and their undo log for longer. */
const defaultBatchRows = 5_000;

/**
 * Makes a table equal to a checked file: looks the table up or creates it, compares, applies.
 *
 * @param spool where the changes go
 * @throws ExpectedFailure `tryLater` when another import holds the table's lock, and whatever stops a stage; the table then holds the old or
 *   the new list of every source, and the next import finishes the work
 */
export async function importTable(
  relations: CheckedRelations,
  table: MysqlTable,
  spool: string,
  options: ImportTableOptions,
  effects: Effects,
): Promise<SpooledChanges> {
  const { address, password } = table;
  return await withConnection(address, password, effects, async (connection) => {
    if (options.dryRun === true) {
      const columns = await existingTable(connection, table, relations, options.idColumn, effects);
      const changes = await compareWithTable(relations, table, columns, spool, effects);
      options.judge(changes.counts);
      return changes;
    }
    return await withTableLock(connection, address.database, table.table, async () => {
      const columns = await prepareTable(connection, table, relations, options.idColumn, effects);
      const changes = await compareWithTable(relations, table, columns, spool, effects);
      const { counts, artefact } = changes;
      options.judge(counts);
      const provenance = await prepareProvenance(connection, table.table, options.run, effects);
      try {
        await applyChanges(
          connection,
          table.table,
          columns,
          () => readChanges(artefact.location, effects),
          counts.added + counts.changed + counts.removed,
          {
            batchRows: options.batchRows ?? defaultBatchRows,
            record: async (state) => await provenance?.record(state, relations, counts),
          },
          effects,
        );
      } catch (error) {
        effects.signal.throwIfAborted();
        throw mysqlFailure(`Cannot publish to table ${table.table} of ${describeAddress(address)}`, error);
      }
      if (options.verify === true) {
        await withRows(relations, table, columns, effects, (rows) =>
          verifyRelations(relations, rows, `table ${table.table}`),
        );
        effects.log.info(`Verified: table ${table.table} holds the relations with sha256 ${relations.sha256}`);
      }
      return changes;
    });
  });
}

/** @param columns `undefined` when there is no table yet */
async function compareWithTable(
  relations: CheckedRelations,
  table: MysqlTable,
  columns: RelationColumns | undefined,
  spool: string,
  effects: Effects,
): Promise<SpooledChanges> {
  if (columns === undefined) {
    return await spoolChanges(spool, noRows(), relations, { source: compareTextIds, target: compareTextIds }, effects);
  }
  return await withRows(relations, table, columns, effects, (rows, order) =>
    spoolChanges(spool, rows, relations, order, effects),
  );
}

async function* noRows(): AsyncGenerator<RelationBatch> {}

/** The rows of the table in the order of the file. */
async function withRows<T>(
  relations: CheckedRelations,
  table: MysqlTable,
  columns: RelationColumns,
  effects: Effects,
  work: (rows: AsyncIterable<RelationBatch>, order: RowOrder) => Promise<T>,
): Promise<T> {
  const { source, target } = cheapestOrder(relations.orders, columns);
  const weight = escapeId(columns.weight.name, true);
  const sql = `SELECT ${source.select}, ${target.select}, ${weight} FROM ${escapeId(table.table, true)} ORDER BY ${source.orderBy}, ${target.orderBy}`;
  const order = { source: source.compare, target: target.compare };
  return await withConnection(table.address, table.password, effects, (connection) =>
    work(readTable(connection, sql, { table: table.table, ...columns, order }), order),
  );
}

/** Of the orders that the file is in, one that the table has by itself if there is one. */
function cheapestOrder(
  orders: readonly IdOrder[],
  columns: RelationColumns,
): { readonly source: ColumnOrder; readonly target: ColumnOrder } {
  const possible = orders.map((order) => ({
    source: columnOrder(columns.source, order),
    target: columnOrder(columns.target, order),
  }));
  const cheapest = possible.find(({ source, target }) => source.native && target.native) ?? possible[0];
  if (cheapest === undefined) {
    throw new Error('The relations are in no order');
  }
  return cheapest;
}
