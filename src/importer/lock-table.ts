import { createHash } from 'node:crypto';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { ExpectedFailure } from '../failure.ts';

/** How long, in seconds, the server keeps a silent connection: the lock must outlive the comparison, and the default may be a minute. */
const idleTimeout = 86_400;

/**
 * Runs `work` with the lock of a table, so that no two imports write to it at once. The lock goes with the connection if that is lost.
 *
 * @throws ExpectedFailure `tryLater`, at once, with the id of the connection that holds the lock; whatever `work` throws
 */
export async function withTableLock<T>(
  connection: Connection,
  database: string,
  table: string,
  work: () => Promise<T>,
): Promise<T> {
  const name = lockName(database, table);
  const [[lock]] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, 0) AS granted', [name]);
  if (Number(lock?.['granted']) !== 1) {
    const [[holder]] = await connection.query<RowDataPacket[]>('SELECT IS_USED_LOCK(?) AS id', [name]);
    throw new ExpectedFailure(
      'tryLater',
      `Cannot publish to table ${table}: connection ${holder?.['id'] ?? 'unknown'} of the server is publishing to it`,
      { remedy: 'Run the same command again once the other import has ended.' },
    );
  }
  try {
    await connection.query(`SET SESSION wait_timeout = ${idleTimeout}`);
    return await work();
  } finally {
    // The server would release it a moment after the end of the connection: too late for an import that starts at once.
    await connection.query('DO RELEASE_LOCK(?)', [name]).catch(() => {});
  }
}

/** At most 64 characters, as MySQL asks. Letter case is left out, because some servers take two spellings for one table. */
function lockName(database: string, table: string): string {
  const digest = createHash('sha256').update(`${database}.${table}`.toLowerCase()).digest('hex');
  return `also-viewed:${digest.slice(0, 40)}`;
}
