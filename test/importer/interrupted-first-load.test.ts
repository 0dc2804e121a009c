import type { Connection, RowDataPacket } from 'mysql2/promise';
import { afterAll, describe, expect, test } from 'vitest';
import type { MysqlTable } from '#dist/importer/import-relations.js';
import { parseMysqlUri } from '#dist/mysql/address.js';
import { connectAs } from '../mysql/connect-as.ts';
import { startMariaDb } from '../services/mariadb.ts';
import { startMySql } from '../services/mysql.ts';
import { publishWhenFree } from './publish-when-free.ts';
import { importInto, tableLines, tableOf } from './run-import.ts';
import { statementProxy } from './statement-proxy.ts';

/** LOAD DATA LOCAL is not allowed by default on one of them. */
const args = ['--local-infile=1'];
const servers = await Promise.all([startMariaDb({ args }), startMySql({ args })]);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

/** Some 12 MB in few rows, more than lies on the way to a server that takes nothing. */
const products = 1_200;
const targets = 20;
const lines = Array.from({ length: products * targets }, (_, at) => {
  const product = 100_000 + Math.floor(at / targets);
  return `${product}${'x'.repeat(240)}\t${at % targets}${'y'.repeat(240)}\t${1 + (at % 7)}`;
}).sort();

describe.each(servers.map((server) => [server.kind, server] as const))('the first load to %s', (_kind, server) => {
  const address = parseMysqlUri(`mysql://${server.user}@${server.host}:${server.port}/shop`);
  const connect = (): Promise<Connection> => connectAs(address, server.password);

  /** A first load in which `happen` comes between the commits of the two writers. @returns what the import says */
  async function interrupted(
    table: string,
    happen: (connectionId: number) => Promise<unknown>,
  ): Promise<[MysqlTable, unknown]> {
    const root = await connectAs({ ...address, database: '' }, server.password);
    await root.query('CREATE DATABASE IF NOT EXISTS shop');
    await root.end();
    let commits = 0;
    const loading = new Map<number, 'asked' | 'sending'>();
    let bothSend = (): void => {};
    const bothSending = new Promise<void>((resolve) => {
      bothSend = resolve;
    });
    const port = await statementProxy(server.port, async (sql, { id }) => {
      if (sql.startsWith('LOAD DATA')) {
        loading.set(id, 'asked');
      } else if (loading.get(id) === 'asked') {
        // Neither writer gets all the rows.
        loading.set(id, 'sending');
        if ([...loading.values()].filter((state) => state === 'sending').length === 2) {
          bothSend();
        }
        await bothSending;
      }
      commits += sql === 'COMMIT' ? 1 : 0;
      if (sql === 'COMMIT' && commits === 2) {
        await happen(id);
      }
    });
    const through = tableOf({ address: () => ({ ...address, port }), password: server.password }, { table });
    const run = { id: 'first', startedAt: new Date(), parameters: '{}' };
    const error = await importInto(through, lines, { run }).catch((reason: unknown) => reason);
    return [{ ...through, address }, error];
  }

  async function runs(connection: Connection, table: string): Promise<unknown> {
    const [rows] = await connection.query({
      sql: `SELECT run_id, state, finished_at IS NULL FROM ${table}_runs ORDER BY run_id`,
      rowsAsArray: true,
    });
    return rows;
  }

  async function expectPartOfWholeLists(connection: Connection, table: string): Promise<void> {
    const [rows] = await connection.query<RowDataPacket[]>({
      sql: `SELECT COUNT(*) FROM ${table} GROUP BY source_product_id`,
      rowsAsArray: true,
    });
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThan(products);
    expect(new Set(rows.map((row) => row[0]))).toEqual(new Set([targets]));
  }

  async function expectCompletedByTheNext(connection: Connection, table: MysqlTable): Promise<void> {
    const run = { id: 'second', startedAt: new Date(), parameters: '{}' };
    expect((await publishWhenFree(table, lines, { run })).added).toBeLessThan(lines.length);
    expect(await tableLines({ root: connection }, table)).toEqual(lines);
    expect(await runs(connection, table.table)).toEqual([
      ['first', 'partial', 1],
      ['second', 'published', 0],
    ]);
  }

  test('a server that dies between the two commits has whole lists and a run that is not published; the next one completes both', async () => {
    const [table, error] = await interrupted('crashed', () => server.kill());
    expect(error).toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(/^Cannot publish to table crashed of /),
    });
    await server.restart();
    const root = await connect();
    await expectPartOfWholeLists(root, 'crashed');
    expect(await runs(root, 'crashed')).toEqual([['first', 'publishing', 1]]);
    await expectCompletedByTheNext(root, table);
    await root.end();
  });

  test('a connection that dies between the two commits does the same, and says so', async () => {
    const root = await connect();
    const [table, error] = await interrupted('cut_off', (id) => root.query(`KILL ${id}`));
    expect(error).toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(/^Cannot publish to table cut_off of /),
    });
    await expectPartOfWholeLists(root, 'cut_off');
    expect(await runs(root, 'cut_off')).toEqual([['first', 'partial', 1]]);
    await expectCompletedByTheNext(root, table);
    await root.end();
  });
});
