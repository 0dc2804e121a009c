import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { ExpectedFailure } from '#dist/failure.js';
import { checkRelations } from '#dist/importer/check-relations.js';
import { ownSchema } from '../mysql/own-schema.ts';
import { checksum, importInto, relationsFile, tableLines, tableOf } from './run-import.ts';

const notRelations: [what: string, text: string, line: number, reason: string][] = [
  ['two fields', '1\t2\t3\n1\t3\n', 2, 'wrong number of fields'],
  ['four fields', '1\t2\t3\t4\n', 1, 'wrong number of fields'],
  ['an empty line', '1\t2\t3\n\n', 2, 'wrong number of fields'],
  ['a header', 'source\ttarget\tweight\n1\t2\t3\n', 1, 'the weight is not'],
  ['Windows line ends', '1\t2\t3\r\n', 1, 'the weight is not'],
  ['rows out of order', '1\t2\t3\n2\t1\t3\n1\t3\t3\n', 3, 'rows out of order'],
  ['targets out of order', '1\t3\t3\n1\t2\t3\n', 2, 'rows out of order'],
  ['integers in numeric order, and an id that is none', '9\t1\t3\n10\t1\t3\na\t1\t3\n', 2, 'rows out of order'],
  ['integers that are not canonical in numeric order', '9\t1\t3\n010\t1\t3\n11\t1\t3\n', 2, 'rows out of order'],
  ['UTF-16 order', '\u{1f6d2}\ta\t1\n\uffee\ta\t1\n', 2, 'rows out of order'],
  ['double rows', '1\t2\t3\n1\t2\t3\n', 2, 'the relation is there twice'],
  ['double rows of another weight', 'a\tb\t3\na\tb\t4\n', 2, 'the relation is there twice'],
  ['a self relation', '1\t1\t3\n', 1, 'a product is related to itself'],
  ['the weight 0', '1\t2\t0\n', 1, 'the weight is not'],
  ['a negative weight', '1\t2\t-3\n', 1, 'the weight is not'],
  ['a weight with a fraction', '1\t2\t3.0\n', 1, 'the weight is not'],
  ['a weight with a leading zero', '1\t2\t03\n', 1, 'the weight is not'],
  ['the weight 2^53', '1\t2\t9007199254740992\n', 1, 'the weight is not'],
  ['an empty id', '1\t\t3\n', 1, 'empty field'],
  ['NULL', '1\tNULL\t3\n', 1, 'NULL'],
  ['a control character', '1\ta\\tb\t3\n', 1, 'control character'],
  ['an id of 256 characters', `${'x'.repeat(256)}\ta\t3\n`, 1, 'id longer than 255 characters'],
  ['a file without line ends', 'x'.repeat(2_000_000), 1, 'the line is too long'],
];

describe('a file is refused, with the line, that holds', () => {
  test.each(notRelations)('%s', async (_, text, line, reason) => {
    const file = relationsFile(text);
    await expect(checkRelations({ location: file, name: file }, defaultEffects())).rejects.toMatchObject({
      kind: 'badData',
      message: expect.stringContaining(`Cannot use ${file}:${line}: ${reason}`),
      remedy: expect.stringContaining('also-viewed relate'),
    });
  });
});

test('the figures of a file are found in one pass', async () => {
  const file = relationsFile('9\t10\t3\n10\t9\t9007199254740991\n10\t18446744073709551615\t1\n');
  expect(await checkRelations({ location: file, name: file }, defaultEffects())).toMatchObject({
    relations: 3,
    sources: 2,
    largestWeight: Number.MAX_SAFE_INTEGER,
    orders: ['integer'],
    ids: { shortest: 1, longest: 20, integers: true, hex: false, largestInteger: 2n ** 64n - 1n },
  });
  const both = relationsFile('10\t20\t3\n20\t10\t3');
  expect((await checkRelations({ location: both, name: both }, defaultEffects())).orders).toEqual(['integer', 'text']);
});

