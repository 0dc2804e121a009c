import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { relate, report, show } from 'also-viewed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { silentLog } from '#dist/effects.js';
import { scoreNames } from '#dist/relation/scores.js';
import { share } from '#dist/report/page/figures.js';
import { gather, type ShopReport } from '#dist/report/page/gather.js';
import { Histogram } from '#dist/report/page/histogram.js';
import { alsoViewed } from '../../cli/also-viewed.ts';
import { onlineRetail, onlineRetailSha256 } from '../../real-data.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const columns = { path: 'path_id', product: 'product_id' };
const sample = fileURLToPath(new URL('../../../sample-data/views.tsv', import.meta.url));

/** Relates views and gathers the report on them. */
async function reportOn(
  views: string,
  options: { minWeight?: number; maxPathProducts?: number } = {},
): Promise<ShopReport> {
  const relations = path.join(temporaryFolder(), 'r.tsv');
  await relate(views, { out: relations, ...options });
  return await gather({ relations, views, work: 'nowhere', columns, ...options }, defaultEffects());
}

/** The products of each path, counted without any of the code under test. */
function pathsOf(views: string): Map<string, Set<string>> {
  const bytes = readFileSync(views);
  const text = (views.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const paths = new Map<string, Set<string>>();
  for (const line of text
    .trimEnd()
    .split('\n')
    .filter((row) => row !== 'path_id\tproduct_id')) {
    const [id = '', product = ''] = line.split('\t');
    paths.set(id, (paths.get(id) ?? new Set()).add(product));
  }
  return paths;
}

test.each([
  ['the sample shop', sample],
  ['real views', onlineRetail],
])('the figures for %s are those of an independent count', async (_, views) => {
  const { lists, paths, products, viewedPaths } = await reportOn(views);
  const expected = pathsOf(views);
  const lengths = [...expected.values()].map(({ size }) => size).sort((a, b) => a - b);
  const pairs = lengths.reduce((sum, length) => sum + length * (length - 1), 0);
  expect(paths).toMatchObject({
    paths: lengths.length,
    views: lengths.reduce((sum, length) => sum + length, 0),
    pairs,
    single: lengths.filter((length) => length === 1).length,
    leftOut: 0,
    median: lengths[Math.ceil(lengths.length / 2) - 1],
    longest: lengths.at(-1),
  });
  expect(viewedPaths).toBe(lengths.length);
  expect(lists.weight).toBe(pairs);
  expect(products.reduce((sum, { targets }) => sum + targets, 0)).toBe(lists.relations);
  for (const { from, to, count } of paths?.lengths ?? []) {
    expect(count).toBe(lengths.filter((length) => length >= from && length <= to).length);
  }
  expect(paths?.heaviest.map((path) => path.products)).toEqual(lengths.slice(-10).reverse());
  for (const { id, products } of paths?.heaviest ?? []) {
    expect(expected.get(id)?.size).toBe(products);
  }
  expect(paths?.caps.length).toBeGreaterThan(2);
  for (const { cap, ...removed } of paths?.caps ?? []) {
    const longer = lengths.filter((length) => length > cap);
    expect(removed).toEqual({
      inForce: false,
      paths: longer.length,
      pairs: longer.reduce((sum, length) => sum + length * (length - 1), 0),
    });
  }
  const [most] = products;
  const withMost = [...expected.values()].filter((path) => path.has(most?.id ?? ''));
  expect(most?.paths).toBe(withMost.length);
  expect(most?.targets).toBe(new Set(withMost.flatMap((path) => [...path])).size - 1);
  for (const { target, weight } of lists.list(most?.number ?? -1)) {
    const other = products.find(({ number }) => number === target)?.id ?? '';
    expect(weight).toBe(withMost.filter((path) => path.has(other)).length);
  }
  if (views === onlineRetail) {
    expect(lists.sha256).toBe(onlineRetailSha256);
  }
});

test('a product without a list has the reason that its paths give', async () => {
  const folder = temporaryFolder();
  const views = path.join(folder, 'views.tsv');
  const rows = ['1 a b', '2 a b', '3 alone', '4 alone', '5 a rare', '6 far x y z v', '7 b x y z w'];
  writeFileSync(
    views,
    rows
      .flatMap((row) =>
        row
          .split(' ')
          .slice(1)
          .map((product) => `${row[0]}\t${product}\n`),
      )
      .join(''),
  );
  writeFileSync(path.join(folder, 'products.tsv'), 'unsold\tNobody looks at it\na\tA\n');
  const limits = { minWeight: 2, maxPathProducts: 4 };
  const relations = path.join(folder, 'r.tsv');
  await relate(views, { out: relations, ...limits });
  const work = path.join(folder, 'work');
  await alsoViewed([
    'run',
    '--source',
    views,
    '--target',
    path.join(folder, 't.tsv'),
    '--work',
    work,
    '--min-weight',
    '2',
    '--max-path-products',
    '4',
  ]);
  const { products, paths } = await gather({ work, columns }, defaultEffects());
  const reasons = Object.fromEntries(products.map(({ id, reason }) => [id, reason]));
  expect(reasons).toEqual({
    ...{ a: undefined, b: undefined, alone: 'alone', rare: 'rare', unsold: 'unviewed' },
    ...{ far: 'leftOut', v: 'leftOut', w: 'leftOut', x: 'leftOut', y: 'leftOut', z: 'leftOut' },
  });
  expect(paths?.heaviest.slice(0, 2).map(({ counts }) => counts)).toEqual([false, false]);
  expect(paths?.leftOut).toBe(2);
  // Of those that count the two of four products weigh most; the cap is the one in force.
  expect(paths?.counting).toEqual({ longest: 3, pairs: 6, allPairs: 6 });
  expect(paths?.caps.filter(({ inForce }) => inForce)).toEqual([{ cap: 4, paths: 2, pairs: 40, inForce: true }]);
  // Another file of relations than the one of these views: they do not say why it lacks a list.
  writeFileSync(relations, 'b\tx\t2\n');
  const other = await gather({ relations, views, work, columns }, defaultEffects());
  expect(other.products.find(({ id }) => id === 'a')?.reason).toBe('unlisted');
});

test('every number falls into the one bin that its label says', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 32 }), { minLength: 1 }), (values) => {
      const histogram = new Histogram();
      for (const value of values) {
        histogram.add(value);
      }
      for (const { from, to, count } of histogram.bins) {
        expect(count).toBe(values.filter((value) => value >= from && value <= to).length);
      }
      expect(histogram.bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
    }),
  );
});

