import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { Progress } from '#dist/effects.js';
import { exportViews, type MysqlViews } from '#dist/exporter/export-views.js';
import { ViewParser } from '#dist/tsv/view-parser.js';
import { ownSchema } from '../mysql/own-schema.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { exported, viewsOf } from './run-export.ts';

const oddTexts = [
  'a',
  'A',
  'a ',
  ' a',
  '\u00e9',
  'e\u0301',
  '10',
  '010',
  'a\\',
  'a_b',
  '"q"',
  "it's",
  '👟',
  'x'.repeat(255),
  '👟'.repeat(255),
  'tab\tline\nNUL\0 end',
  'NULL',
  '\\N',
  '',
];

describe.each(inject('databases').map((server) => [server.kind, server] as const))('from %s', (kind, server) => {
  const schema = ownSchema(server);
  let tables = 0;

  /** A table `(path_id, product_id, more)` of its own for each test. */
  async function table(types: string, rows: readonly (readonly unknown[])[]): Promise<string> {
    const name = `t${tables++}`;
    await schema().root.query(`CREATE TABLE ${name} (nr INT AUTO_INCREMENT PRIMARY KEY, ${types})`);
    for (const row of rows) {
      await schema().root.query(`INSERT INTO ${name} VALUES (DEFAULT, ?)`, [row]);
    }
    return name;
  }

  async function linesOf(types: string, rows: readonly (readonly unknown[])[]): Promise<string[]> {
    const { lines } = await exported(viewsOf(schema(), { table: await table(types, rows) }));
    return lines;
  }

  test('a header with the two names comes first, also when there are no views', async () => {
    const views = viewsOf(schema(), { table: await table('path_id INT, product_id INT', []) });
    const { lines, rows, nulls, artefact } = await exported(views);
    expect(lines).toEqual(['path_id\tproduct_id']);
    expect({ rows, nulls, lines: artefact.lines }).toEqual({ rows: 0, nulls: 0, lines: 1 });
  });

  test('the progress is of the rows that the server expects, where it says how many', async () => {
    const name = await table('path_id INT, product_id INT', []);
    // Of InnoDB it is an estimate.
    await schema().root.query(`ALTER TABLE ${name} ENGINE=MyISAM`);
    const rows = Array.from({ length: 300 }, (_, at) => [at, at === 7 ? null : at]);
    await schema().root.query(`INSERT INTO ${name} (path_id, product_id) VALUES ?`, [rows]);
    await schema().root.query(`CREATE VIEW squared AS SELECT a.path_id, b.product_id FROM ${name} a, ${name} b`);
    const reader = { user: await schema().user(`SELECT ON ${schema().name}.squared`), password: 'secret' };
    const told = async (changes: Partial<MysqlViews>): Promise<Progress[]> => {
      const all: Progress[] = [];
      await exported(viewsOf(schema(), { table: name, ...changes }), { progress: (each) => void all.push(each) });
      return [all[0], all.at(-1)].filter((each) => each !== undefined);
    };
    const stage = { stage: 'Exporting', unit: 'views' };
    const toldOf = (total: number | undefined, rows: number) => [
      { ...stage, done: 0, total },
      { ...stage, done: rows, total: rows },
    ];
    expect({
      all: await told({}),
      some: await told({ where: 'path_id < 100' }),
      joined: await told({ table: 'squared' }),
      hidden: await told({
        table: 'squared',
        address: schema().address({ user: reader.user }),
        password: reader.password,
      }),
    }).toEqual({
      all: toldOf(300, 300),
      some: toldOf(undefined, 100),
      joined: toldOf(undefined, 90_000),
      hidden: toldOf(undefined, 90_000),
    });
  });

  test('the header has the names as configured, whatever their case in the table', async () => {
    const name = await table('`visit``s id` INT, `sku.nr` VARCHAR(9)', [[1, 'x']]);
    const { lines } = await exported(
      viewsOf(schema(), { table: name, pathColumn: 'Visit`s ID', productColumn: 'sku.nr' }),
    );
    expect(lines).toEqual(['Visit`s ID\tsku.nr', '1\tx']);
  });

  test.each([
    ['BIGINT UNSIGNED', ['0', '1', '4294967295', '4294967296', '9007199254740993', '18446744073709551615']],
    ['BIGINT', ['-9223372036854775808', '-4294967296', '-1', '0', '9223372036854775807']],
    ['INT UNSIGNED', ['0', '4294967295']],
    ['INT', ['-2147483648', '-1', '2147483647']],
    ['MEDIUMINT UNSIGNED', ['0', '16777215']],
    ['MEDIUMINT', ['-8388608', '-1', '8388607']],
    ['SMALLINT UNSIGNED', ['0', '65535']],
    ['SMALLINT', ['-32768', '-1', '32767']],
    ['TINYINT UNSIGNED', ['0', '255']],
    ['TINYINT', ['-128', '-1', '127']],
    ['DECIMAL(30,2)', ['0.00', '-1.50', '1234567890123456789012345678.90']],
    ['DATE', ['2026-01-31']],
    ['DATETIME(3)', ['2026-01-31 06:00:00.125']],
    ['DOUBLE', ['0.5', '-2.25']],
    ['YEAR', ['1999']],
    ["ENUM('a','B c')", ['a', 'B c']],
  ])('%s ids are exact on both sides', async (type, ids) => {
    const lines = await linesOf(
      `path_id ${type}, product_id ${type}`,
      ids.map((id, at) => [id, ids.at(-1 - at)]),
    );
    expect(lines.slice(1)).toEqual(ids.map((id, at) => `${id}\t${ids.at(-1 - at)}`));
  });

  test('zeros that ZEROFILL shows are no part of an id', async () => {
    expect(await linesOf('path_id INT(6) ZEROFILL, product_id BIGINT UNSIGNED', [[42, 7]])).toContain('42\t7');
  });

  test.each(['VARCHAR(300)', 'TEXT', 'LONGTEXT'])('%s ids are the bytes that `mysql --batch` writes', async (type) => {
    const collation = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
    const name = await table(
      `path_id ${type} ${collation}, product_id ${type} ${collation}`,
      oddTexts.map((text, at) => [text, oddTexts.at(-1 - at)]),
    );
    const { bytes, rows } = await exported(viewsOf(schema(), { table: name }));
    const { stdout } = await promisify(execFile)(
      'mysql',
      [
        '--no-defaults',
        '--batch',
        '--quick',
        '--default-character-set=utf8mb4',
        `--socket=${server.socketPath}`,
        `--user=${server.user}`,
        schema().name,
        `--execute=SELECT path_id, product_id FROM ${name}`,
      ],
      { encoding: 'buffer', env: { ...process.env, MYSQL_PWD: server.password } },
    );
    expect(bytes.toString('latin1')).toBe(stdout.toString('latin1'));
    expect(rows).toBe(oddTexts.length);
  });

  test('an id that ends with a CR is rejected by the reader, and does not become another product', async () => {
    const odd = ['q', 'q\r', 'q\r\r', 'a\rb', 'q\b', 'q\u001a'];
    const { bytes, lines } = await exported(
      viewsOf(schema(), {
        table: await table(
          'path_id INT, product_id VARCHAR(9)',
          odd.map((id) => [1, id]),
        ),
      }),
    );
    expect(lines.slice(1)).toEqual(['1\tq', '1\tq\\r', '1\tq\\r\\r', '1\ta\\rb', '1\tq\\b', '1\tq\\Z']);
    const taken: string[] = [];
    const rejected: unknown[] = [];
    const parser = new ViewParser(
      { path: 'path_id', product: 'product_id' },
      {
        view: (row, _start, _end, from, to) => taken.push(Buffer.from(row.subarray(from, to)).toString()),
        reject: (line, reason) => rejected.push([line, reason]),
      },
    );
    parser.push(bytes);
    parser.end();
    expect(taken).toEqual(['q']);
    expect(rejected).toEqual([3, 4, 5, 6, 7].map((line) => [line, 'control character']));
  });

  test('texts of every character set arrive as UTF-8', async () => {
    const lines = await linesOf(
      'path_id VARCHAR(20) CHARACTER SET latin1, product_id VARCHAR(20) CHARACTER SET utf16',
      [['Größe', '日本👟']],
    );
    expect(lines).toContain('Größe\t日本👟');
  });

  test('CHAR ids come without the blanks that pad them', async () => {
    expect(await linesOf('path_id CHAR(8), product_id INT', [['ab', 1]])).toContain('ab\t1');
  });

  test('binary ids are lower-case hex', async () => {
    const id = Buffer.from('00ff0a5c09aabbccddeeff0123456789', 'hex');
    const lines = await linesOf('path_id BINARY(16), product_id VARBINARY(4)', [
      [id, Buffer.from([0xab])],
      [id, Buffer.alloc(0)],
    ]);
    expect(lines.slice(1)).toEqual([`${id.toString('hex')}\tab`, `${id.toString('hex')}\t`]);
  });

  if (kind === 'mariadb') {
    test('UUID ids are their text', async () => {
      const id = '123e4567-e89b-12d3-a456-426655440000';
      expect(await linesOf('path_id UUID, product_id INT', [[id, 1]])).toContain(`${id}\t1`);
    });
  }

  test('an id longer than 64 KiB is whole', async () => {
    const long = 'é\n'.repeat(100_000);
    const lines = await linesOf('path_id LONGTEXT, product_id INT', [
      [long, 1],
      ['b', 2],
    ]);
    expect(lines.slice(1)).toEqual([`${'é\\n'.repeat(100_000)}\t1`, 'b\t2']);
  });

  test('rows with a NULL on either side are left out and counted', async () => {
    const name = await table('path_id INT, product_id VARCHAR(9)', [
      [1, 'a'],
      [null, 'b'],
      [2, null],
      [null, null],
      [3, ''],
    ]);
    const { lines, rows, nulls, artefact } = await exported(viewsOf(schema(), { table: name }));
    expect(lines.slice(1)).toEqual(['1\ta', '3\t']);
    expect({ rows, nulls, lines: artefact.lines }).toEqual({ rows: 2, nulls: 3, lines: 3 });
  });

  test('the column of the product is told', async () => {
    const name = await table('path_id INT, product_id BIGINT UNSIGNED NOT NULL', []);
    const { product } = await exported(viewsOf(schema(), { table: name }));
    expect(product).toMatchObject({
      name: 'product_id',
      kind: 'integer',
      dataType: 'bigint',
      unsigned: true,
      nullable: false,
    });
  });

  test('--where chooses the rows, even when it holds an OR or ends with a comment', async () => {
    const name = await table('path_id INT, product_id INT, shop INT, at DATETIME', [
      [1, 1, 1, '2026-01-01'],
      [2, 2, 2, '2020-01-01'],
      [3, 3, 3, '2026-01-01'],
    ]);
    const views = { table: name, where: "shop = 1 OR shop = 2 -- '?'", timeColumn: 'at', since: '2025-01-01' };
    expect((await exported(viewsOf(schema(), views))).lines.slice(1)).toEqual(['1\t1']);
  });

  test.each([
    ['DATETIME', 'NOW() - INTERVAL 3 HOUR', '4h', '2h'],
    ['TIMESTAMP', 'NOW() - INTERVAL 3 HOUR', '4h', '170m'],
    ['DATE', 'CURDATE() - INTERVAL 21 DAY', '3w', '20d'],
    ['INT UNSIGNED', 'UNIX_TIMESTAMP() - 10800', '4h', '2h'],
    ['BIGINT', 'UNIX_TIMESTAMP() - 10800', '4h', '2h'],
  ])('a window of time ends at the clock of the server for a %s column', async (type, time, wide, narrow) => {
    const name = await table(`path_id INT, product_id INT, at ${type} NULL`, [[1, 1, null]]);
    await schema().root.query(`INSERT INTO ${name} VALUES (DEFAULT, 2, 2, ${time})`);
    const since = async (value: string): Promise<string[]> =>
      (await exported(viewsOf(schema(), { table: name, timeColumn: 'at', since: value }))).lines.slice(1);
    expect(await since(wide)).toEqual(['2\t2']);
    expect(await since(narrow)).toEqual([]);
  });

  test.each([
    ['DATETIME', "'2026-01-31 06:00:00'"],
    ['TIMESTAMP', "'2026-01-31 06:00:00'"],
    ['INT UNSIGNED', "UNIX_TIMESTAMP('2026-01-31 06:00:00')"],
  ])(
    'a window from a point in time includes it for a %s column, in the time zone of the server',
    async (type, time) => {
      const name = await table(`path_id INT, product_id INT, at ${type}`, []);
      await schema().root.query(`INSERT INTO ${name} VALUES (DEFAULT, 1, 1, ${time})`);
      const since = async (value: string): Promise<number> =>
        (await exported(viewsOf(schema(), { table: name, timeColumn: 'at', since: value }))).rows;
      expect(await since('2026-01-31')).toBe(1);
      expect(await since('2026-01-31 06:00')).toBe(1);
      expect(await since('2026-01-31T06:00:01')).toBe(0);
    },
  );

  test('a window from before 1970 or in a far future is what it says for a column of seconds', async () => {
    const name = await table('path_id INT, product_id INT, at BIGINT', []);
    await schema().root.query(`INSERT INTO ${name} VALUES (DEFAULT, 1, 1, 0), (DEFAULT, 2, 2, UNIX_TIMESTAMP())`);
    const since = async (value: string): Promise<number> =>
      (await exported(viewsOf(schema(), { table: name, timeColumn: 'at', since: value }))).rows;
    expect(await since('1969-12-31')).toBe(2);
    expect(await since('1970-01-03')).toBe(1);
    expect(await since('9999-12-31')).toBe(0);
  });

  test('rows that are written after the beginning are not seen', async () => {
    const name = await table('path_id INT, product_id INT', [[1, 1]]);
    const written: string[] = [];
    const stdout = new Writable({
      write(chunk, _encoding, callback) {
        written.push(String(chunk));
        schema()
          .root.query(`INSERT INTO ${name} VALUES (DEFAULT, 2, 2)`)
          .then(() => callback(), callback);
      },
    });
    await exportViews(viewsOf(schema(), { table: name }), '-', { stdout });
    expect(written.join('')).toBe('path_id\tproduct_id\n1\t1\n');
  });

  test('a name that ends in .gz is gzip; bytes, lines and digest are those of the content', async () => {
    const name = await table('path_id INT, product_id INT', [[1, 2]]);
    const file = path.join(temporaryFolder(), 'views.tsv.gz');
    const { artefact } = await exportViews(viewsOf(schema(), { table: name }), file);
    const content = gunzipSync(readFileSync(file));
    expect(content.toString()).toBe('path_id\tproduct_id\n1\t2\n');
    const sha256 = createHash('sha256').update(content).digest('hex');
    expect(artefact).toEqual({ location: file, bytes: content.length, lines: 2, sha256 });
  });

  describe('refuses, and leaves no file,', () => {
    beforeAll(async () => {
      await schema().root.query('CREATE TABLE given (nr INT, path_id INT, product_id INT, name VARCHAR(20))');
      await schema().root.query("INSERT INTO given VALUES (1, 1, 1, ''), (2, 2, 2, ''), (3, 3, 3, '')");
    });

    test.each([
      ['a table that does not exist, naming those that do', { table: 'nope' }, 'configuration', /nope.*only .*given/],
      [
        'a column that does not exist, naming those that do',
        { table: 'given', productColumn: 'nope' },
        'configuration',
        /nope.*only nr, path_id, product_id/,
      ],
      [
        'a time column that does not exist',
        { table: 'given', timeColumn: 'nope', since: '1d' },
        'configuration',
        /nope.*only nr/,
      ],
      [
        'a time column that holds no time',
        { table: 'given', timeColumn: 'name', since: '1d' },
        'configuration',
        /name.*varchar/,
      ],
      ['a window without a time column', { table: 'given', since: '1d' }, 'usage', /1d/],
      ['a window that is none', { table: 'given', timeColumn: 'nr', since: 'yesterday' }, 'usage', /yesterday/],
      ['a condition that is not SQL', { table: 'given', where: 'path_id ==' }, 'configuration', /syntax/],
      ['a condition on a column that does not exist', { table: 'given', where: 'nope = 1' }, 'configuration', /nope/],
      [
        'a condition with a function that does not exist',
        { table: 'given', where: 'nope(1)' },
        'configuration',
        /nope/i,
      ],
      ['a condition with a placeholder', { table: 'given', where: 'path_id = ?' }, 'configuration', /argument/],
      [
        'a condition that fails at a later row',
        { table: 'given', where: 'nr < 3 OR (SELECT t.nr FROM given t WHERE t.nr < given.nr) = 1' },
        'configuration',
        /more than 1 row/,
      ],
    ] as const)('%s', async (_, changes, failureKind, message) => {
      const folder = temporaryFolder();
      await expect(exportViews(viewsOf(schema(), changes), path.join(folder, 'views.tsv'))).rejects.toMatchObject({
        name: 'ExpectedFailure',
        kind: failureKind,
        message: expect.stringMatching(message),
      });
      expect(readdirSync(folder)).toEqual([]);
    });

    test('a column that is misspelt, with the nearest', async () => {
      await expect(exported(viewsOf(schema(), { table: 'given', productColumn: 'prodcut_id' }))).rejects.toMatchObject({
        remedy: expect.stringMatching(/Did you mean product_id\?$/),
      });
    });

    test('a table that the user may not read', async () => {
      const name = await table('path_id INT, product_id INT', [[1, 1]]);
      const user = await schema().user(`INSERT ON ${schema().name}.*`);
      const views = viewsOf(schema(), { address: schema().address({ user }), password: 'secret', table: name });
      await expect(exported(views)).rejects.toMatchObject({
        kind: 'noPermission',
        message: expect.stringContaining(name),
      });
    });

    test('a column that the user may not read', async () => {
      const name = await table('path_id INT, product_id INT, secret INT', [[1, 1, 1]]);
      const user = await schema().user(`SELECT (path_id, product_id) ON ${schema().name}.${name}`);
      const views = viewsOf(schema(), { address: schema().address({ user }), password: 'secret', table: name });
      expect((await exported(views)).rows).toBe(1);
      await expect(exported({ ...views, where: 'secret = 1' })).rejects.toMatchObject({ kind: 'noPermission' });
    });
  });
});
