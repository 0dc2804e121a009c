import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { relate, run, type ShowOptions, show } from 'also-viewed';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { type Log, silentLog } from '#dist/effects.js';
import { formatLists } from '#dist/report/format-lists.js';
import { numbersFor } from '#dist/report/format-rows.js';
import type { SeekableObject } from '#dist/storage/storage.js';
import { storageOf } from '#dist/storage/storage.js';
import { findList } from '#dist/tsv/find-list.js';
import { sourcesNear } from '#dist/tsv/sources-near.js';
import { anyId, integerId } from '../arbitraries.ts';
import { bruteForce, relationLines } from '../brute-force.ts';
import { alsoViewed } from '../cli/also-viewed.ts';
import { tellModules } from '../cli/tell-modules.ts';
import { onlineRetail } from '../real-data.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const columns = { path: 'path_id', product: 'product_id' };
const given = (options: Partial<ShowOptions> & Pick<ShowOptions, 'products'>): ShowOptions => ({
  work: 'nowhere',
  top: 10,
  columns,
  ...options,
});

let folder = '';
/** The relations of real views, plain and packed with an index: several megabytes. */
let plain = '';
let packed = '';

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'also-viewed-test-'));
  plain = path.join(folder, 'r.tsv');
  packed = path.join(folder, 'r.tsv.gz');
  await relate(onlineRetail, { out: plain, top: 100 });
  await relate(onlineRetail, { out: packed, top: 100 });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Copies of the packed file and its index, to spoil them. */
function copies(): string {
  const copy = path.join(temporaryFolder(), 'r.tsv.gz');
  copyFileSync(packed, copy);
  copyFileSync(`${packed}.idx`, `${copy}.idx`);
  return copy;
}

/** A log that keeps its warnings. */
function warnings(): { said: string[]; log: Log } {
  const said: string[] = [];
  return { said, log: { ...silentLog, warn: (message) => said.push(message) } };
}

test('a search in a sorted file finds the list of every source and of no other id', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uniqueArray(integerId, { minLength: 2, maxLength: 60 }),
        fc.uniqueArray(anyId, { minLength: 2, maxLength: 60 }),
      ),
      async (ids) => {
        // Path `n` has the n-th product and all before it, so that lists differ in length and weight; long ids make a file of many blocks.
        const long = ids.map((id) => (/^\d+$/.test(id) ? id : id.padEnd(200, '-')));
        const relations = bruteForce(
          long.flatMap((_, at) => long.slice(0, at + 1).map((id) => [`${at}`, id] as const)),
        );
        const bytes = Buffer.from(relationLines(relations));
        const reads: number[] = [];
        const file: SeekableObject = {
          size: bytes.length,
          read: async (from, to) => {
            reads.push(to - from);
            return bytes.subarray(from, to);
          },
          close: async () => {},
        };
        for (const id of [...long, 'nobody', '12345678901234567890']) {
          const expected = relations
            .filter(([source]) => source === id)
            .map(([, target, weight]) => ({ target, weight }));
          expect(await findList(file, 'r.tsv', id)).toEqual(expected);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a search reads some blocks of a large file, whatever its size', async () => {
  const file = await (await storageOf(plain, defaultEffects())).seek?.(plain);
  if (file === undefined) {
    throw new Error('A file can be searched');
  }
  let bytes = 0;
  const read: SeekableObject['read'] = async (from, to) => {
    bytes += to - from;
    return await file.read(from, to);
  };
  expect(await findList({ ...file, read }, plain, '84879')).toHaveLength(100);
  expect(bytes).toBeLessThan(300e3);
  // For an id that is not there, to say which are near.
  bytes = 0;
  expect(await sourcesNear({ ...file, read }, '848799')).toContain('84879');
  await file.close();
  expect(file.size).toBeGreaterThan(4e6);
  expect(bytes).toBeLessThan(1.2e6);
});

test('the list of a product is the same from a plain file, a packed one with its index, and one without', async () => {
  const products = readFileSync(plain, 'utf8')
    .split('\n')
    .filter((_, at) => at % 50_000 === 0)
    .map((line) => line.slice(0, line.indexOf('\t')));
  const expected = await show(given({ products, relations: plain, top: 5 }));
  expect(products.length).toBeGreaterThan(5);
  expect(expected.filter(({ relations }) => relations === 0)).toEqual([]);
  const { said, log } = warnings();
  expect(await show(given({ products, relations: packed, top: 5 }), { log })).toEqual(expected);
  const alone = copies();
  rmSync(`${alone}.idx`);
  expect(await show(given({ products, relations: alone, top: 5 }), { log })).toEqual(expected);
  expect(said).toEqual([]);
});

