import type { Connection } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { readBinaryRows } from '../mysql/binary-rows.ts';
import { startSnapshot } from '../mysql/snapshot.ts';
import type { RelationBatch } from '../tsv/relation-batch.ts';
import { TableRows, type TableRowsOptions } from './table-rows.ts';

/**
 * The rows of `sql`, all of one moment, in batches; the server waits while nobody takes them.
 *
 * @param connection for this alone; when not all rows are taken it is broken off
 * @throws what the server or the connection reports, also when it is lost in the middle; ExpectedFailure `badData` for rows that are no
 *   relations
 */
export async function* readTable(
  connection: Connection,
  sql: string,
  options: TableRowsOptions,
  { alive }: Pick<Effects, 'alive'>,
): AsyncGenerator<RelationBatch> {
  await startSnapshot(connection);
  const rows = new TableRows(options);
  const reading = readBinaryRows(connection, sql, rows).then(
    () => rows.end(),
    (error: unknown) => rows.end({ error }),
  );
  try {
    for (let batch = await rows.next(); batch !== undefined; batch = await rows.next()) {
      alive();
      yield batch;
    }
  } finally {
    rows.cancel();
    await reading;
  }
}