test.each([
  [0, 0, '0.0%'],
  [0, 9, '0.0%'],
  [1, 10_000, '< 0.1%'],
  [1, 3, '33.3%'],
  [9_999, 10_000, '> 99.9%'],
  [4, 4, '100.0%'],
])('%d of %d is %s: only nothing is 0 and only all is 100', (part, whole, text) => {
  expect(share(part, whole)).toBe(text);
});

test('rejected rows are told, whether a run rejected them or the reading of the views did', async () => {
  const folder = temporaryFolder();
  const views = path.join(folder, 'views.tsv');
  const target = path.join(folder, 't.tsv');
  writeFileSync(views, '1\ta\n1\tb\n2\n\tc\n3\ta\tb\n');
  const work = path.join(folder, 'work');
  await alsoViewed(['run', '--source', views, '--target', target, '--work', work]);
  for (const from of [{}, { relations: target, views }]) {
    const { rejected } = await gather({ ...from, work, columns }, defaultEffects());
    expect(rejected?.count).toBe(3);
    expect(rejected?.reasons.reduce((sum, [, rows]) => sum + rows, 0)).toBe(3);
    expect(rejected?.first.map(({ file, line }) => `${file}:${line}`)).toEqual(
      [3, 4, 5].map((line) => `${views}:${line}`),
    );
  }
  // The rows that the run rejected are no rows of these.
  const clean = path.join(folder, 'clean.tsv');
  writeFileSync(clean, '1\ta\n1\tb\n');
  expect((await gather({ views: clean, work, columns }, defaultEffects())).rejected?.count).toBe(0);
});

test('what changed since the other run is told, a relation and its reverse once', async () => {
  const folder = temporaryFolder();
  const old = path.join(folder, 'old.tsv');
  const relations = path.join(folder, 'new.tsv');
  writeFileSync(old, 'a\tb\t5\na\tc\t9\nb\ta\t5\nc\ta\t9\n');
  writeFileSync(relations, 'a\tb\t7\na\td\t1\nb\ta\t7\nd\ta\t1\nd\tb\t3\n');
  const against = { name: 'yesterday', side: { kind: 'file', location: old } } as const;
  const { changes } = await gather({ relations, work: folder, columns, against }, defaultEffects());
  expect(changes).toMatchObject({
    name: 'yesterday',
    difference: { added: 3, changed: 2, removed: 2, unchanged: 0 },
    moved: [{ source: 'a', target: 'b', before: 5, weight: 7 }],
    added: [
      { source: 'd', target: 'b', weight: 3 },
      { source: 'a', target: 'd', weight: 1 },
    ],
    removed: [{ source: 'a', target: 'c', weight: 9 }],
  });
});