test.each([
  ['the size of another file', (text: string) => text.replace(/\d+\n$/, '1\n')],
  ['other members', (text: string) => text.replace(/^(\d+)\t/gm, (_, offset: string) => `${Number(offset) + 1}\t`)],
  ['other sources', (text: string) => text.replace(/\t(.*)$/gm, '\t$1x')],
  ['something else', () => 'something else\n'],
  ['no end', (text: string) => text.slice(0, -20)],
])('an index with %s is not believed', async (_, change) => {
  const copy = copies();
  writeFileSync(`${copy}.idx`, change(readFileSync(`${copy}.idx`, 'utf8')));
  const { said, log } = warnings();
  const [list] = await show(given({ products: ['84879'], relations: copy }), { log });
  expect(list?.relations).toBe(100);
  expect(said).toEqual([`${copy}.idx does not belong to ${copy}: all of the file is read`]);
});

test('a packed file that was cut since its index was written is refused', async () => {
  const copy = copies();
  truncateSync(copy, 1e6);
  await expect(show(given({ products: ['84879'], relations: copy }))).rejects.toMatchObject({ exitCode: 65 });
});

test('a file that is not sorted is read to its end', async () => {
  const lines = readFileSync(plain, 'utf8').trimEnd().split('\n');
  const isMoved = (line: string): boolean => line.startsWith('84879\t');
  const unsorted = path.join(temporaryFolder(), 'r.tsv');
  writeFileSync(unsorted, `${[...lines.filter(isMoved), ...lines.filter((line) => !isMoved(line))].join('\n')}\n`);
  const of = async (relations: string): Promise<unknown> => await show(given({ products: ['84879'], relations }));
  expect(await of(unsorted)).toEqual(await of(plain));
});

test('a large file of something else is refused, also when it is sorted', async () => {
  const views = path.join(temporaryFolder(), 'v.tsv');
  writeFileSync(views, Array.from({ length: 50_000 }, (_, at) => `${100_000 + at}\tp\n`).join(''));
  await expect(show(given({ products: ['p'], relations: views }))).rejects.toMatchObject({ exitCode: 65 });
});

test('a list that lies in several parts of a file that is not sorted is found whole', async () => {
  const lines = readFileSync(plain, 'utf8').trimEnd().split('\n');
  const weights = new Map(lines.map((line) => [line, Number(line.slice(line.lastIndexOf('\t')))]));
  const unsorted = path.join(temporaryFolder(), 'r.tsv');
  const sorted = lines.toSorted((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0));
  writeFileSync(unsorted, `${sorted.join('\n')}\n`);
  const products = ['84879', '22423', '10002', '21212'];
  const lengths = async (relations: string): Promise<number[]> =>
    (await show(given({ products, relations }))).map(({ relations }) => relations);
  expect(await lengths(unsorted)).toEqual(await lengths(plain));
});

test('a score orders the list and needs the views that were related', async () => {
  const folder = temporaryFolder();
  const relations = path.join(folder, 'r.tsv');
  const views = path.join(folder, 'v.tsv');
  // b is in every path with a and nowhere else, c is in every path.
  const rows = ['1 a b c', '2 a b c', '3 c', '4 c', '5 a c'].flatMap((line) => {
    const [id = '', ...products] = line.split(' ');
    return products.map((product) => `${id}\t${product}\n`);
  });
  writeFileSync(views, rows.join(''));
  await relate(views, { out: relations });
  const order = async (score: ShowOptions['score']): Promise<unknown> =>
    (await show(given({ products: ['a'], relations, views, score })))[0]?.targets.map(({ product, score }) => [
      product,
      score,
    ]);
  expect(await order('weight')).toEqual([
    ['c', undefined],
    ['b', undefined],
  ]);
  expect(await order('jaccard')).toEqual([
    ['b', 2 / 3],
    ['c', 3 / 5],
  ]);
  // Too few paths for it: the order of the weights.
  expect(await order('lift')).toEqual([
    ['c', undefined],
    ['b', undefined],
  ]);
  await expect(show(given({ products: ['a'], relations, score: 'llr' }))).rejects.toMatchObject({ kind: 'usage' });
  writeFileSync(views, rows.slice(0, 2).join(''));
  await expect(show(given({ products: ['a'], relations, views, score: 'llr' }))).rejects.toMatchObject({
    kind: 'badData',
    message: 'Cannot score a and b: 2 paths have both, but of 1 paths with views 1 have the one and 1 the other',
  });
});

