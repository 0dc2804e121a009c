import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import process from 'node:process';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, describe, expect, test } from 'vitest';
import { silentLog } from '#dist/effects.js';
import { messageOf } from '#dist/failure.js';
import type { MysqlTable } from '#dist/importer/import-relations.js';
import { lockName } from '#dist/importer/writers.js';
import { formatProcess, thisProcess } from '#dist/process-identity.js';
import { ownSchema } from '../mysql/own-schema.ts';
import { startMariaDb } from '../services/mariadb.ts';
import { startMySql } from '../services/mysql.ts';
import { allPairs, importInto, linesOf, type Relation, tableLines, tableOf } from './run-import.ts';

/** Servers of their own: LOAD DATA LOCAL is not allowed by default on one of them, and the other one keeps nothing that clients say of themselves. */
const args = ['--local-infile=1', '--performance-schema=ON'];
const servers = await Promise.all([startMariaDb({ args }), startMySql({ args })]);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

describe.each(servers.map((server) => [server.kind, server] as const))('the first load to %s', (_kind, server) => {
  const schema = ownSchema(server);
  const ids = ['a', 'A', 'a ', 'é', '👟', 'a\\', '\\N', '10', '010', 'x'.repeat(255)];

  async function columnsOfIndexes(table: MysqlTable): Promise<string[]> {
    const [rows] = await schema().root.query<RowDataPacket[]>(
      `SELECT INDEX_NAME AS name, GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) AS columns FROM information_schema.STATISTICS
       WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? GROUP BY INDEX_NAME ORDER BY INDEX_NAME`,
      [table.table],
    );
    return rows.map((row) => String(row['columns']));
  }
  const both = ['source_product_id,target_product_id', 'source_product_id,weight,target_product_id'];

  test('whatever the ids, the table equals the file and has both indexes', async () => {
    const odd = tableOf(schema(), { table: 'odd' });
    const escaped = tableOf(schema(), { table: 'escaped' });
    const many = tableOf(schema(), { table: 'many' });
    const rows = Array.from(
      { length: 60_000 },
      (_, at): Relation => [`${1000 + Math.floor(at / 7)}`, `${at % 7}`, at + 1],
    );
    for (const [table, lines] of [
      [odd, linesOf(allPairs(ids.filter((id) => !id.includes('\\'))))],
      [escaped, linesOf(allPairs(ids))],
      [many, linesOf(rows, 'integer')],
    ] as const) {
      expect((await importInto(table, lines)).added).toBe(lines.length);
      expect((await tableLines(schema(), table)).toSorted()).toEqual(lines.toSorted());
      expect(new Set(await columnsOfIndexes(table))).toEqual(new Set(both));
    }
  });

  test('a backslash that is not escaped in the file belongs to its id all the same', async () => {
    const table = tableOf(schema(), { table: 'unescaped' });
    await importInto(table, ['a\\q\tb\t1', 'b\ta\\q\t1']);
    expect(await tableLines(schema(), table)).toEqual(['a\\\\q\tb\t1', 'b\ta\\\\q\t1']);
  });

  test('a load that a rule of the table breaks off leaves the table empty', async () => {
    const { root } = schema();
    await root.query(
      'CREATE TABLE ruled (source_product_id INT, target_product_id INT, weight INT CHECK (weight < 50000), PRIMARY KEY (source_product_id, target_product_id))',
    );
    const rows = Array.from(
      { length: 60_000 },
      (_, at): Relation => [`${1000 + Math.floor(at / 7)}`, `${at % 7}`, at + 1],
    );
    await expect(importInto(tableOf(schema(), { table: 'ruled' }), linesOf(rows, 'integer'))).rejects.toMatchObject({
      kind: 'badData',
      message: expect.stringMatching(/Cannot publish to table ruled: of 60000 relations it takes \d+ as they are: .*/),
    });
    expect((await root.query({ sql: 'SELECT COUNT(*) FROM ruled', rowsAsArray: true }))[0]).toEqual([[0]]);
  });

  test('a table with another column that has no default is refused, and one that fills it in is not', async () => {
    const { root } = schema();
    const columns = 'source_product_id INT, target_product_id INT, weight INT, note VARCHAR(9)';
    const key = 'PRIMARY KEY (source_product_id, target_product_id)';
    await root.query(`CREATE TABLE noted (${columns} NOT NULL, ${key})`);
    await root.query(`CREATE TABLE filled (${columns} NOT NULL DEFAULT 'new', n INT AS (weight + 1) STORED, ${key})`);
    const lines = ['1\t2\t3', '2\t1\t3'];
    await expect(importInto(tableOf(schema(), { table: 'noted' }), lines)).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining("'note' doesn't have a default value"),
    });
    expect((await root.query({ sql: 'SELECT COUNT(*) FROM noted', rowsAsArray: true }))[0]).toEqual([[0]]);
    await importInto(tableOf(schema(), { table: 'filled' }), lines);
    const [filled] = await root.query({ sql: 'SELECT note, n FROM filled', rowsAsArray: true });
    expect(filled).toEqual([
      ['new', 4],
      ['new', 4],
    ]);
  });

  test('an index that a publication could not add any more is added by the next one, and the run is published then', async () => {
    const table = tableOf(schema(), { table: 'cut_off' });
    const run = { id: 'first', startedAt: new Date(), parameters: '{}' };
    const stop = new AbortController();
    const created = {
      ...silentLog,
      info: (message: string) => message.startsWith('Created') && stop.abort(new Error('stop')),
    };
    const lines = linesOf(allPairs(['1', '2', '3']), 'integer');
    await expect(importInto(table, lines, { run }, { log: created, signal: stop.signal })).rejects.toThrow('stop');
    expect(await columnsOfIndexes(table)).toEqual([both[0]]);
    await importInto(table, lines, { run: { ...run, id: 'second' } });
    expect(new Set(await columnsOfIndexes(table))).toEqual(new Set(both));
    const [runs] = await schema().root.query({ sql: 'SELECT run_id, state FROM cut_off_runs', rowsAsArray: true });
    expect(runs).toEqual([['second', 'published']]);
  });

  test('a user who may create and not alter gets a table with both indexes', async () => {
    const user = await schema().user(`SELECT, INSERT, UPDATE, DELETE, CREATE ON ${schema().name}.*`);
    const address = schema().address({ user });
    const table = tableOf(schema(), { table: 'plain', address, password: 'secret' });
    await importInto(table, ['1\t2\t3', '2\t1\t3']);
    expect(new Set(await columnsOfIndexes(table))).toEqual(new Set(both));
  });

  test('a job that finds the table locked says who has it and since when, without any right for that', async () => {
    const user = await schema().user(`SELECT, INSERT, UPDATE, DELETE, CREATE ON ${schema().name}.*`);
    const table = tableOf(schema(), { table: 'held', address: schema().address({ user }), password: 'secret' });
    let other: Promise<unknown> = Promise.resolve();
    const info = (message: string): void => {
      if (message.startsWith('Created')) {
        other = importInto(table, ['1\t2\t3', '2\t1\t3']).catch((error: unknown) => error);
      }
    };
    const before = new Date().toISOString();
    await importInto(
      table,
      ['1\t2\t3', '2\t1\t3'],
      { maxRowsPerSecond: 1 },
      { log: { ...silentLog, info }, pause: () => other.then(() => {}) },
    );
    const said =
      /^Cannot publish to table held: connection \d+ of the server \(host (.*), process (\d+), since (.*Z)\) is publishing to it$/;
    const [, host, pid, since = ''] = said.exec(messageOf(await other)) ?? [];
    expect({ host, pid }).toEqual({ host: hostname(), pid: `${process.pid}` });
    expect(since >= before && since <= new Date().toISOString()).toBe(true);
  });

  test('a connection of a job that was killed is waited for until the server has noticed', async () => {
    const { host, port, user, database } = schema().address();
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    const dead = await createConnection({
      ...{ host, port, user, database, password: schema().password },
      connectAttributes: {
        client_host: hostname(),
        client_pid: `${pid}`,
        client_since: 'then',
        client_process: formatProcess({ ...thisProcess(), pid, startedTicks: undefined }),
      },
    });
    await dead.query('DO GET_LOCK(?, 0)', [lockName(database, 'unnoticed', 1)]);
    const said: string[] = [];
    const info = (message: string): void => {
      said.push(message);
      if (message.startsWith('The server has not yet noticed')) {
        void dead.end();
      }
    };
    await importInto(
      tableOf(schema(), { table: 'unnoticed' }),
      ['1\t2\t3', '2\t1\t3'],
      {},
      { log: { ...silentLog, info } },
    );
    expect(said).toContainEqual(
      expect.stringMatching(/ connection \d+ of the server \(host .*, process \d+, since then\) was killed/),
    );
  });

  test('an index of the user stays, and none is added to a table of the user', async () => {
    await schema().root.query(
      'CREATE TABLE users (source_product_id INT, target_product_id INT, weight INT, PRIMARY KEY (source_product_id, target_product_id), KEY (weight))',
    );
    const table = tableOf(schema(), { table: 'users' });
    await importInto(table, ['1\t2\t3', '2\t1\t3']);
    expect(await columnsOfIndexes(table)).toEqual([both[0], 'weight']);
  });
});