test.each(scoreNames)('the lists are in the order that show gives them by %s', async (score) => {
  const relations = path.join(temporaryFolder(), 'r.tsv');
  await relate(sample, { out: relations, minWeight: 2 });
  const from = { relations, views: sample, work: 'nowhere', columns, score };
  const { lists } = await gather(from, defaultEffects());
  const ids = lists.ids();
  const products = ['1001', '1114', '1225', '1440'];
  for (const { product, targets } of await show({ ...from, products, top: 1000 })) {
    const list = lists.list(ids.indexOf(product));
    expect(list.map(({ target, weight, score }) => [ids[target], weight, score])).toEqual(
      targets.map(({ product, weight, score }) => [product, weight, score]),
    );
  }
});

test('the header of a table of names is no product, whatever it calls the id', async () => {
  const folder = temporaryFolder();
  const place = (name: string): string => path.join(folder, name);
  writeFileSync(place('r.tsv'), 'a\tb\t2\nb\ta\t2\n');
  for (const header of ['product_id\tname', 'id\tname', 'SKU\tProduct name', 'code\tTitle\tcategory']) {
    writeFileSync(place('products.tsv'), `${header}\na\tLamp\nc\tName tag\n`);
    const { products } = await gather({ relations: place('r.tsv'), work: folder, columns }, defaultEffects());
    expect(products.map(({ id, name }) => [id, name]).sort()).toEqual([
      ['a', 'Lamp'],
      ['b', undefined],
      ['c', 'Name tag'],
    ]);
  }
});

test('a score that cannot be computed from the views is no order', async () => {
  const folder = temporaryFolder();
  const place = (name: string): string => path.join(folder, name);
  writeFileSync(place('r.tsv'), 'a\tb\t2\nb\ta\t2\n');
  writeFileSync(place('views.tsv'), '1\ta\n1\tb\n');
  const from = { relations: place('r.tsv'), work: folder, columns, score: 'llr' as const };
  await expect(gather(from, defaultEffects())).rejects.toMatchObject({ kind: 'usage' });
  await expect(gather({ ...from, views: place('views.tsv') }, defaultEffects())).rejects.toMatchObject({
    kind: 'badData',
    message: expect.stringContaining('Cannot score a and b: 2 paths have both, but of 1 paths'),
  });
});

test('relations of products that the views do not have are warned of, and the smallest weight is the reason', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'r.tsv'), 'a\tx\t2\nx\ta\t2\n');
  writeFileSync(path.join(folder, 'views.tsv'), '1\ta\n1\tb\n');
  const { stderr } = await alsoViewed(
    ['report', '--relations', 'r.tsv', '--views', 'views.tsv', '--against', 'r.tsv', '--out', 'r.html'],
    { cwd: folder },
  );
  expect(stderr).toContain('Warning: The views lack 1 of 2 products in r.tsv');
  const html = readFileSync(path.join(folder, 'r.html'), 'utf8');
  expect(html).toContain('It shares fewer than 2 paths with any other product, too few for a relation: 1 product');
  expect(html).toContain('Nothing changed since r.tsv.');
  // Counts of few things have no halves on their axis.
  expect(html).not.toMatch(/>(500m|1\.5)</);
  expect(html).toContain('show ID --top 1 --relations r.tsv');
});

test('views of other paths than those that were related are warned of', async () => {
  const folder = temporaryFolder();
  const [relations, views] = [path.join(folder, 'r.tsv'), path.join(folder, 'v.tsv')];
  writeFileSync(views, '1\ta\n1\tb\n2\ta\n2\tb\n2\tc\n');
  await relate(views, { out: relations, maxPathProducts: 2 });
  const said: string[] = [];
  const log = { ...silentLog, warn: (message: string) => said.push(message) };
  await gather({ relations, views, work: folder, columns, maxPathProducts: 2 }, defaultEffects({ log }));
  expect(said).toEqual([]);
  await gather({ relations, views, work: folder, columns }, defaultEffects({ log }));
  expect(said).toEqual([
    expect.stringMatching(/^a and b are related with weight 1, and 2 paths have both: the views /),
  ]);
});

