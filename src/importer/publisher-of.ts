import { type Connection, escapeId, type RowDataPacket } from 'mysql2/promise';
import { hasEnded, parseProcess } from '../process-identity.ts';
import { runsTable } from './create-tables.ts';
import { holderFigures } from './holder-figures.ts';

/** Who holds the lock of a table. */
export interface Publisher {
  /** For people: `connection 7 of the server (host shop, process 12, since …)`. */
  readonly name: string;
  /** Whether it is known to have ended, which the server has not noticed yet. */
  readonly hasEnded: boolean;
}

/**
 * Who holds the lock of a table, as far as the server tells: what the job said of itself when it connected (connect.ts), where the server
 * keeps that (performance_schema, which MariaDB has switched off by default); else from where the connection comes, what it says by its locks, and the
 * run that the table of runs calls unfinished.
 *
 * @param lock the name of the share that is held
 */
export async function publisherOf(connection: Connection, lock: string, table: string): Promise<Publisher> {
  /** What cannot be asked is not known: a missing right, or a missing table. */
  const ask = async (sql: string, values: readonly unknown[]): Promise<RowDataPacket[]> =>
    (await connection.query<RowDataPacket[]>(sql, [...values]).catch(() => [[]]))[0];
  const [holder] = await ask('SELECT IS_USED_LOCK(?) AS id', [lock]);
  const id = holder?.['id'];
  const said = new Map(
    (
      await ask(
        'SELECT ATTR_NAME AS name, ATTR_VALUE AS value FROM performance_schema.session_account_connect_attrs WHERE PROCESSLIST_ID = ?',
        [id],
      )
    ).map(({ name, value }) => [String(name), String(value)]),
  );
  const who = `connection ${id ?? 'unknown'} of the server`;
  const [host, pid, since] = ['client_host', 'client_pid', 'client_since'].map((name) => said.get(name));
  if (host !== undefined) {
    const itself = parseProcess(said.get('client_process') ?? '');
    return {
      name: `${who} (host ${host}, process ${pid}, since ${since})`,
      hasEnded: itself !== undefined && hasEnded(itself),
    };
  }
  const [from] = await ask('SELECT HOST AS host FROM information_schema.PROCESSLIST WHERE ID = ?', [id]);
  const [run] = await ask(
    `SELECT run_id AS id, CAST(started_at AS CHAR) AS started FROM ${escapeId(runsTable(table), true)} WHERE state = 'publishing' ORDER BY started_at DESC LIMIT 1`,
    [],
  );
  const figures = await holderFigures(connection, id).catch(() => undefined);
  const known = [
    from === undefined ? '' : `from ${from['host']}`,
    figures === undefined ? '' : `process ${figures.pid}, since ${figures.since.toISOString().replace('.000Z', 'Z')}`,
    run === undefined ? '' : `run ${run['id']}, which has been publishing since ${run['started']} UTC`,
  ].filter((text) => text !== '');
  return { name: known.length === 0 ? who : `${who} (${known.join('; ')})`, hasEnded: false };
}
