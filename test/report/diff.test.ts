import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Difference, diff, relate } from 'also-viewed';
import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { anyId, integerId } from '../arbitraries.ts';
import { alsoViewed } from '../cli/also-viewed.ts';
import { jobProcess } from '../engine/local/relate-process.ts';
import { allPairs, importInto, linesOf, type Relation, relationsFile, tableOf } from '../importer/run-import.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { onlineRetail } from '../real-data.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const keyOf = ([source, target]: Relation): string => JSON.stringify([source, target]);

/** The changes from the definition: what is there now and was not, what was and is not, what has another weight. */
function changesOf(old: readonly Relation[], next: readonly Relation[]): unknown[] {
  const [before, after] = [old, next].map((rows) => new Map(rows.map((row) => [keyOf(row), row[2]])));
  return [...old, ...next.filter((row) => !before?.has(keyOf(row)))]
    .map((row) => ({ row, oldWeight: before?.get(keyOf(row)), newWeight: after?.get(keyOf(row)) }))
    .filter(({ oldWeight, newWeight }) => oldWeight !== newWeight)
    .map(({ row: [source, target], oldWeight, newWeight }) => ({
      change: oldWeight === undefined ? '+' : newWeight === undefined ? '-' : '~',
      source,
      target,
      oldWeight,
      newWeight,
    }));
}

const isInteger = (id: string): boolean => /^(0|[1-9]\d{0,18})$/.test(id);

/** The relations as relate would write them. */
function fileOf(rows: readonly Relation[]): string {
  return relationsFile(linesOf(rows, rows.every(([a, b]) => isInteger(a) && isInteger(b)) ? 'integer' : 'text'));
}

function relationsOf(id: fc.Arbitrary<string>): fc.Arbitrary<Relation[]> {
  return fc
    .uniqueArray(fc.tuple(id, id, fc.integer({ min: 1, max: 4 })), { selector: keyOf, maxLength: 30 })
    .map((rows) => rows.filter(([source, target]) => source !== target));
}

const few = fc.constantFrom('1', '2', '9', '10', '11', '100');
const fewTexts = fc.constantFrom('1', '2', '9', '10', '11', 'a', 'a\\', '👟');

