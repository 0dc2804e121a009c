import { escapeId } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { describeAddress, type MysqlAddress } from '../mysql/address.ts';
import type { Column } from '../mysql/columns.ts';
import { withConnection } from '../mysql/connect.ts';
import { mysqlFailure } from '../mysql/mysql-failure.ts';
import type { IdOrder } from '../relation/id-order.ts';
import { applyChanges } from './apply-changes.ts';
import { readChanges } from './changes.ts';
import type { CheckedRelations } from './check-relations.ts';
import type { RelationColumns, TableNames } from './create-tables.ts';
import { withTableLock } from './lock-table.ts';
import { type ImportRun, prepareProvenance } from './provenance.ts';
import { readTable } from './read-table.ts';
import { type SpooledChanges, spoolChanges } from './spool-changes.ts';
import { type ColumnOrder, columnOrder } from './table-order.ts';
import { prepareTable } from './target-table.ts';

/** A table that holds relations, and how to get there. */
export interface MysqlTable extends TableNames {
  readonly address: MysqlAddress;
  readonly password: string | undefined;
}

export interface ImportTableOptions {
  /** The source's product column, whose type a new table takes. */
  readonly idColumn?: Column | undefined;
  readonly run?: ImportRun | undefined;
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
    return await withTableLock(connection, address.database, table.table, async () => {
      const columns = await prepareTable(connection, table, relations, options.idColumn, effects);
      const provenance =
        options.run === undefined ? undefined : await prepareProvenance(connection, table.table, options.run, effects);
      const changes = await compareWithTable(relations, table, columns, spool, effects);
      const { counts, artefact } = changes;
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
      return changes;
    });
  });
}

async function compareWithTable(
  relations: CheckedRelations,
  table: MysqlTable,
  columns: RelationColumns,
  spool: string,
  effects: Effects,
): Promise<SpooledChanges> {
  const { source, target } = cheapestOrder(relations.orders, columns);
  const weight = escapeId(columns.weight.name, true);
  const sql = `SELECT ${source.select}, ${target.select}, ${weight} FROM ${escapeId(table.table, true)} ORDER BY ${source.orderBy}, ${target.orderBy}`;
  const order = { source: source.compare, target: target.compare };
  return await withConnection(table.address, table.password, effects, async (connection) => {
    const rows = readTable(connection, sql, { table: table.table, ...columns, order });
    return await spoolChanges(spool, rows, relations, order, effects);
  });
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