describe('a file of several chunks that begins with numbers', () => {
  const rows = Array.from({ length: 20_000 }, (_, at) => `${at + 2}\t${at % 2}\t1`);
  const check = async (lines: readonly string[]): ReturnType<typeof checkRelations> => {
    const file = relationsFile(lines.join('\n'));
    return await checkRelations({ location: file, name: 'r.tsv' }, defaultEffects());
  };

  test('has the figures of all rows, whether the last ids fit a number or not', async () => {
    expect(await check(rows)).toMatchObject({ relations: 20_000, sources: 20_000, orders: ['integer'] });
    const large = ['20001\t5\t7', '1000000000000000\t1\t1', '18446744073709551615\t0\t2'];
    expect(await check([...rows, ...large])).toMatchObject({
      relations: 20_003,
      sources: 20_002,
      largestWeight: 7,
      orders: ['integer'],
      ids: { shortest: 1, longest: 20, integers: true, hex: false, uuids: false, largestInteger: 2n ** 64n - 1n },
    });
    const even = Array.from({ length: 9_000 }, (_, at) => `${at + 1000}\t10\t1`);
    expect(await check(even)).toMatchObject({ orders: ['integer', 'text'], ids: { shortest: 2, hex: true } });
    const odd = await check([...even, '10000\t10\t1']);
    expect(odd).toMatchObject({ orders: ['integer'], ids: { hex: false } });
  });

  test.each([
    ['a double row', '20001\t1\t3', 'the relation is there twice'],
    ['a source that was there', '5\t1\t3', 'rows out of order'],
    ['a target out of order', '20001\t0\t3', 'rows out of order'],
    ['a large id related to itself', '1000000000000000\t1000000000000000\t1', 'a product is related to itself'],
    ['a weight that is none', '1000000000000000\t1\t0', 'the weight is not'],
    ['two fields', '20002\t1', 'wrong number of fields'],
  ])('is refused, with the line, for %s', async (_, line, reason) => {
    await expect(check([...rows, line])).rejects.toThrow(`Cannot use r.tsv:20001: ${reason}`);
  });

  test('is refused for an id that is no number, at the first row that bytes sort otherwise', async () => {
    await expect(check([...rows, 'a\t1\t1'])).rejects.toThrow('Cannot use r.tsv:9: rows out of order');
  });
});

const unfit: [what: string, id: string, weight: string, lines: string[], reason: string][] = [
  ['a weight is too large', 'INT', 'TINYINT UNSIGNED', ['1\t2\t255', '1\t3\t256'], 'the largest weight is 256'],
  ['a weight overflows SMALLINT', 'INT', 'SMALLINT', ['1\t2\t32767', '2\t1\t32768'], 'the largest weight is 32768'],
  ['an id is too large', 'SMALLINT', 'INT', ['1\t32768\t1'], 'the largest id is 32768'],
  ['an id is no integer', 'INT', 'INT', ['1\ta\t1'], 'not every id is an unsigned integer'],
  ['an integer is not canonical', 'INT', 'INT', ['1\t02\t1'], 'not every id is an unsigned integer'],
  ['an id is too long', 'VARCHAR(3)', 'INT', ['1\tabcd\t1'], 'the longest id has 4 characters'],
  ['a CHAR would lose a space', 'CHAR(9)', 'INT', ['1\ta \t1'], 'the id "a " would lose the space'],
  [
    'its character set lacks a character',
    'VARCHAR(9) CHARACTER SET utf8mb3',
    'INT',
    ['a\t👟\t1'],
    'the ids have the character "👟", which its character set utf8mb3 lacks',
  ],
  [
    'latin1 lacks a character, of the last of many ids',
    'VARCHAR(9) CHARACTER SET latin1',
    'INT',
    ['a\té\t1', 'a\tü\t1', 'b\t語\t1'],
    'the ids have the character "語", which its character set latin1 lacks',
  ],
  [
    'ASCII lacks a character',
    'VARCHAR(9) CHARACTER SET ascii',
    'INT',
    ['a\té\t1'],
    'the character "é", which its character set ascii lacks',
  ],
  [
    'a character set lacks a character of ASCII',
    'VARCHAR(9) CHARACTER SET swe7',
    'INT',
    ['a\tx{\t1'],
    'the character "{", which its character set swe7 lacks',
  ],
  ['an id is not hex', 'BINARY(2)', 'INT', ['00ff\tzz\t1'], 'not every id is an even number of lower-case hex digits'],
  ['bytes are too long', 'VARBINARY(2)', 'INT', ['00ff\t00ffff\t1'], 'the longest id has 6 hex digits'],
  ['bytes would be filled up', 'BINARY(2)', 'INT', ['00ff\tff\t1'], 'the shortest id has 2 hex digits'],
];

