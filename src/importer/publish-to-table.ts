import type { RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { readBytes } from '../storage/input.ts';
import { ByteWriter } from '../tsv/byte-writer.ts';
import { readRelations } from '../tsv/relation-rows.ts';
import { applyChanges, type PlannedChanges } from './apply-changes.ts';
import { writeChange } from './changes.ts';
import type { CheckedRelations } from './check-relations.ts';
import { indexDdl, type RelationColumns, unfinishedComment } from './create-tables.ts';
import type { ImportTableOptions } from './import-table.ts';
import { allowsLoading, loadRelations } from './load-relations.ts';
import { pacer } from './pace.ts';
import type { Provenance } from './provenance.ts';
import type { Comparison } from './spool-changes.ts';
import { isCollated } from './table-order.ts';
import { createTable } from './target-table.ts';
import type { Writer } from './writers.ts';

/** Larger transactions were no faster and keep their locks and their undo log for longer. */
const defaultBatchRows = 5_000;

/** Memory of the server for building an index. */
const indexBufferBytes = 64 << 20;

/** The table that is written to. */
export interface PublishedTable {
  readonly table: string;
  readonly columns: RelationColumns;
  readonly exists: boolean;
  /** Whether it had no rows when it was compared, or does not exist. */
  readonly empty: boolean;
}

/**
 * Writes what a comparison found, once nothing speaks against it. An empty table is loaded, in one transaction, where the server allows it;
 * one that this job creates gets its second index in the end. Where that was cut off, the next publication adds the index.
 *
 * @throws the error of the server; the run is marked as `partial` then if something of it was written
 */
export async function publishToTable(
  writers: readonly [Writer, ...Writer[]],
  { table, columns, exists, empty }: PublishedTable,
  { relations, counts, changes }: Comparison,
  provenance: Provenance | undefined,
  options: Pick<ImportTableOptions, 'batchRows' | 'maxRowsPerSecond'>,
  effects: Effects,
): Promise<void> {
  const [first] = writers;
  if (!exists) {
    await createTable(first.connection, table, columns);
    effects.log.info(`Created table ${table}`);
  }
  const lacksIndex = await isUnfinished(first, table);
  let begun = false;
  const record = async (writer: Writer, state: 'publishing' | 'published'): Promise<void> => {
    begun = true;
    // Not before the table is whole with its index.
    await provenance?.record(writer.connection, lacksIndex ? 'publishing' : state, relations, counts);
  };
  try {
    if (empty && options.maxRowsPerSecond === undefined && (await allowsLoading(first))) {
      await loadRelations(writers, table, columns, relations, (writer) => record(writer, 'published'), effects);
    } else {
      const planned: PlannedChanges = {
        read: () => (changes === undefined ? additions(relations, effects) : readBytes(changes.location, effects)),
        total: counts.added + counts.changed + counts.removed,
        collated: isCollated(columns.source) || isCollated(columns.target),
      };
      const batchRows = Math.min(options.batchRows ?? defaultBatchRows, options.maxRowsPerSecond ?? defaultBatchRows);
      const pace = pacer(options.maxRowsPerSecond, effects);
      await applyChanges(writers, table, columns, planned, { batchRows, record, pace }, effects);
    }
    if (lacksIndex) {
      await addIndex(first, table, columns);
      await first.transaction(async () => {
        await provenance?.record(first.connection, 'published', relations, counts);
      });
    }
  } catch (error) {
    if (begun) {
      // When the connection is lost, the next run does it.
      await provenance?.markPartial(first.connection).catch(() => {});
    }
    throw error;
  }
}

async function addIndex({ connection }: Writer, table: string, columns: RelationColumns): Promise<void> {
  // MySQL builds an index in pieces of this size, by default 1 MiB; MariaDB has no such variable.
  await connection.query(`SET SESSION innodb_ddl_buffer_size = ${indexBufferBytes}`).catch(() => {});
  await connection.query(indexDdl(table, columns));
}

/** The relations of a file as the lines of changes of an empty table. */
async function* additions(relations: CheckedRelations, effects: Effects): AsyncGenerator<Uint8Array> {
  for await (const batch of readRelations(relations.location, effects)) {
    const lines = new ByteWriter(1 << 16);
    for (let at = 0; at < batch.length; at++) {
      writeChange(lines, '+', batch, at, undefined, batch.weights[at]);
    }
    yield lines.bytes.subarray(0, lines.length);
  }
}

async function isUnfinished({ connection }: Writer, table: string): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT TABLE_COMMENT AS comment FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?',
    [table],
  );
  return String(rows[0]?.['comment']) === unfinishedComment;
}
