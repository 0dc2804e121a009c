import type { Connection } from 'mysql2/promise';

/** How long, in seconds, the server waits for a slow reader; the default of a minute is soon over where the other end is an upload. */
const writeTimeout = 3_600;

/** Begins to read: all that follows is of one moment, as far as the engine of a table has that, and is sent as slowly as it is taken. */
export async function startSnapshot(connection: Connection): Promise<void> {
  await connection.query(`SET SESSION net_write_timeout = ${writeTimeout}`);
  // A snapshot exists at this level only, and the server's default may be another.
  await connection.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
}