test('a shop without a single relation has a report too', async () => {
  const folder = temporaryFolder();
  const place = (name: string): string => path.join(folder, name);
  writeFileSync(place('views.tsv'), '1\ta\n');
  writeFileSync(place('r.tsv'), '');
  const { bytes } = await report({
    relations: place('r.tsv'),
    views: place('views.tsv'),
    work: folder,
    columns,
    out: place('report.html'),
  });
  const html = readFileSync(place('report.html'), 'utf8');
  expect(Buffer.byteLength(html)).toBe(bytes);
  expect(html).toContain('It is always the only product of its path: 1 product');
  expect(html.match(/There are no relations/g)).toHaveLength(1);
  expect(html).not.toMatch(/Typical length|Half of the lists|Each counts/);
});

test('a report that cannot be made leaves nothing, and says why', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'twice.tsv'), 'a\tb\t1\nb\ta\t1\na\tc\t1\n');
  const run = async (...args: string[]): Promise<[number | null, string]> => {
    const { code, stderr } = await alsoViewed(['report', ...args], { cwd: folder });
    return [code, stderr];
  };
  expect(await run()).toEqual([66, expect.stringContaining('Cannot find a finished run')]);
  expect(await run('--run', 'nope')).toEqual([66, expect.stringContaining('Cannot find run nope in also-viewed-work')]);
  expect(await run('--relations', 'none.tsv')).toEqual([66, expect.stringContaining('none.tsv')]);
  expect(await run('--relations', 'twice.tsv')).toEqual([65, expect.stringContaining('a product has two lists in it')]);
  writeFileSync(path.join(folder, 'r.tsv'), 'a\tb\t1\nb\ta\t1\n');
  expect(await run('--relations', 'r.tsv', '--out', 'no/report.html')).toEqual([
    73,
    expect.stringContaining('no/report.html'),
  ]);
  expect(await run('--relations', 'r.tsv', '--against', 'nope')).toEqual([
    66,
    expect.stringContaining('Cannot find run nope in '),
  ]);
  expect(await run('--relations', 'r.tsv', '--against', 'gone.tsv')).toEqual([66, expect.stringContaining('gone.tsv')]);
  expect(await run('--relations', '-', '--against', 'r.tsv')).toEqual([
    64,
    expect.stringContaining('Cannot tell what changed in -: it can be read only once'),
  ]);
  expect(readdirSync(folder).sort()).toEqual(['r.tsv', 'twice.tsv']);
  expect(await run('--relations', 'r.tsv')).toEqual([0, 'The report is in report.html\n']);
});

test('a page does not take the place of what it is made from, under whatever name', async () => {
  const cwd = temporaryFolder();
  const files = { 'v.tsv': '1\ta\n1\tb\n', 'r.tsv': 'a\tb\t1\nb\ta\t1\n', 'old.tsv': '', 'products.tsv': 'a\tA\n' };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path.join(cwd, name), text);
  }
  symlinkSync('r.tsv', path.join(cwd, 'link'));
  for (const out of [...Object.keys(files), 'link']) {
    const args = ['report', '--relations', 'r.tsv', '--views', 'v.tsv', '--against', 'old.tsv', '--out', out];
    expect(await alsoViewed(args, { cwd })).toMatchObject({
      code: 64,
      stderr: expect.stringContaining(`Cannot write the page to ${out}: it is made from what is there\n  Name another`),
    });
  }
  for (const [name, text] of Object.entries(files)) {
    expect(readFileSync(path.join(cwd, name), 'utf8')).toBe(text);
  }
});

test('a run without relations is told to have none, not to be missing', async () => {
  const cwd = temporaryFolder();
  await alsoViewed(['run', '--source', 'none.tsv', '--target', 'r.tsv'], { cwd });
  const [id = ''] = readdirSync(path.join(cwd, 'also-viewed-work', 'runs'));
  const told = {
    code: 66,
    stderr: `Error: Cannot use run ${id} in also-viewed-work: it has no relations\n  See \`also-viewed runs\` for what is kept.\n`,
  };
  expect(await alsoViewed(['report', '--run', id], { cwd })).toMatchObject(told);
  expect(await alsoViewed(['diff', id, id], { cwd })).toMatchObject(told);
});

test('relations that are not those of the manifest are not reported on', async () => {
  const folder = temporaryFolder();
  const work = path.join(folder, 'work');
  await alsoViewed(['run', '--source', sample, '--target', path.join(folder, 't.tsv'), '--work', work]);
  const [id = ''] = readdirSync(path.join(work, 'runs'));
  const inRun = (name: string): string => path.join(work, 'runs', id, name);
  await relate(sample, { out: inRun('relations.tsv.gz'), top: 5 });
  const { code, stderr } = await alsoViewed(['report', '--work', work]);
  expect([code, stderr]).toEqual([65, expect.stringContaining('it is not what the manifest of its run says')]);
  expect(existsSync(inRun('report.html'))).toBe(false);
});
