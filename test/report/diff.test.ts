import { readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Difference, diff, relate } from 'also-viewed';
import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { anyId, integerId } from '../arbitraries.ts';
import { alsoViewed } from '../cli/also-viewed.ts';
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
    { numRuns: 150 },
  );
});

test('the biggest movers come first', async () => {
  const old: Relation[] = [
    ['a', 'b', 9],
    ['a', 'c', 1],
    ['b', 'a', 3],
    ['c', 'a', 5],
  ];
  const next: Relation[] = [
    ['a', 'b', 2],
    ['a', 'c', 2],
    ['b', 'a', 3],
    ['d', 'a', 6],
  ];
  const { movers } = await between(old, next);
  expect(movers.map(({ op, source, target }) => [op, source, target])).toEqual([
    ['~', 'a', 'b'],
    ['+', 'd', 'a'],
    ['-', 'c', 'a'],
    ['~', 'a', 'c'],
  ]);
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
a       c                2           3
b       a                1
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
