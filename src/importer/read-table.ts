import type { Connection } from 'mysql2/promise';
import { readBinaryRows } from '../mysql/binary-rows.ts';
import type { RelationBatch } from '../tsv/relation-rows.ts';
import { TableRows, type TableRowsOptions } from './table-rows.ts';

/** How long, in seconds, the server waits for a slow reader; the default of a minute is soon over where a file comes over the network. */
const writeTimeout = 3_600;

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
): AsyncGenerator<RelationBatch> {
  await connection.query(`SET SESSION net_write_timeout = ${writeTimeout}`);
  // A snapshot exists at this level only, and the server's default may be another.
  await connection.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  const rows = new TableRows(options);
  const reading = readBinaryRows(connection, sql, rows).then(
    () => rows.end(),
    (error: unknown) => rows.end({ error }),
  );
  try {
    for (let batch = await rows.next(); batch !== undefined; batch = await rows.next()) {
      yield batch;
    }
  } finally {
    rows.cancel();
    await reading;
  }
}
