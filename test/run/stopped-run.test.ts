import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { beginOfRun } from '#dist/importer/run-id.js';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { tcpProxy } from '../mysql/tcp-proxy.ts';
import { onlineRetail } from '../real-data.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { checkServer } from '../watch/check-server.ts';
import { parseMetrics } from '../watch/parse-metrics.ts';

const [database] = inject('databases').filter(({ kind }) => kind === 'mariadb');
if (database === undefined) {
  throw new Error('There is no MariaDB');
}
const schema = 'stopped_run_test';
const environment = { ALSO_VIEWED_SOURCE_PASSWORD: database.password, ALSO_VIEWED_TARGET_PASSWORD: database.password };
const uri = (port = database.port): string => `mysql://root@${database.host}:${port}/${schema}`;

/** Views of so many paths of two products each, and twice as many relations: more than a proxy that stops lets through in one piece. */
const paths = 20_000;

/** A limit for what must end within 5 seconds of its signal; a loaded machine takes its time to get there. */
const soon = 90_000;

let connection: Connection;

beforeAll(async () => {
  const { host, port, user, password } = database;
  connection = await createConnection({ host, port, user, password });
  await connection.query(`DROP DATABASE IF EXISTS ${schema}`);
  await connection.query(`CREATE DATABASE ${schema}`);
  await connection.query(`USE ${schema}`);
  await connection.query('CREATE TABLE recent_items (path_id INT, product_id INT UNSIGNED)');
  const rows = Array.from({ length: paths }, (_, at) => [
    [at, 2 * at],
    [at, 2 * at + 1],
  ]).flat();
  await connection.query('INSERT INTO recent_items VALUES ?', [rows]);
});

beforeEach(async () => {
  await connection.query('DROP TABLE IF EXISTS related_products, related_products_runs');
});

afterAll(async () => {
  await connection.query(`DROP DATABASE ${schema}`);
  await connection.end();
});

async function createTarget(): Promise<void> {
  const ids = 'source_product_id INT UNSIGNED, target_product_id INT UNSIGNED';
  await connection.query(
    `CREATE TABLE related_products (${ids}, weight INT, PRIMARY KEY (source_product_id, target_product_id))`,
  );
}

/** The table as a whole publication leaves it. */
async function fillTarget(): Promise<void> {
  await createTarget();
  await connection.query('INSERT INTO related_products SELECT product_id, product_id ^ 1, 1 FROM recent_items');
}

async function rows(sql: string): Promise<unknown[][]> {
  const [found] = await connection.query<RowDataPacket[]>({ sql, rowsAsArray: true });
  return found.map((row) => Object.values(row));
}

/** The lists of the table: each is whole, its one target there with its weight, or not there at all. */
async function wholeLists(): Promise<number> {
  const found = await rows('SELECT source_product_id, target_product_id, weight FROM related_products');
  const wrong = found.filter(([s, target, weight]) => Number(target) !== (Number(s) ^ 1) || Number(weight) !== 1);
  expect(wrong).toEqual([]);
  return found.length;
}

interface Stopped extends Ended {
  readonly folder: string;
  readonly again: (...args: string[]) => Promise<Ended>;
  readonly manifest: () => { readonly state: string; readonly stages: { name: string; state: string }[] };
}

/** A run that gets SIGTERM when it says something, with everybody who watches. */
async function stopped(when: RegExp, ...more: string[]): Promise<Stopped> {
  const folder = temporaryFolder();
  const { url, pings } = await checkServer();
  const ends = ['--source', uri(), '--target', uri(), '--work', 'work'];
  const watch = ['--metrics', 'm.prom', '--ping', url, '--on-failure', 'echo $ALSO_VIEWED_MESSAGE > told'];
  const ended = await alsoViewed(['run', ...ends, ...watch, '--verbose', ...more], {
    cwd: folder,
    env: environment,
    signal: { when, send: 'SIGTERM' },
  });
  expect(ended).toMatchObject({ code: 143 });
  expect(pings.map((ping) => ping.path)).toEqual(['/secret-check/start', '/secret-check/143']);
  expect(parseMetrics(readFileSync(path.join(folder, 'm.prom'), 'utf8'))).toMatchObject({ also_viewed_exit_code: 143 });
  expect(readFileSync(path.join(folder, 'told'), 'utf8')).toBe('Interrupted by SIGTERM\n');
  expect(existsSync(path.join(folder, 'work', 'lock.json'))).toBe(false);
  const runs = path.join(folder, 'work', 'runs');
  const [id = ''] = readdirSync(runs);
  const manifest = () => JSON.parse(readFileSync(path.join(runs, id, 'manifest.json'), 'utf8'));
  expect(manifest()).toMatchObject({ state: 'interrupted', error: { exitCode: 143 } });
  const left = readdirSync(path.join(runs, id)).filter((name) => name.includes('.tmp'));
  expect(left).toEqual([]);
  return {
    ...ended,
    folder,
    manifest,
    again: (...args) => alsoViewed(['run', ...ends, ...args], { cwd: folder, env: environment }),
  };
}