test('paths that were left out do not count', async () => {
  const folder = temporaryFolder();
  const views = path.join(folder, 'v.tsv');
  const relations = path.join(folder, 'r.tsv');
  writeFileSync(views, '1\ta\n1\tb\n2\ta\n2\tb\n2\tc\n');
  await relate(views, { out: relations, maxPathProducts: 2 });
  const { said, log } = warnings();
  const [shown] = await show(given({ products: ['a'], relations, views, maxPathProducts: 2 }), { log });
  expect(shown).toMatchObject({ paths: 1, targets: [{ product: 'b', weight: 1, share: 1 }] });
  expect(said).toEqual([]);
});

test('shares that are counted otherwise than the relations are not passed over in silence', async () => {
  const folder = temporaryFolder();
  const views = path.join(folder, 'v.tsv');
  const relations = path.join(folder, 'r.tsv');
  writeFileSync(views, '1\ta\n1\tb\n2\ta\n2\tb\n2\tc\n');
  await relate(views, { out: relations, maxPathProducts: 2 });
  for (const maxPathProducts of [undefined, 3]) {
    const { said, log } = warnings();
    const [shown] = await show(given({ products: ['a', 'c'], relations, views, maxPathProducts }), { log });
    expect(shown).toMatchObject({ paths: 2, targets: [{ product: 'b', share: 0.5 }] });
    expect(said).toEqual([
      'a and b are related with weight 1, and 2 paths have both: the views are not those that were related, or need the same --max-path-products',
    ]);
  }
});

test('a product that nobody knows suggests near ones, by id and by name', async () => {
  const folder = temporaryFolder();
  const relations = path.join(folder, 'r.tsv');
  writeFileSync(relations, '1001\t1002\t3\n1002\t1001\t3\n2000\t1001\t1\n');
  // Taken because it stands beside the relations.
  writeFileSync(
    path.join(folder, 'products.tsv'),
    'product_id\tname\n1001\tCurlew Tent\n1002\tFootprint\n1003\tLonely\n1004\t \u00a0\n',
  );
  const near = async (product: string): Promise<unknown> =>
    (await show(given({ products: [product], relations })))[0]?.near.map(({ product }) => product);
  expect(await near('tnet')).toEqual([]);
  expect(await near('Tent')).toEqual(['1001']);
  expect(await near('footprnt')).toEqual(['1002']);
  expect(await near('tent curl')).toEqual(['1001']);
  expect(await near('tent spoon')).toEqual([]);
  expect(await near('2001')).toEqual(expect.arrayContaining(['2000', '1001']));
  expect(await near('xyz')).toEqual([]);
  expect(await near('1001')).toEqual([]);
  expect(await near('1003')).toEqual([]);
  // A name of blanks is none.
  expect(await near('1004')).toHaveLength(3);
});

test('names beside the source of a run are found from any folder', async () => {
  const cwd = temporaryFolder();
  const [inner, other] = [path.join(cwd, 'x'), path.join(cwd, 'other')];
  mkdirSync(inner);
  mkdirSync(other);
  writeFileSync(path.join(inner, 'v.tsv'), '1\ta\n1\tb\n');
  writeFileSync(path.join(inner, 'products.tsv'), 'product_id\tname\nb\tTent\n');
  // It is of another shop.
  writeFileSync(path.join(other, 'products.tsv'), 'product_id\tname\nb\tSpoon\n');
  await alsoViewed(['run', '--source', 'v.tsv', '--target', 't.tsv', '--work', 'w'], { cwd: inner });
  for (const [from, work] of [
    [inner, 'w'],
    [cwd, 'x/w'],
    [other, '../x/w'],
    [other, path.join(inner, 'w')],
  ] as const) {
    const { stdout } = await alsoViewed(['show', 'a', '--work', work, '--format', 'csv'], { cwd: from });
    expect(stdout, `from ${from}`).toContain(',Tent,');
  }
});

test('near products of a sorted file are those around and some others, and it is not read whole', async () => {
  const told: string[] = [];
  const progress = ({ stage }: { stage: string }): number => told.push(stage);
  const near = async (product: string, relations = packed): Promise<string[]> =>
    (await show(given({ products: [product], relations }), { progress }))[0]?.near.map(({ product }) => product) ?? [];
  const sources = new Set(
    readFileSync(plain, 'utf8')
      .split('\n')
      .map((line) => line.slice(0, line.indexOf('\t'))),
  );
  // In the middle, before the first and behind the last.
  for (const file of [plain, packed]) {
    for (const product of ['848799', '1000', 'zwischen', '84879x']) {
      expect((await near(product, file)).filter((id) => !sources.has(id))).toEqual([]);
    }
    expect(await near('848799', file)).toContain('84879');
  }
  expect(told).toEqual([]);
  const alone = copies();
  rmSync(`${alone}.idx`);
  expect(await near('848799', alone)).toContain('84879');
  expect(told).not.toEqual([]);
});