describe.each(inject('databases').map((server) => [server.kind, server] as const))('%s', (kind, server) => {
  const schema = ownSchema(server);
  let tables = 0;

  async function tableWith(id: string, weight = 'INT', key = 'PRIMARY KEY'): Promise<string> {
    const name = `t${tables++}`;
    await schema().root.query(
      `CREATE TABLE ${name} (source_product_id ${id} NOT NULL, target_product_id ${id} NOT NULL, weight ${weight} NOT NULL, ${key} (source_product_id, target_product_id))`,
    );
    return name;
  }

  test.each(unfit)('a table stays as it is when %s', async (_, id, weight, lines, reason) => {
    const name = await tableWith(id, weight);
    const row = /BINARY/.test(id) ? "X'0001', X'0002'" : "'1', '2'";
    await schema().root.query(`INSERT INTO ${name} VALUES (${row}, 100)`);
    const before = await checksum(schema(), name);
    await expect(importInto(tableOf(schema(), { table: name }), lines)).rejects.toMatchObject({
      kind: 'badData',
      message: expect.stringContaining(reason),
      remedy: expect.stringContaining('nothing was written'),
    });
    expect(await checksum(schema(), name)).toBe(before);
  });

  test('a table stays as it is when the file is none of relations, and none is created', async () => {
    const name = await tableWith('INT');
    await schema().root.query(`INSERT INTO ${name} VALUES (1, 2, 3)`);
    const before = await checksum(schema(), name);
    for (const [, text] of notRelations) {
      await expect(importInto(tableOf(schema(), { table: name }), text)).rejects.toMatchObject({ kind: 'badData' });
    }
    expect(await checksum(schema(), name)).toBe(before);
    await expect(importInto(tableOf(schema(), { table: 'none' }), '1\t1\t1\n')).rejects.toMatchObject({
      kind: 'badData',
    });
    expect(await schema().root.query("SHOW TABLES LIKE 'none'")).toMatchObject([[], {}]);
  });

  test.each([
    ['DOUBLE', '1, 2'],
    ['FLOAT', '1, 2'],
    ['DECIMAL(20,0)', '1, 2'],
    ['YEAR', '2001, 2002'],
    ['DATE', "'2001-01-01', '2002-01-01'"],
    ['DATETIME', "'2001-01-01', '2002-01-01'"],
    ['TIMESTAMP', "'2001-01-01', '2002-01-01'"],
    ['TIME', "'01:00', '02:00'"],
    ['BIT(8)', '1, 2'],
    ["ENUM('1', '2')", "'1', '2'"],
  ])('a table with ids of type %s is refused and stays as it is', async (type, ids) => {
    const name = await tableWith(type);
    await schema().root.query(`INSERT INTO ${name} VALUES (${ids}, 100)`);
    const before = await checksum(schema(), name);
    await expect(importInto(tableOf(schema(), { table: name }), ['1\t2\t3'])).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining(`column source_product_id is ${type.toLowerCase().split('(')[0]}`),
    });
    expect(await checksum(schema(), name)).toBe(before);
  });

  if (kind === 'mariadb') {
    test('a table of UUIDs takes UUIDs and nothing else', async () => {
      const table = tableOf(schema(), { table: await tableWith('UUID') });
      const [a, b, c] = ['1', '2', 'f'].map((digit) => `${digit}23e4567-e89b-12d3-a456-426655440000`);
      await importInto(table, [`${a}\t${b}\t1`, `${b}\t${a}\t1`]);
      const lines = [`${a}\t${c}\t1`, `${b}\t${a}\t2`];
      expect(await importInto(table, lines)).toMatchObject({ added: 1, changed: 1, removed: 1 });
      expect(await tableLines(schema(), table)).toEqual(lines);
      await expect(importInto(table, [`${a}\t${b?.toUpperCase()}\t1`])).rejects.toMatchObject({
        kind: 'badData',
        message: expect.stringContaining('not every id is a UUID'),
      });
      expect(await tableLines(schema(), table)).toEqual(lines);
    });
  }

  test.each([
    ['a key to another table', 'FOREIGN KEY (target_product_id) REFERENCES products (id)', ''],
    ['a CHECK', 'CHECK (weight < 5)', ''],
    [
      'a trigger',
      'KEY (weight)',
      "CREATE TRIGGER refuse BEFORE INSERT ON refusing FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this one'",
    ],
  ])('a row that %s refuses is bad data', async (_, rule, trigger) => {
    const { root } = schema();
    await root.query('CREATE TABLE IF NOT EXISTS products (id INT PRIMARY KEY)');
    await root.query(
      `CREATE TABLE refusing (source_product_id INT, target_product_id INT, weight INT, UNIQUE KEY (source_product_id, target_product_id), ${rule})`,
    );
    onTestFinished(async () => {
      await root.query('DROP TABLE refusing');
    });
    if (trigger !== '') {
      await root.query(trigger);
    }
    await expect(importInto(tableOf(schema(), { table: 'refusing' }), ['1\t2\t9'])).rejects.toMatchObject({
      kind: 'badData',
      message: expect.stringContaining('Cannot publish to table refusing'),
    });
  });

  test('a table without a unique key over both ids is refused with the DDL to add', async () => {
    const name = await tableWith('INT', 'INT', 'KEY');
    await expect(importInto(tableOf(schema(), { table: name }), ['1\t2\t3'])).rejects.toMatchObject({
      kind: 'configuration',
      remedy: `ALTER TABLE \`${name}\` ADD UNIQUE KEY (\`source_product_id\`, \`target_product_id\`);`,
    });
  });

  test('a view is refused as one: it can be given no key', async () => {
    await importInto(tableOf(schema(), { table: 'viewed' }), ['1\t2\t3']);
    await schema().root.query('CREATE VIEW a_view AS SELECT * FROM viewed');
    await expect(importInto(tableOf(schema(), { table: 'a_view' }), ['1\t2\t3'])).rejects.toMatchObject({
      kind: 'configuration',
      message: 'Cannot use table a_view: it is a view',
      remedy: 'Name the table behind it with --target-table.',
    });
  });

  test('a table without a column, or with weights that are no integers, is refused', async () => {
    const name = await tableWith('INT', 'DOUBLE');
    await expect(importInto(tableOf(schema(), { table: name }), ['1\t2\t3'])).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining('column weight is double'),
    });
    await expect(
      importInto(tableOf(schema(), { table: name, weightColumn: 'count' }), ['1\t2\t3']),
    ).rejects.toMatchObject({ kind: 'configuration', message: expect.stringContaining('no column count') });
  });

  test.each([
    ['weight', 'weight INT AS (source_product_id + 1) STORED'],
    ['weight', 'weight INT AS (source_product_id + 1) VIRTUAL'],
    ['target_product_id', 'weight INT'],
  ])('a table whose column %s the server fills in is refused: %s', async (column, weight) => {
    const name = `t${tables++}`;
    const target = column === 'weight' ? '' : ' AS (source_product_id + 1) STORED';
    await schema().root.query(
      `CREATE TABLE ${name} (source_product_id INT NOT NULL, target_product_id INT${target}, ${weight}, UNIQUE KEY (source_product_id, target_product_id))`,
    );
    await expect(importInto(tableOf(schema(), { table: name }), ['1\t2\t3'])).rejects.toMatchObject({
      kind: 'configuration',
      message: `Cannot use table ${name}: column ${column} is generated, and the job is to write it`,
    });
  });

  test('a name that leaves no room for that of the table of runs is refused, and nothing is created', async () => {
    const longest = 'n'.repeat(59);
    expect((await importInto(tableOf(schema(), { table: longest }), ['1\t2\t3'])).added).toBe(1);
    await expect(importInto(tableOf(schema(), { table: `${longest}n` }), ['1\t2\t3'])).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining(`${longest}n_runs, has more than 64 characters`),
      remedy: expect.stringContaining('at most 59 characters'),
    });
    expect(await schema().root.query(`SHOW TABLES LIKE '${longest}n%'`)).toMatchObject([[], {}]);
  });

  test("another's table that is named like the table of runs is left alone, and so is the target", async () => {
    const name = await tableWith('INT');
    await schema().root.query(`CREATE TABLE ${name}_runs (run_id INT PRIMARY KEY, distance INT)`);
    await expect(importInto(tableOf(schema(), { table: name }), ['1\t2\t3'])).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining(
        `table ${name}_runs, where its runs are recorded, has no column state, started_at,`,
      ),
      remedy: expect.stringContaining(`Rename ${name}_runs`),
    });
    expect(await schema().root.query(`SELECT * FROM ${name}`)).toMatchObject([[], {}]);
  });

  test('a user with four rights publishes to tables that exist, and no more is asked of the server', async () => {
    const table = tableOf(schema(), { table: 'granted' });
    const run = { id: 'r', startedAt: new Date(), parameters: '{}' };
    await importInto(table, ['a\tb\t1', 'b\ta\t1'], { run });
    const user = await schema().user(`SELECT, INSERT, UPDATE, DELETE ON ${schema().name}.granted`);
    const asUser = { ...table, address: schema().address({ user }), password: 'secret' };
    const warnings: string[] = [];
    const warn = (message: string): unknown => message.startsWith('Accepted') || warnings.push(message);
    const log = { debug: () => {}, info: () => {}, warn, error: () => {} };
    const { added, changed, removed } = await importInto(asUser, ['a\tb\t2', 'a\tc\t1'], { run }, { log });
    expect({ added, changed, removed }).toEqual({ added: 1, changed: 1, removed: 1 });
    expect(warnings).toEqual([expect.stringContaining('cannot create table granted_runs')]);

    const { root, name } = schema();
    await root.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${name}.granted_runs TO ${user}@'127.0.0.1'`);
    await importInto(asUser, ['a\tb\t2'], { run }, { log });
    expect(warnings).toHaveLength(1);
    expect(await root.query({ sql: 'SELECT relations FROM granted_runs', rowsAsArray: true })).toMatchObject([
      [[1]],
      {},
    ]);
  });

  test('a user who may not create a missing table is told the DDL', async () => {
    const user = await schema().user(`SELECT ON ${schema().name}.*`);
    const table = tableOf(schema(), { table: 'wanted', address: schema().address({ user }), password: 'secret' });
    const failure = await importInto(table, ['a\tb\t1']).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'noPermission', exitCode: 77 });
    const remedy = failure instanceof ExpectedFailure ? failure.remedy : undefined;
    await schema().root.query(remedy?.slice(remedy.indexOf('CREATE TABLE')) ?? '');
    expect((await importInto(tableOf(schema(), { table: 'wanted' }), ['a\tb\t1'])).added).toBe(1);
  });
});