async function linesIn(file: string): Promise<unknown[]> {
  return (await readFile(file, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

test('the changes between two files are those of the definition, in whatever order of ids the files are', async () => {
  const anyRelations = fc.oneof(
    relationsOf(few),
    relationsOf(fewTexts),
    relationsOf(integerId.filter(isInteger)),
    relationsOf(anyId),
  );
  await fc.assert(
    fc.asyncProperty(anyRelations, anyRelations, async (old, next) => {
      const out = path.join(temporaryFolder(), 'changes.jsonl');
      const sides = [old, next].map((rows) => ({ kind: 'file', location: fileOf(rows) }) as const);
      const [before, after] = sides;
      const found = await diff(before!, after!, { changes: { out, format: 'jsonl' } });
      const expected = changesOf(old, next);
      expect(await linesIn(out)).toEqual(expect.arrayContaining(expected));
      expect(await linesIn(out)).toHaveLength(expected.length);
      const sources = (rows: readonly Relation[]): Set<string> => new Set(rows.map(([source]) => source));
      const [had, has] = [sources(old), sources(next)];
      expect(found).toMatchObject({
        before: old.length,
        after: next.length,
        sourcesBefore: had.size,
        sourcesAfter: has.size,
        gained: { count: [...has].filter((source) => !had.has(source)).length },
        lost: { count: [...had].filter((source) => !has.has(source)).length },
      });
      expect(found.added + found.changed + found.removed).toBe(expected.length);
    }),
    { numRuns: 60 },
  );
});

describe('the biggest movers', () => {
  const named = ({ movers }: Difference): unknown[] =>
    movers.map(({ op, source, target }) => `${op}${source}${target}`);
  const both = (a: string, b: string, weight: number): Relation[] => [
    [a, b, weight],
    [b, a, weight],
  ];
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];

  test('are all of a few changes, those first whose weight changed most, and of these the newcomers', async () => {
    const old: Relation[] = [
      ['a', 'b', 9],
      ['a', 'c', 7],
      ['a', 'd', 1],
      ['b', 'a', 3],
      ['c', 'a', 5],
    ];
    const next: Relation[] = [
      ['a', 'b', 2],
      ['a', 'c', 8],
      ['a', 'd', 2],
      ['b', 'a', 3],
      ['d', 'a', 6],
      ['e', 'a', 1],
    ];
    const difference = await between(old, next);
    expect(named(difference)).toEqual(['~ab', '+da', '-ca', '+ea', '~ad', '~ac']);
    expect(difference.movedAsFar).toBe(0);
  });

  test('name no product twice while there are others that moved as far', async () => {
    // `a` with all the others, and these in pairs.
    const hub = letters.slice(1).flatMap((letter) => both('a', letter, 2));
    const pairs = letters
      .slice(2)
      .flatMap((letter, at) => (at % 2 === 0 ? both(letter, letters[at + 3] ?? '', 2) : []));
    const difference = await between([], [...hub, ...pairs]);
    const products = difference.movers.flatMap(({ source, target }) => [source, target]);
    expect(products).toHaveLength(20);
    expect(new Set(products).size).toBe(20);
    expect(difference.movedAsFar).toBe(hub.length + pairs.length - 10);
    // Without the pairs there is nothing else to name, and what is named is no reverse.
    expect(named(await between([], hub))).toEqual(letters.slice(1, 11).map((letter) => `+a${letter}`));
  });

  test('begin with the largest change, however many there are', async () => {
    const products = fc.nat(400).map(String);
    const relations = fc.uniqueArray(fc.tuple(products, products, fc.integer({ min: 1, max: 1000 })), {
      selector: keyOf,
      minLength: 11,
      maxLength: 2000,
    });
    await fc.assert(
      fc.asyncProperty(relations, async (rows) => {
        const next = rows.filter(([source, target]) => source !== target);
        const { movers, movedAsFar } = await between([], next);
        const weights = next.map(([, , weight]) => weight).sort((a, b) => b - a);
        const moved = movers.map(({ weight }) => weight);
        expect(moved[0]).toBe(weights[0]);
        expect(moved).toEqual(moved.toSorted((a, b) => b - a));
        expect(movedAsFar).toBe(weights.filter((weight) => weight >= (moved.at(-1) ?? 0)).length - moved.length);
      }),
      { numRuns: 30 },
    );
  });
});

async function between(old: readonly Relation[], next: readonly Relation[]): Promise<Difference> {
  return await diff({ kind: 'file', location: fileOf(old) }, { kind: 'file', location: fileOf(next) });
}

describe('the command line', () => {
  const old = ['a\tb\t1', 'a\tc\t2', 'b\ta\t1'];
  const next = ['a\tb\t1', 'a\tc\t3', 'c\ta\t2'];

  test('ends with 0 when nothing changed, and with 1 when something did', async () => {
    const [before, after] = [relationsFile(old), relationsFile(next)];
    expect(await alsoViewed(['diff', before, before])).toMatchObject({ code: 0, stderr: '' });
    const temporary = temporaryFolder();
    expect(await alsoViewed(['diff', before, after], { env: { TMPDIR: temporary } })).toMatchObject({
      code: 1,
      stderr: '',
      stdout: `Relations: 3 before, 3 now: 1 added, 1 changed, 1 removed, 1 as before
Products with a list: 2 before, 2 now
Products that got their first list: 1 (c)
Products that lost their whole list: 1 (b)

Biggest movers:
source  target  old weight  new weight
c       a                            2
b       a                1
a       c                2           3
`,
    });
    expect(readdirSync(temporary)).toEqual([]);
  });

  test.each([
    ['tsv', '~\ta\tc\t2\t3\n-\tb\ta\t1\t\n+\tc\ta\t\t2\n'],
    ['csv', 'change,source,target,old_weight,new_weight\n~,a,c,2,3\n-,b,a,1,\n+,c,a,,2\n'],
    [
      'jsonl',
      '{"change":"~","source":"a","target":"c","oldWeight":2,"newWeight":3}\n{"change":"-","source":"b","target":"a","oldWeight":1}\n{"change":"+","source":"c","target":"a","newWeight":2}\n',
    ],
  ])('prints the changes as %s', async (format, stdout) => {
    const args = ['diff', relationsFile(old), relationsFile(next), '--format', format];
    expect(await alsoViewed(args)).toMatchObject({ code: 1, stdout });
  });

  test('names the movers from the file beside the relations, from that of the run, or from one that is named', async () => {
    const cwd = temporaryFolder();
    mkdirSync(path.join(cwd, 'shop'));
    writeFileSync(path.join(cwd, 'shop', 'v.tsv'), '1\ta\n1\tb\n');
    writeFileSync(path.join(cwd, 'shop', 'products.tsv'), 'product_id\tname\na\tTent\n');
    writeFileSync(path.join(cwd, 'old.tsv'), 'a\tb\t3\nb\ta\t3\n');
    writeFileSync(path.join(cwd, 'names.csv'), 'name,sku\nLamp,b\n');
    await alsoViewed(['run', '--source', 'shop/v.tsv', '--target', 'shop/new.tsv', '--work', 'w'], { cwd });
    const [run = ''] = readdirSync(path.join(cwd, 'w', 'runs'));
    const table = async (...args: string[]): Promise<string> =>
      (await alsoViewed(['diff', 'old.tsv', ...args], { cwd })).stdout.split('Biggest movers:\n')[1] ?? '';
    const tent =
      'source  name  target  name  old weight  new weight\na       Tent  b                      3           1\nb             a       Tent           3           1\n';
    expect(await table('shop/new.tsv')).toBe(tent);
    expect(await table(run, '--work', 'w')).toBe(tent);
    const lamp = ['--names', 'names.csv', '--product-column', 'sku'];
    expect(await table(run, '--work', 'w', ...lamp)).toBe(
      'source  name  target  name  old weight  new weight\na             b       Lamp           3           1\nb       Lamp  a                      3           1\n',
    );
    expect(await alsoViewed(['diff', 'old.tsv', run, '--work', 'w', '--names', 'none.tsv'], { cwd })).toMatchObject({
      code: 66,
    });
  });

  test('compares runs by their ids, and a run with a file', async () => {
    const cwd = temporaryFolder();
    const runs: string[] = [];
    for (const views of ['1\ta\n1\tb\n', '1\ta\n1\tb\n2\ta\n2\tb\n']) {
      writeFileSync(path.join(cwd, 'v.tsv'), views);
      const { code } = await alsoViewed(
        ['run', '--source', 'v.tsv', '--target', 't.tsv', '--work', 'w', '--max-churn', '1'],
        { cwd },
      );
      expect(code).toBe(0);
      runs.push(
        readdirSync(path.join(cwd, 'w', 'runs'))
          .sort()
          .at(-1) ?? '',
      );
    }
    const [first = '', second = ''] = runs;
    const args = ['--work', 'w', '--format', 'tsv'];
    const changes = '~\ta\tb\t1\t2\n~\tb\ta\t1\t2\n';
    expect(await alsoViewed(['diff', first, second, ...args], { cwd })).toMatchObject({ code: 1, stdout: changes });
    expect(await alsoViewed(['diff', first, 't.tsv', ...args], { cwd })).toMatchObject({ code: 1, stdout: changes });
    expect(await alsoViewed(['diff', second, 't.tsv', ...args], { cwd })).toMatchObject({ code: 0, stdout: '' });
    const unknown = '20200101T000000.000Z-aaaaaa';
    expect(await alsoViewed(['diff', unknown, 't.tsv', ...args], { cwd })).toMatchObject({ code: 66 });
  });

  test.each([
    ['dear diary\n', 65],
    ['a\tb\t1\na\tb\t2\n', 65],
    ['b\ta\t1\na\tb\t2\n', 65],
  ])('refuses %j', async (content, code) => {
    const [bad, good] = [relationsFile(content), relationsFile(next)];
    expect(await alsoViewed(['diff', bad, good])).toMatchObject({ code, stdout: '' });
    expect(await alsoViewed(['diff', good, bad, '--format', 'tsv'])).toMatchObject({ code, stdout: '' });
  });

  test('refuses standard input on both sides', async () => {
    expect(await alsoViewed(['diff', '-', '-'])).toMatchObject({ code: 64, stdout: '' });
  });
});

test('files in different orders of ids take hardly more memory than others', () => {
  const ids = Array.from({ length: 48_000 }, (_, at) => at + 1);
  const linesOf = (sources: readonly (number | string)[], order?: (a: unknown, b: unknown) => number): string =>
    sources
      .flatMap((source) =>
        Array.from({ length: 25 }, (_, at) => `${source}\t${Number(source) + at + 1}\t7\n`).sort(order),
      )
      .join('');
  const folder = temporaryFolder();
  const [numbers, text] = [path.join(folder, 'numbers.tsv'), path.join(folder, 'text.tsv')];
  writeFileSync(
    numbers,
    linesOf(ids, () => 0),
  );
  // The least id that is no integer.
  writeFileSync(text, `!\t1\t7\n${linesOf(ids.map(String).sort())}`);
  const same = jobProcess(['diff', text, text]);
  const other = jobProcess(['diff', numbers, text]);
  expect([same, other]).toMatchObject([
    { code: 0, stderr: '' },
    { code: 1, stderr: '' },
  ]);
  // The 1.2 million relations would take 130 MB in memory, where sorting them takes 50.
  expect(other.peak - same.peak).toBeLessThan(85e6);
});

test('real relations are compared, packed and not', async () => {
  const folder = temporaryFolder();
  const [all, few] = [path.join(folder, 'all.tsv'), path.join(folder, 'few.tsv.gz')];
  const { relations } = await relate(onlineRetail, { out: all, top: 30 });
  const fewer = await relate(onlineRetail, { out: few, top: 20 });
  expect(await diff({ kind: 'file', location: all }, { kind: 'file', location: few })).toMatchObject({
    before: relations,
    after: fewer.relations,
    added: 0,
    changed: 0,
    removed: relations - fewer.relations,
    gained: { count: 0 },
    lost: { count: 0 },
  });
});

describe.each(inject('databases').map((server) => [server.kind, server] as const))('tables of %s', (_kind, server) => {
  const schema = ownSchema(server);

  test.each([
    ['text', ['a', 'A', 'a ', '10', '9', 'a\\', '👟']],
    ['integers', ['0', '9', '10', '100', '9007199254740993']],
  ])('are compared with files and with each other: %s', async (name, ids) => {
    const old = allPairs(ids);
    const next: Relation[] = [...old.slice(2, -2), ['9', '7', 3], ['10', '7', 1]];
    const changed = next.map(
      ([source, target, weight]): Relation => [source, target, source === '9' ? weight + 1 : weight],
    );
    const [before, after] = [tableOf(schema(), { table: `${name}_old` }), tableOf(schema(), { table: `${name}_new` })];
    const order = name === 'integers' ? 'integer' : 'text';
    await importInto(before, linesOf(old, order));
    await importInto(after, linesOf(changed, order));
    const out = path.join(temporaryFolder(), 'changes.jsonl');
    const options = { changes: { out, format: 'jsonl' as const } };
    const oldSides = [{ kind: 'table', table: before } as const, { kind: 'file', location: fileOf(old) } as const];
    const newSides = [{ kind: 'table', table: after } as const, { kind: 'file', location: fileOf(changed) } as const];
    for (const oldSide of oldSides) {
      for (const newSide of newSides) {
        await diff(oldSide, newSide, options);
        const found = await linesIn(out);
        expect(found).toEqual(expect.arrayContaining(changesOf(old, changed)));
        expect(found).toHaveLength(changesOf(old, changed).length);
      }
      expect(await diff(oldSide, oldSides[0]!)).toMatchObject({
        added: 0,
        changed: 0,
        removed: 0,
        unchanged: old.length,
      });
    }
  });

  test('that are not there are refused', async () => {
    const table = { kind: 'table', table: tableOf(schema(), { table: 'missing' }) } as const;
    await expect(diff(table, table)).rejects.toMatchObject({ exitCode: 78 });
  });
});
