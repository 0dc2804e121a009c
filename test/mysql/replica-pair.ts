import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { DatabaseServer } from '../services/database.ts';
import { startMariaDb } from '../services/mariadb.ts';
import { startMySql } from '../services/mysql.ts';

export interface ReplicaPair {
  readonly source: DatabaseServer;
  readonly replica: DatabaseServer;
  /** What each server calls its threads: `START`, `STOP`. */
  readonly threads: string;
  /** What lets a user ask how far the replica is behind. */
  readonly right: string;
  /** Root's connection with the replica. */
  readonly onReplica: Connection;
  /** Makes the replica follow from what `root`, a connection with the source, sees now. */
  follow(root: Connection): Promise<void>;
  /** Resolves when the replica has all that `root` has written. */
  caughtUp(root: Connection): Promise<void>;
  stop(): Promise<void>;
}

interface Dialect {
  readonly status: string;
  readonly change: (source: DatabaseServer, file: string, position: number) => string;
  readonly threads: string;
  readonly right: string;
  readonly wait: string;
}

const dialects: Readonly<Record<DatabaseServer['kind'], Dialect>> = {
  mariadb: {
    status: 'SHOW MASTER STATUS',
    change: ({ host, port, user, password }, file, position) =>
      `CHANGE MASTER TO MASTER_HOST='${host}', MASTER_PORT=${port}, MASTER_USER='${user}', MASTER_PASSWORD='${password}', MASTER_LOG_FILE='${file}', MASTER_LOG_POS=${position}`,
    threads: 'SLAVE',
    right: 'REPLICA MONITOR',
    wait: 'SELECT MASTER_POS_WAIT(?, ?, 60) AS waited',
  },
  mysql: {
    status: 'SHOW BINARY LOG STATUS',
    change: ({ host, port, user, password }, file, position) =>
      `CHANGE REPLICATION SOURCE TO SOURCE_HOST='${host}', SOURCE_PORT=${port}, SOURCE_USER='${user}', SOURCE_PASSWORD='${password}', SOURCE_LOG_FILE='${file}', SOURCE_LOG_POS=${position}, GET_SOURCE_PUBLIC_KEY=1`,
    threads: 'REPLICA',
    right: 'REPLICATION CLIENT',
    wait: 'SELECT SOURCE_POS_WAIT(?, ?, 60) AS waited',
  },
};

/** Two servers of each kind, of which the second is to be the replica of the first. */
export async function replicaPairs(): Promise<ReplicaPair[]> {
  const args = (id: number): string[] => [`--server-id=${id}`, '--log-bin=binlog', '--local-infile=1'];
  return await Promise.all(
    [startMariaDb, startMySql].map(async (start) => {
      const [source, replica] = await Promise.all([start({ args: args(1) }), start({ args: args(2) })]);
      const { host, port, user, password } = replica;
      const { status, change, threads, right, wait } = dialects[source.kind];
      const onReplica = await createConnection({ host, port, user, password });
      const position = async (root: Connection): Promise<[file: string, position: number]> => {
        const [[row]] = await root.query<RowDataPacket[]>(status);
        return [String(row?.['File']), Number(row?.['Position'])];
      };
      return {
        source,
        replica,
        threads,
        right,
        onReplica,
        follow: async (root) => {
          await onReplica.query(change(source, ...(await position(root))));
          await onReplica.query(`START ${threads}`);
        },
        caughtUp: async (root) => {
          const [[waited]] = await onReplica.query<RowDataPacket[]>(wait, await position(root));
          if (!(Number(waited?.['waited'] ?? -1) >= 0)) {
            throw new Error('The replica does not follow');
          }
        },
        stop: async () => {
          onReplica.destroy();
          await Promise.all([source.stop(), replica.stop()]);
        },
      };
    }),
  );
}
