import type { RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { readBytes } from '../storage/input.ts';
import { applyChanges, type PlannedChanges } from './apply-changes.ts';
import { buildIndex } from './build-index.ts';
import { indexDdl, type RelationColumns, unfinishedComment } from './create-tables.ts';
import { fillTable, paceOf } from './fill-table.ts';
import type { ImportTableOptions, MysqlTable } from './import-table.ts';
import type { Provenance } from './provenance.ts';
import { puttingOffPurge } from './put-off-purge.ts';
import type { Comparison } from './spool-changes.ts';
import { swapTable } from './swap-table.ts';
import { isCollated } from './table-order.ts';
import { createTable } from './target-table.ts';
import type { Writer } from './writers.ts';

/** The table that is written to. */
export interface PublishedTable extends MysqlTable {
  readonly columns: RelationColumns;
  readonly exists: boolean;
  /** Whether it had no rows when it was compared, or does not exist. */
  readonly empty: boolean;
}

/**
 * Writes what a comparison found, once nothing speaks against it. An empty table is filled; one that this job creates gets its second index
 * in the end. Where that was cut off, the next publication adds the index.
 *
 * @throws the error of the server; the row of the run says `publishing` then if something of it was written
 */
export async function publishToTable(
  writers: readonly [Writer, ...Writer[]],
  published: PublishedTable,
  { relations, counts, changes }: Comparison,
  provenance: Provenance | undefined,
  options: Pick<ImportTableOptions, 'batchRows' | 'maxRowsPerSecond' | 'swap'>,
  effects: Effects,
): Promise<void> {
  const [first] = writers;
  const { table, columns, exists, empty } = published;
  if (!exists) {
    await createTable(first.connection, table, columns);
    effects.log.info(`Created table ${table}`);
  }
  const lacksIndex = await isUnfinished(first, table);
  let begun = false;
  const total = counts.added + counts.changed + counts.removed;
  const write = async (putOffPurge?: () => Promise<void>): Promise<void> => {
    const record = async (writer: Writer, state: 'publishing' | 'published'): Promise<void> => {
      if (!begun) {
        begun = true;
        await putOffPurge?.();
      }
      // Not before the table is whole with its index.
      await provenance?.record(writer.connection, lacksIndex ? 'publishing' : state, relations, counts);
    };
    const withdraw = async (writer: Writer): Promise<void> => provenance?.withdraw(writer.connection);
    if (empty) {
      await fillTable(writers, table, columns, relations, record, options, effects);
    } else if (
      options.swap !== true ||
      total === 0 ||
      !(await swapTable(writers, table, columns, relations, { record, withdraw }, options, effects))
    ) {
      if (changes === undefined) {
        throw new Error('Changes of a table with rows were only counted');
      }
      const planned: PlannedChanges = {
        read: () => readBytes(changes.location, effects),
        total,
        collated: isCollated(columns.source) || isCollated(columns.target),
      };
      await applyChanges(writers, table, columns, planned, { ...paceOf(options, effects), record }, effects);
    }
    if (lacksIndex) {
      await buildIndex(first, indexDdl(table, columns));
      await first.transaction(async () => {
        await provenance?.record(first.connection, 'published', relations, counts);
      });
    }
  };
  // At a pace there is time enough to clear up.
  await (options.maxRowsPerSecond === undefined ? puttingOffPurge(published, total, effects, write) : write());
}

async function isUnfinished({ connection }: Writer, table: string): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT TABLE_COMMENT AS comment FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?',
    [table],
  );
  return String(rows[0]?.['comment']) === unfinishedComment;
}