describe('SIGTERM', () => {
  test('ends the export: the server is silent in the middle of the views', { timeout: soon }, async () => {
    const proxy = await tcpProxy(database.port, { stopAfter: 10_000 });
    const { manifest, again } = await stopped(/export: begins/, '--source', uri(proxy.port));
    expect(manifest().stages).toMatchObject([{ name: 'export', state: 'failed' }]);
    expect(await again('--resume')).toMatchObject({ code: 0 });
    expect(await wholeLists()).toBe(2 * paths);
  });

  test('ends relating', { timeout: soon }, async () => {
    const { manifest } = await stopped(/relate: begins/, '--source', onlineRetail, '--target', 'target.tsv');
    expect(manifest().stages).toMatchObject([{ state: 'done' }, { name: 'relate', state: 'failed' }]);
  });

  test('ends the comparison: the server is silent in the middle of the table', { timeout: soon }, async () => {
    await fillTarget();
    const proxy = await tcpProxy(database.port, { stopAfter: 20_000 });
    const { manifest, again } = await stopped(/publish: begins/, '--target', uri(proxy.port));
    expect(manifest().stages.at(-1)).toMatchObject({ name: 'publish', state: 'failed' });
    expect(await wholeLists()).toBe(2 * paths);
    expect(await again('--resume')).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing changed') });
  });

  test('ends the publication between two lists, and the next run finishes it', { timeout: soon }, async () => {
    const { manifest, again } = await stopped(/Applied \d+ of/, '--max-rows-per-second', '100');
    expect(manifest().stages.at(-1)).toMatchObject({ name: 'publish', state: 'failed' });
    const published = await wholeLists();
    expect(published).toBeGreaterThan(0);
    expect(published).toBeLessThan(2 * paths);
    expect(await again('--resume')).toMatchObject({ code: 0 });
    expect(await wholeLists()).toBe(2 * paths);
    expect((await rows('SELECT state FROM related_products_runs')).flat()).toEqual(['published']);
  });

  test('ends a first load that waits for somebody who has locked the table', { timeout: soon }, async () => {
    await createTarget();
    await connection.query('LOCK TABLES related_products READ');
    const { again } = await stopped(/Compared: /);
    await connection.query('UNLOCK TABLES');
    // Until the server has noticed that the connections are gone, they hold the lock of the table.
    await vi.waitFor(async () => expect(await again()).toMatchObject({ code: 0 }), { timeout: soon, interval: 100 });
    expect(await wholeLists()).toBe(2 * paths);
  });
});

test('a publication that broke off in the middle is taken back by one rollback', { timeout: soon }, async () => {
  const places = ['--target', uri(), '--work', 'work'];
  const given = { cwd: temporaryFolder(), env: environment };
  const run = ['run', '--source', uri(), ...places];
  expect(await alsoViewed([...run, '--where', 'path_id < 15000'], given)).toMatchObject({ code: 0 });
  const signal = { when: /Applied \d+ of/, send: 'SIGTERM' } as const;
  const slowly = ['--verbose', '--max-rows-per-second', '100'];
  expect(await alsoViewed([...run, ...slowly], { ...given, signal })).toMatchObject({ code: 143 });
  expect(await wholeLists()).toBeGreaterThan(30_000);
  const [[first] = []] = await rows('SELECT run_id FROM related_products_runs ORDER BY started_at LIMIT 1');
  expect(await alsoViewed(['rollback', ...places], given)).toMatchObject({ code: 0 });
  expect(await wholeLists()).toBe(30_000);
  // What the table holds was made then, from these views.
  const parameters = ['rollback', 'where', 'made-at'].map(
    (name) => `JSON_UNQUOTE(JSON_EXTRACT(parameters, '$."${name}"'))`,
  );
  const last = `SELECT ${parameters.join()} FROM related_products_runs ORDER BY started_at DESC LIMIT 1`;
  const madeAt = new Date(beginOfRun(String(first)) ?? 0).toISOString();
  expect(await rows(last)).toEqual([[first, 'path_id < 15000', madeAt]]);
});

describe('a server that is silent for longer than --stage-timeout ends', () => {
  test.each([
    ['the export', 'source', 10_000, 'export'],
    ['the publication', 'target', 20_000, 'publish'],
  ])('%s: 69', { timeout: soon }, async (_, side, stopAfter, stage) => {
    await fillTarget();
    const proxy = await tcpProxy(database.port, { stopAfter });
    const cwd = temporaryFolder();
    const ends = ['--source', uri(), '--target', uri(), '--work', 'work'];
    const args = ['run', ...ends, `--${side}`, uri(proxy.port), '--stage-timeout', '2s'];
    expect(await alsoViewed(args, { cwd, env: environment })).toMatchObject({
      code: 69,
      stderr: expect.stringContaining(`The ${stage} stage hung: it got no further for 2 s`),
    });
    expect(existsSync(path.join(cwd, 'work', 'lock.json'))).toBe(false);
    expect(await alsoViewed(['run', ...ends, '--resume'], { cwd, env: environment })).toMatchObject({ code: 0 });
    expect(await wholeLists()).toBe(2 * paths);
  });
});
