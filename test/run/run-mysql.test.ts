import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { relate } from 'also-viewed';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { awkwardIds } from '../arbitraries.ts';
import { bruteForce } from '../brute-force.ts';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { onlineRetail } from '../real-data.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** The relations of the real views with at least 50 paths, as lines; their digest without a limit is tested with the engine. */
async function heavyRelations(): Promise<string[]> {
  const out = path.join(temporaryFolder(), 'relations.tsv');
  await relate(onlineRetail, { out, minWeight: 50 });
  return readFileSync(out, 'utf8').trimEnd().split('\n');
}

/** The real views in a file that the servers can read. */
function realViews(): string {
  const file = path.join(temporaryFolder(), 'views.tsv');
  writeFileSync(file, gunzipSync(readFileSync(onlineRetail)));
  return file;
}

let heavy: Promise<string[]> | undefined;

const weightOf = (line: string): number => Number(line.slice(line.lastIndexOf('\t') + 1));

describe.each(inject('databases'))('on $kind', (database) => {
  const schema = 'run_test';
  const uri = `mysql://root@${database.host}:${database.port}/${schema}`;
  let connection: Connection;

  beforeAll(async () => {
    const { host, port, user, password } = database;
    connection = await createConnection({
      host,
      port,
      user,
      password,
      supportBigNumbers: true,
      bigNumberStrings: true,
    });
    await connection.query(`DROP DATABASE IF EXISTS ${schema}`);
    await connection.query(`CREATE DATABASE ${schema} CHARACTER SET utf8mb4`);
    await connection.query(`USE ${schema}`);
  });

  afterAll(async () => {
    await connection.query(`DROP DATABASE ${schema}`);
    await connection.end();
  });

  async function run(...args: string[]): Promise<Ended> {
    return await alsoViewed(
      ['run', '--source', uri, '--target', uri, '--work', path.join(temporaryFolder(), 'work'), ...args],
      {
        env: { ALSO_VIEWED_SOURCE_PASSWORD: database.password, ALSO_VIEWED_TARGET_PASSWORD: database.password },
      },
    );
  }

  async function rows(sql: string): Promise<unknown[][]> {
    const [found] = await connection.query<RowDataPacket[]>({ sql, rowsAsArray: true });
    return found.map((row) => Object.values(row));
  }

  const text = database.kind === 'mysql' ? 'utf8mb4_0900_bin' : 'utf8mb4_nopad_bin';

  test('the real views give exactly their relations, and a path less changes what it touched', async () => {
    await connection.query(
      `CREATE TABLE recent_items (path_id VARCHAR(16) NOT NULL, product_id VARCHAR(32) COLLATE ${text} NOT NULL, KEY (path_id))`,
    );
    await connection.query(`LOAD DATA INFILE '${realViews()}' INTO TABLE recent_items IGNORE 1 LINES`);
    // All 7.5 million relations would take minutes to load; those of at least 50 paths keep every stage busy.
    const limits = ['--min-weight', '50'];

    const first = await run(...limits);
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('rows 541909') });
    const table = 'SELECT source_product_id, target_product_id, weight FROM related_products ORDER BY 1, 2';
    heavy ??= heavyRelations();
    const expected = await heavy;
    expect(expected.length).toBeGreaterThan(100_000);
    expect((await rows(table)).map((row) => row.join('\t'))).toEqual(expected);

    const [[path] = []] = await rows(
      'SELECT path_id FROM recent_items GROUP BY path_id ORDER BY COUNT(DISTINCT product_id) DESC LIMIT 1',
    );
    const touched = new Set(
      (await rows(`SELECT DISTINCT product_id FROM recent_items WHERE path_id = '${path}'`)).flat(),
    );
    await connection.query('DELETE FROM recent_items WHERE path_id = ?', [path]);
    const before = new Map(expected.map((line) => [line.slice(0, line.lastIndexOf('\t')), weightOf(line)]));
    // The path with the most products touches more than half of the relations that so many paths have.
    const { code, stderr } = await run(...limits, '--accept-changes', 'a test');
    expect(code).toBe(0);
    const affected = [...before].filter(([pair]) => pair.split('\t').every((product) => touched.has(product)));
    const gone = affected.filter(([, weight]) => weight === 50).length;
    expect(stderr).toContain(`0 added, ${affected.length - gone} changed, ${gone} removed`);
    const left = await rows(table);
    expect(left).toHaveLength(expected.length - gone);
    const wrong = left.filter(([source, target, weight]) => {
      const both = touched.has(source) && touched.has(target);
      return Number(weight) !== (before.get(`${source}\t${target}`) ?? 0) - (both ? 1 : 0);
    });
    expect(wrong).toEqual([]);
  }, 240_000);

  test('every id comes back as it went in, and a second run changes nothing', async () => {
    await connection.query('DROP TABLE IF EXISTS recent_items, related_products, related_products_runs');
    await connection.query(
      `CREATE TABLE recent_items (path_id INT, product_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE ${text})`,
    );
    await connection.query('INSERT INTO recent_items VALUES ?', [
      [...awkwardIds, 'tab\there', 'line\nend', null].map((id) => [1, id]),
    ]);
    const { code, stderr } = await run();
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('nulls 1') });
    expect(stderr).toMatch(/Rejected 2 of 18 rows .*views\.tsv\.gz:\d+: control character/);
    const found = await rows('SELECT source_product_id, target_product_id, weight FROM related_products');
    const expected = bruteForce(awkwardIds.map((id) => ['1', id]));
    const key = (row: readonly unknown[]): string => JSON.stringify(row.map(String));
    expect(found.map(key).sort()).toEqual(expected.map(key).sort());
    expect(await run()).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing changed') });
  });

  test('integer ids up to 2^64-1 are ordered by value and get integer columns', async () => {
    await connection.query('DROP TABLE IF EXISTS recent_items, related_products, related_products_runs');
    await connection.query('CREATE TABLE recent_items (path_id BIGINT UNSIGNED, product_id BIGINT UNSIGNED)');
    await connection.query(
      'INSERT INTO recent_items VALUES (1, 9), (1, 10), (1, 18446744073709551615), (2, 10), (2, 9)',
    );
    expect(await run()).toMatchObject({ code: 0, stderr: expect.stringContaining('order integer') });
    expect((await rows('SELECT * FROM related_products ORDER BY 1, 2')).map((row) => row.map(String))).toEqual([
      ['9', '10', '2'],
      ['9', '18446744073709551615', '1'],
      ['10', '9', '2'],
      ['10', '18446744073709551615', '1'],
      ['18446744073709551615', '9', '1'],
      ['18446744073709551615', '10', '1'],
    ]);
    const [[type] = []] = await rows(
      `SELECT COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '${schema}' AND TABLE_NAME = 'related_products' AND COLUMN_NAME = 'source_product_id'`,
    );
    expect(type).toMatch(/^bigint.* unsigned$/);
  });

  test('a resumed run still makes a new table with the type of the ids, though the source has changed', async () => {
    await connection.query('DROP TABLE IF EXISTS recent_items, related_products, related_products_runs');
    await connection.query('CREATE TABLE recent_items (path_id INT, product_id SMALLINT UNSIGNED)');
    await connection.query('INSERT INTO recent_items VALUES (1, 9), (1, 10)');
    const work = path.join(temporaryFolder(), 'work');
    const nowhere = uri.replace(schema, 'run_test_later');
    expect(await run('--target', nowhere, '--work', work)).toMatchObject({ code: 78 });
    await connection.query('DROP TABLE recent_items');
    await connection.query('CREATE DATABASE run_test_later');
    try {
      expect(await run('--target', nowhere, '--work', work, '--resume')).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('2 added'),
      });
      const [[type] = []] = await rows(
        `SELECT COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'run_test_later' AND TABLE_NAME = 'related_products' AND COLUMN_NAME = 'source_product_id'`,
      );
      expect(type).toMatch(/^smallint.* unsigned$/);
    } finally {
      await connection.query('DROP DATABASE run_test_later');
    }
  });

  test("the shop's own table is used under its own names, and gets no other columns", async () => {
    await connection.query(
      `CREATE TABLE viewed_products (source_product_id INT UNSIGNED NOT NULL, target_product_id INT UNSIGNED NOT NULL, count INT NOT NULL,
       UNIQUE KEY (source_product_id, target_product_id))`,
    );
    await connection.query('CREATE TABLE visits (visit INT, item INT UNSIGNED)');
    await connection.query('INSERT INTO visits VALUES (1, 7), (1, 8), (2, 8), (2, 7), (3, 9)');
    await connection.query('INSERT INTO viewed_products VALUES (1, 2, 3), (7, 8, 1)');
    const names = ['--source-table', 'visits', '--path-column', 'visit', '--product-column', 'item'];
    const { code, stderr } = await run(
      ...[...names, '--target-table', 'viewed_products', '--weight-column', 'count'],
      ...['--accept-changes', 'a test'],
    );
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('1 added, 1 changed, 1 removed'),
    });
    expect(await rows('SELECT * FROM viewed_products ORDER BY 1, 2')).toEqual([
      [7, 8, 2],
      [8, 7, 2],
    ]);
  });

  test('a file that mysql --batch wrote is read as it is', async () => {
    await connection.query('DROP TABLE IF EXISTS recent_items');
    await connection.query(
      `CREATE TABLE recent_items (path_id INT, product_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE ${text})`,
    );
    await connection.query('INSERT INTO recent_items VALUES ?', [['a\\b', 'c', 'd e', 'é'].map((id) => [1, id])]);
    const file = path.join(temporaryFolder(), 'views.tsv');
    const { host, port, user, password } = database;
    const client = [
      '--batch',
      '--default-character-set=utf8mb4',
      `-h${host}`,
      `-P${port}`,
      `-u${user}`,
      '-e',
      'SELECT path_id, product_id FROM recent_items',
      schema,
    ];
    writeFileSync(file, execFileSync('mysql', client, { env: { ...process.env, MYSQL_PWD: password } }));
    const { code, stdout } = await alsoViewed(['relate', file]);
    expect({ code, lines: stdout.split('\n').length - 1 }).toEqual({ code: 0, lines: 12 });
    expect(stdout).toContain('a\\\\b\tc\t1\n');
  });

  test.each([
    ['a wrong password', { password: 'marked-secret' }, [], 77, /Access denied/],
    ['a host that is not known', { host: 'nowhere.invalid' }, [], 69, /nowhere\.invalid/],
    ['a port where nobody listens', { port: 1 }, [], 69, /ECONNREFUSED/],
    ['a database that does not exist', { schema: 'nowhere' }, [], 78, /nowhere/],
    ['a table that does not exist', {}, ['--source-table', 'nothing'], 78, /nothing/],
    ['a column that does not exist', {}, ['--product-column', 'nothing'], 78, /no column nothing/],
    ['a condition that is not SQL', {}, ['--where', 'FROM FROM'], 78, /SQL|where/],
  ] as const)('%s: its exit code and a message, never the password', async (_, given, args, code, message) => {
    const { host, port, password } = { ...database, ...given };
    const source = `mysql://root@${host}:${port}/${'schema' in given ? given.schema : schema}?connect-timeout=1s`;
    const ended = await alsoViewed(
      ['export', '--source', source, '--out', path.join(temporaryFolder(), 'v.tsv'), ...args],
      {
        env: { ALSO_VIEWED_SOURCE_PASSWORD: password },
      },
    );
    expect(ended.stderr).toMatch(message);
    expect(ended.code).toBe(code);
    expect(ended.stderr + ended.stdout).not.toContain(password);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });

  test('a password in the URI is refused and not repeated', async () => {
    const ended = await alsoViewed(['export', '--source', uri.replace('root@', 'root:marked-secret@')]);
    expect(ended).toMatchObject({ code: 64, stderr: expect.stringContaining('ALSO_VIEWED_SOURCE_PASSWORD') });
    expect(ended.stderr + ended.stdout).not.toContain('marked-secret');
  });
});
