import type { Connection, RowDataPacket } from 'mysql2/promise';
import { ExpectedFailure, errorCode, messageOf } from '../failure.ts';
import { isDenied } from './mysql-failure.ts';

/** How far a replica is behind. */
export interface ReplicaLag {
  /** Of the source that it is furthest behind; `undefined` when that cannot be known, because replication stands still. */
  readonly seconds: number | undefined;
  /** Why it stands still. */
  readonly stopped: string | undefined;
}

/** The first that a server understands: MariaDB, which shows all its sources only so; MySQL since 8.0.22; MySQL before. */
const statements = ['SHOW ALL SLAVES STATUS', 'SHOW REPLICA STATUS', 'SHOW SLAVE STATUS'];

/**
 * Asks a server how far it is behind its source, or the one of its sources that it is furthest behind.
 *
 * @returns `undefined` for a server that is no replica. A reader of Amazon Aurora counts as none: its storage is that of the writer
 * @throws ExpectedFailure when the user may not know; the error of the server
 */
export async function replicaLag(connection: Connection): Promise<ReplicaLag | undefined> {
  const sources = (await status(connection)).map(lagOf);
  const still = sources.find(({ seconds }) => seconds === undefined);
  return still ?? sources.sort((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0))[0];
}

async function status(connection: Connection): Promise<RowDataPacket[]> {
  for (const statement of statements) {
    try {
      const [rows] = await connection.query<RowDataPacket[]>(statement);
      return rows;
    } catch (error) {
      if (isDenied(error)) {
        throw new ExpectedFailure('noPermission', `Cannot read how far the replica lags: ${messageOf(error)}`, {
          remedy:
            'Let the user see it: GRANT REPLICATION CLIENT ON *.* TO … (MySQL), GRANT REPLICA MONITOR ON *.* TO … (MariaDB).',
          cause: error,
        });
      }
      if (errorCode(error) !== 'ER_PARSE_ERROR') {
        throw error;
      }
    }
  }
  throw new Error(`The server understands none of ${statements.join(', ')}`);
}

/** The columns have one of two names each, by the age of the server. */
function lagOf(row: RowDataPacket): ReplicaLag {
  const value = (...names: readonly string[]): unknown => names.map((name) => row[name]).find((each) => each != null);
  const [receiver, applier] = [
    value('Replica_IO_Running', 'Slave_IO_Running'),
    value('Replica_SQL_Running', 'Slave_SQL_Running'),
  ];
  const seconds = value('Seconds_Behind_Source', 'Seconds_Behind_Master');
  // A receiver that has lost its source may still have events to apply, by which the lag would look small.
  if (receiver === 'Yes' && applier === 'Yes' && seconds !== undefined) {
    return { seconds: Number(seconds), stopped: undefined };
  }
  const errors = [value('Last_IO_Error'), value('Last_SQL_Error')].filter(Boolean).map(String);
  return {
    seconds: undefined,
    stopped: [`the receiver runs: ${receiver}, the applier: ${applier}`, ...errors].join('; '),
  };
}
