import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { ownSchema } from '../mysql/own-schema.ts';
import type { DatabaseServer } from '../services/database.ts';
import { startMariaDb } from '../services/mariadb.ts';
import { startMySql } from '../services/mysql.ts';
import { importInto, tableOf } from './run-import.ts';
import { stateLines } from './two-states.ts';

const args = (id: number): string[] => [`--server-id=${id}`, '--log-bin=binlog', '--local-infile=1'];
const pairs = await Promise.all(
  [startMariaDb, startMySql].map((start) => Promise.all([start({ args: args(1) }), start({ args: args(2) })])),
);

afterAll(async () => {
  await Promise.all(pairs.flat().map((server) => server.stop()));
});

interface Dialect {
  readonly status: string;
  readonly change: (source: DatabaseServer, file: string, position: number) => string;
  readonly start: string;
  readonly wait: string;
}

const dialects: Readonly<Record<DatabaseServer['kind'], Dialect>> = {
  mariadb: {
    status: 'SHOW MASTER STATUS',
    change: ({ host, port, user, password }, file, position) =>
      `CHANGE MASTER TO MASTER_HOST='${host}', MASTER_PORT=${port}, MASTER_USER='${user}', MASTER_PASSWORD='${password}', MASTER_LOG_FILE='${file}', MASTER_LOG_POS=${position}`,
    start: 'START SLAVE',
    wait: 'SELECT MASTER_POS_WAIT(?, ?, 60) AS waited',
  },
  mysql: {
    status: 'SHOW BINARY LOG STATUS',
    change: ({ host, port, user, password }, file, position) =>
      `CHANGE REPLICATION SOURCE TO SOURCE_HOST='${host}', SOURCE_PORT=${port}, SOURCE_USER='${user}', SOURCE_PASSWORD='${password}', SOURCE_LOG_FILE='${file}', SOURCE_LOG_POS=${position}, GET_SOURCE_PUBLIC_KEY=1`,
    start: 'START REPLICA',
    wait: 'SELECT SOURCE_POS_WAIT(?, ?, 60) AS waited',
  },
};

describe.each(pairs.map(([source, replica]) => [source?.kind, source, replica] as const))(
  '%s',
  (_kind, source, replica) => {
    if (source === undefined || replica === undefined) {
      throw new Error('Servers come in pairs');
    }
    const { status, change, start, wait } = dialects[source.kind];
    const schema = ownSchema(source);

    async function position(connection: Connection): Promise<[file: string, position: number]> {
      const [[row]] = await connection.query<RowDataPacket[]>(status);
      return [String(row?.['File']), Number(row?.['Position'])];
    }

    test('a replica ends equal to the source', async () => {
      const { host, port, user, password } = replica;
      const connection = await createConnection({ host, port, user, password });
      onTestFinished(() => connection.end());
      const { root, name } = schema();
      await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
      await connection.query(change(source, ...(await position(root))));
      await connection.query(start);

      for (const [state, swap] of [
        [0, false],
        [1, false],
        [0, true],
        [1, false],
      ] as const) {
        await importInto(tableOf(schema()), stateLines(state), { accept: 'a test', batchRows: 1_000, swap });
      }
      const [[waited]] = await connection.query<RowDataPacket[]>(wait, await position(root));
      expect(Number(waited?.['waited'])).toBeGreaterThanOrEqual(0);
      for (const table of ['related_products', 'related_products_runs']) {
        const sql = `CHECKSUM TABLE ${name}.${table}`;
        const [[theirs]] = await connection.query<RowDataPacket[]>(sql);
        const [[ours]] = await root.query<RowDataPacket[]>(sql);
        expect(Number(ours?.['Checksum'])).toBeGreaterThan(0);
        expect(theirs).toEqual(ours);
      }
    });
  },
);
