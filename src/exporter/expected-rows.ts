import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Log } from '../effects.ts';
import { messageOf } from '../failure.ts';

/**
 * About how many rows a SELECT of one table gives, by the statistics of the server, which may be off by a third.
 *
 * @returns `undefined` when the server looks at rows that it then leaves out, for it does not know how many, and when it tells nothing
 */
export async function expectedRows(connection: Connection, sql: string, log: Log): Promise<number | undefined> {
  try {
    const [[step, ...others]] = await connection.query<RowDataPacket[]>(`EXPLAIN FORMAT=TRADITIONAL ${sql}`);
    const rows = Number(step?.['rows']);
    return others.length === 0 && !String(step?.['Extra']).includes('Using where') && rows > 0 ? rows : undefined;
  } catch (error) {
    // The right to read a view is not the right to see what is behind it.
    log.debug(`How many views there are is not known: ${messageOf(error)}`);
    return undefined;
  }
}