test('near products of a run are also those that stand elsewhere: it has counted the paths of all', async () => {
  const work = temporaryFolder();
  const [source, target] = [
    { kind: 'files', locations: [onlineRetail] },
    { kind: 'file', location: path.join(work, 'r.tsv') },
  ] as const;
  await run({ source, target, work, top: 20, parameters: { top: 20 } });
  // The first digit is wrong.
  const [list] = await show(given({ products: ['94879'], work }));
  expect(list?.near.map(({ product }) => product)).toContain('84879');
});

test('relations are taken from one place', async () => {
  const options = given({ products: ['a'], relations: plain, run: '20260101T000000.000Z-aaaaaa' });
  await expect(show(options)).rejects.toMatchObject({ exitCode: 64 });
});

test.each([
  ['tsv', 'source\trank\ttarget\tname\tweight\tshare\tjaccard\na\t1\tb\tA "name"\t2\t1.0000\t0.666667\n'],
  ['csv', 'source,rank,target,name,weight,share,jaccard\na,1,b,"A ""name""",2,1.0000,0.666667\n'],
  [
    'table',
    'a, seen in 2 paths: 1 of 1 related products\n   product  name      weight    share  jaccard\n1  b        A "name"       2  100.0 %    0.667  ████████████████████\n',
  ],
])('the command line prints a scored list as %s', async (format, text) => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'v.tsv'), '1\ta\n1\tb\n2\ta\n2\tb\n3\tb\n');
  writeFileSync(path.join(cwd, 'names.tsv'), 'product_id\tprice\tname\nb\t9.95\tA "name"\n');
  await relate(path.join(cwd, 'v.tsv'), { out: path.join(cwd, 'r.tsv') });
  const from = ['--relations', 'r.tsv', '--views', 'v.tsv', '--names', 'names.tsv'];
  const { stdout } = await alsoViewed(['show', 'a', ...from, '--score', 'jaccard', '--format', format], { cwd });
  expect(stdout).toBe(text);
});

test('numbers have thousands separators for people and none for programs', async () => {
  const targets = [{ product: 'b', name: undefined, weight: 12_345, share: undefined, score: undefined }];
  const list = {
    product: 'a',
    name: undefined,
    paths: 67_890,
    relations: 1_000,
    targets,
    orderedBy: 'weight' as const,
    near: [],
  };
  const text = async (format: 'table' | 'csv', terminal: boolean): Promise<string> =>
    await formatLists([list], 'weight', format, numbersFor(terminal));
  expect(await text('table', true)).toMatch(/67,890 paths: 1 of 1,000 [\s\S]*12,345/);
  expect(await text('table', false)).toMatch(/67890 paths: 1 of 1000 [\s\S]*12345/);
  expect(await text('csv', true)).toMatch(/,12345,/);
});

test('who waits for a file that is read whole is told how far it is', async () => {
  const alone = path.join(temporaryFolder(), 'r.tsv.gz');
  copyFileSync(packed, alone);
  const told: { done: number; total: number | undefined }[] = [];
  await show(given({ products: ['84879'], relations: alone }), { progress: (progress) => told.push(progress) });
  const relations = readFileSync(plain, 'latin1').split('\n').length - 1;
  expect(told.at(-1)).toEqual({ stage: 'Reading the relations', done: relations, total: relations, unit: 'relations' });
  expect(told.length).toBeGreaterThan(2);
});

test('what decides how long the answer takes, the files that are loaded, are few', async () => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'v.tsv'), '1\ta\n1\tb\n');
  await alsoViewed(['run', '--source', 'v.tsv', '--target', 'r.tsv', '--work', 'w'], { cwd });
  const loaded = async (...from: string[]): Promise<{ own: number; packages: string[] }> => {
    const { stdout, stderr } = await alsoViewed(['show', 'a', ...from, '--format', 'table'], { cwd, env: tellModules });
    expect(stdout).toContain('1 of 1 related products');
    const files = [...new Set(stderr.split('\n').filter((line) => line.startsWith('file:')))];
    const packages = files.filter((url) => url.includes('/node_modules/'));
    return {
      own: files.length - packages.length,
      packages: packages.map((url) => url.replace(/.*\/node_modules\//, '')),
    };
  };
  const ofFile = await loaded('--relations', 'r.tsv');
  const ofRun = await loaded('--work', 'w');
  expect([ofFile.packages, ofRun.packages]).toEqual([[], ['valibot/dist/index.cjs']]);
  // The command line, what lists are made with, and a door to each part that is loaded when it is used.
  expect(Math.max(ofFile.own, ofRun.own)).toBeLessThanOrEqual(16);
});
