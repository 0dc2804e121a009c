import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ExplainOptions, type Explanation, explain, relate, run, show } from 'also-viewed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { silentLog } from '#dist/effects.js';
import { minSupport, scoreNames } from '#dist/relation/scores.js';
import { numbersFor } from '#dist/report/format-rows.js';
import { anyId, integerId, views as viewsOf } from '../arbitraries.ts';
import { bruteForce } from '../brute-force.ts';
import { alsoViewed } from '../cli/also-viewed.ts';
import { onlineRetail } from '../real-data.ts';
import { scoreDefinitions } from '../score-definitions.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** The scores that a pair in few paths has not. */
const needSupport: ReadonlySet<string> = new Set(['lift', 'npmi', 'surprise']);

type Views = readonly (readonly [path: string, product: string])[];

const columns = { path: 'path_id', product: 'product_id' };
const escaped = (id: string): string => id.replaceAll('\\', '\\\\');

function viewsFile(views: Views): string {
  const file = path.join(temporaryFolder(), 'v.tsv');
  writeFileSync(file, views.map(([path, product]) => `${escaped(path)}\t${escaped(product)}\n`).join(''));
  return file;
}

async function explained(
  views: Views,
  options: Omit<ExplainOptions, 'work' | 'columns' | 'views'>,
): Promise<Explanation> {
  return await explain({ ...options, views: viewsFile(views), work: 'nowhere', columns });
}

/** `1: a b` is a path. */
const views = (...paths: string[]): Views =>
  paths.flatMap((line) => {
    const [id = '', products = ''] = line.split(': ');
    return products.split(' ').map((product) => [id, product] as const);
  });

test('the counts, the places and the scores are those of an independent count', async () => {
  const anyViews = fc
    .oneof(viewsOf(integerId), viewsOf(anyId))
    .filter((rows) => new Set(rows.map(([, id]) => id)).size > 1);
  await fc.assert(
    fc.asyncProperty(
      anyViews,
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 1, max: 9 }),
      async (rows, i, j, maxPathProducts) => {
        const ids = [...new Set(rows.map(([, id]) => id))];
        const [source = '', target = ''] = [ids[i % ids.length], ids[(i + 1 + (j % (ids.length - 1))) % ids.length]];
        const paths = new Map<string, Set<string>>();
        for (const [path, product] of rows) {
          paths.set(path, (paths.get(path) ?? new Set()).add(product));
        }
        const short = [...paths.values()].filter((products) => products.size <= maxPathProducts);
        const has = (...products: string[]): number =>
          short.filter((path) => products.every((id) => path.has(id))).length;
        // Products of no path that counts still decide whether ids are integers.
        const relations = bruteForce(
          [...paths].flatMap(([path, products]) =>
            [...products].map(
              (id) => [products.size <= maxPathProducts ? path : `${path} alone with ${id}`, id] as const,
            ),
          ),
        );
        const rank = (of: string, other: string): number | undefined => {
          const list = relations.filter(([from]) => from === of).sort((a, b) => b[2] - a[2]);
          const at = list.findIndex(([, to]) => to === other);
          return at === -1 ? undefined : at + 1;
        };
        const found = await explained(rows, { source, target, maxPathProducts });
        const both = has(source, target);
        expect(found).toMatchObject({
          weight: both,
          paths: short.length,
          source: { product: source, paths: has(source), rank: rank(source, target) },
          target: { product: target, paths: has(target), rank: rank(target, source) },
          leftOut: [...paths.values()].filter((p) => p.size > maxPathProducts && p.has(source) && p.has(target)).length,
        });
        expect(found.source.relations).toBe(relations.filter(([from]) => from === source).length);
        expect(found.expected).toBeCloseTo(short.length === 0 ? 0 : (has(source) * has(target)) / short.length, 9);
        expect(found.shared).toHaveLength(Math.min(both, 5));
        for (const { path, products } of found.shared) {
          expect([paths.get(path)?.has(source), paths.get(path)?.has(target), paths.get(path)?.size]).toEqual([
            true,
            true,
            products,
          ]);
        }
        const chance = (has(source) * has(target)) / short.length;
        expect(found.ratio).toEqual(chance > 0 ? expect.closeTo(both / chance, 9) : undefined);
        const seen = short.map((path) => [path.has(source), path.has(target)] as const);
        expect(found.scores).toEqual(
          Object.fromEntries(
            scoreNames
              .filter((name) => both >= minSupport || !needSupport.has(name))
              .map((name) => [name, expect.closeTo(scoreDefinitions[name](seen), 9)]),
          ),
        );
      },
    ),
    { numRuns: 300 },
  );
});

const tenPaths = (having: (path: number) => string): Views =>
  views(...Array.from({ length: 10 }, (_, at) => `${at}: ${having(at)}`));

test('weight 0: two products without a common path avoid each other', async () => {
  const rows = tenPaths((path) => (path < 4 ? 'a' : 'b'));
  const found = await explained(rows, { source: 'a', target: 'b' });
  expect(found).toMatchObject({ weight: 0, paths: 10, ratio: 0, shared: [], source: { paths: 4, rank: undefined } });
  // 4 · 6 / 10 by chance; each cell of the table that is not empty has all of its row and column: 2 (4 ln 10/4 + 6 ln 10/6).
  expect(found.expected).toBeCloseTo(2.4, 12);
  expect(found.scores).toEqual({ weight: 0, jaccard: 0, cosine: 0, llr: expect.closeTo(-13.4602, 4) });
});

test('a product in every path is related as chance has it', async () => {
  const rows = tenPaths((path) => (path < 7 ? 'a b' : 'a'));
  const found = await explained(rows, { source: 'a', target: 'b' });
  expect(found).toMatchObject({
    weight: 7,
    paths: 10,
    expected: 7,
    ratio: 1,
    source: { paths: 10 },
    target: { paths: 7 },
  });
  expect(found.scores).toEqual({
    weight: 7,
    jaccard: 0.7,
    cosine: expect.closeTo(Math.sqrt(0.7), 12),
    lift: 1,
    llr: expect.closeTo(0, 12),
    npmi: expect.closeTo(0, 12),
    surprise: 0,
  });
});

test('a product in one path has few scores, and those that it has', async () => {
  const rows = tenPaths((path) => (path === 0 ? 'a b' : path < 5 ? 'a' : 'c'));
  const found = await explained(rows, { source: 'a', target: 'b' });
  expect(found).toMatchObject({
    weight: 1,
    paths: 10,
    expected: 0.5,
    ratio: 2,
    source: { paths: 5 },
    target: { paths: 1 },
  });
  // 2 (ln 1/0.5 + 4 ln 4/4.5 + 5 ln 5/4.5).
  expect(found.scores).toEqual({
    weight: 1,
    jaccard: 0.2,
    cosine: expect.closeTo(Math.sqrt(0.2), 12),
    llr: expect.closeTo(1.4976, 4),
  });
});

test('a limit that removed the relation is named, with how far the relation is beyond it', async () => {
  const rows = views('1: a b', '2: a b c', '3: a b c d e', '4: a c', '5: a c d');
  const of = async (target: string, limits: Partial<ExplainOptions>): Promise<unknown[]> => {
    const { source, target: other } = await explained(rows, { source: 'a', target, ...limits });
    return [source.removed, other.removed].map(
      (removed) => removed && [removed.parameter, removed.limit, removed.reason],
    );
  };
  expect(await of('b', {})).toEqual([undefined, undefined]);
  const below = ['min-weight', 4, 'weight 3 is 1 below it'];
  expect(await of('b', { minWeight: 4 })).toEqual([below, below]);
  // c has weight 4 with a, b has 3; d comes third with 2. For b, a and then c.
  const behind = [
    'top',
    1,
    'it is number 2 by weight, 1 behind the last that is kept; that one has weight 4, this one 3',
  ];
  expect(await of('b', { top: 1 })).toEqual([behind, undefined]);
  expect(await of('b', { top: 2 })).toEqual([undefined, undefined]);
  const long = ['max-path-products', 3, '1 of 1 paths with both have more products, at least 2 more'];
  expect(await of('e', { maxPathProducts: 3 })).toEqual([long, long]);
  const both = ['min-weight', 2, 'weight 0 (1 with the paths that are left out) is 1 below it'];
  expect(await of('e', { maxPathProducts: 3, minWeight: 2 })).toEqual([both, both]);
  const products = path.join(temporaryFolder(), 'active.tsv');
  writeFileSync(products, 'a\nc\nd\n');
  expect(await of('b', { products })).toEqual([['products', products, 'b is not among them'], undefined]);
  // The list is cut after the catalogue: d is second then.
  expect(await of('d', { products, top: 2 })).toEqual([undefined, undefined]);
  // And after the light ones, with which a score may begin a list: for d, a has 2 of 5 paths, c 2 of 4, e 1 of 2.
  expect(await of('d', { score: 'jaccard', minWeight: 2, top: 2 })).toEqual([
    ['top', 2, 'it is number 3 by jaccard, 1 behind the last that is kept; that one has jaccard 0.6, this one 0.4'],
    undefined,
  ]);
});

test('how far a relation is beyond a limit is written as the caller writes counts', async () => {
  const rows = tenPaths((path) => (path === 0 ? 'a b' : 'c'));
  const { source } = await explained(rows, { source: 'a', target: 'b', minWeight: 2345, number: numbersFor(true) });
  expect(source.removed).toEqual({ parameter: 'min-weight', limit: 2345, reason: 'weight 1 is 2,344 below it' });
});

test('what relate leaves out with its limits is what explain says that they removed', async () => {
  const rows = viewsOf(fc.constantFrom('1', '2', '3', '4', '10', '11'));
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 2, max: 6 }),
      fc.constantFrom(...scoreNames),
      async (rows, top, minWeight, maxPathProducts, score) => {
        const file = viewsFile(rows);
        const out = path.join(path.dirname(file), 'r.tsv');
        await relate(file, { out, top, minWeight, maxPathProducts, score });
        const kept = new Set(
          readFileSync(out, 'utf8')
            .split('\n')
            .map((line) => line.split('\t').slice(0, 2).join()),
        );
        const ids = [...new Set(rows.map(([, id]) => id))].slice(0, 3);
        for (const source of ids) {
          for (const target of ids.filter((id) => id !== source)) {
            const found = await explained(rows, { source, target, top, minWeight, maxPathProducts, score });
            const related = found.weight > 0 && found.source.removed === undefined;
            expect([source, target, related]).toEqual([source, target, kept.has(`${source},${target}`)]);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a run is explained with its own limits and columns, and its relations are compared', async () => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'shop'));
  const file = path.join(folder, 'shop', 'v.tsv');
  writeFileSync(file, 'sid\tsku\n1\ta\n1\tb\n2\ta\n2\tb\n3\ta\n3\tc\n');
  writeFileSync(path.join(folder, 'shop', 'products.tsv'), 'a\tTent\nb\tStove\n');
  const work = path.join(folder, 'work');
  const settings = { top: 1, pathColumn: 'sid', productColumn: 'sku' };
  const done = await run({
    ...settings,
    source: { kind: 'files', locations: [file] },
    target: { kind: 'file', location: path.join(folder, 'r.tsv') },
    work,
    parameters: { top: 1, 'path-column': 'sid', 'product-column': 'sku', source: file },
  });
  const said: string[] = [];
  const given = { log: { ...silentLog, warn: (message: string) => said.push(message) } };
  const found = await explain({ source: 'a', target: 'c', work, columns }, given);
  expect(found).toMatchObject({
    source: { name: 'Tent', paths: 3, rank: 2, removed: { parameter: 'top', limit: 1 } },
    target: { stored: 1 },
    weight: 1,
    paths: 3,
  });
  expect(said).toEqual([]);
  writeFileSync(file, '1\ta\n1\tb\n2\ta\n');
  await explain({ source: 'a', target: 'b', run: done.id, work, columns, views: file }, given);
  expect(said).toEqual([
    'a and b are related with weight 2, and 1 paths have both: the relations are not of these views, or were related with other limits',
    'b and a are related with weight 2, and 1 paths have both: the relations are not of these views, or were related with other limits',
  ]);
});

test('a run whose lists were cut by a score is explained by that score', async () => {
  const folder = temporaryFolder();
  // The popular b is in more paths with a than c is, and in most others too.
  const file = viewsFile(views('1: a b', '2: a b c', '3: a b c', '4: b', '5: b', '6: b'));
  const work = path.join(folder, 'work');
  await run({
    top: 1,
    score: 'jaccard',
    source: { kind: 'files', locations: [file] },
    target: { kind: 'file', location: path.join(folder, 'r.tsv') },
    work,
    parameters: { top: 1, score: 'jaccard' },
  });
  expect(readFileSync(path.join(folder, 'r.tsv'), 'utf8')).toBe('a\tc\t2\nb\ta\t3\nc\ta\t2\n');
  const said: string[] = [];
  const given = { log: { ...silentLog, warn: (message: string) => said.push(message) } };
  const options = { source: 'a', target: 'b', work, columns };
  expect((await explain(options, given)).source).toMatchObject({
    rank: 2,
    removed: {
      parameter: 'top',
      reason: 'it is number 2 by jaccard, 1 behind the last that is kept; that one has jaccard 0.667, this one 0.5',
    },
  });
  expect((await explain({ ...options, target: 'c' }, given)).source).toMatchObject({ rank: 1, stored: 2 });
  // The list is shown in the order that it was cut by.
  expect(await show({ products: ['a'], work, columns, top: 9 }, given)).toMatchObject([
    { orderedBy: 'jaccard', targets: [{ product: 'c', score: 2 / 3 }] },
  ]);
  expect((await explain({ ...options, score: 'weight' }, given)).source).toMatchObject({ rank: 1, removed: undefined });
  expect(said).toEqual([]);
});

test('products that nobody viewed, and one product alone, are refused', async () => {
  const rows = views('1: tent stove');
  await expect(explained(rows, { source: 'tent', target: 'stoev' })).rejects.toMatchObject({ exitCode: 66 });
  await expect(explained(rows, { source: 'tent', target: 'stve' })).rejects.toMatchObject({
    remedy: 'Did you mean stove?',
  });
  // A product that has a name was meant, and nothing like it.
  const names = path.join(temporaryFolder(), 'products.tsv');
  writeFileSync(names, 'stvoe\tCooker\n');
  await expect(explained(rows, { source: 'tent', target: 'stvoe', names })).rejects.toMatchObject({
    message: 'Cannot explain stvoe: nobody viewed it',
    remedy: undefined,
  });
  await expect(explained(rows, { source: 'tent', target: 'tent' })).rejects.toMatchObject({ exitCode: 64 });
});

test('real views are explained', async () => {
  const found = await explain({ source: '84879', target: '22423', views: onlineRetail, work: 'nowhere', columns });
  // Counted with awk: paths with either, with both, and in all.
  expect(found).toMatchObject({ weight: 270, paths: 25_900, source: { paths: 1468 }, target: { paths: 2172 } });
});

test.each(['table', 'tsv', 'csv', 'jsonl'])('the command line prints an explanation as %s', async (format) => {
  const file = viewsFile(views('1: a b', '2: a b', '3: c'));
  const { code, stdout } = await alsoViewed(['explain', 'a', 'b', '--views', file, '--format', format]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    {
      table: /paths with both +2/,
      tsv: /^weight\t2\n[\s\S]*^shared_path\t1\nshared_path\t2\n/m,
      csv: /^weight,2$/m,
      jsonl: /"weight":2,/,
    }[format] ?? /^$/,
  );
});

test('the table says of two products without a common path that neither is in the list of the other', async () => {
  const file = viewsFile(views('1: a c', '2: a c', '3: b c'));
  const { stdout } = await alsoViewed(['explain', 'a', 'b', '--views', file]);
  expect(stdout).toMatch(/^place of b in the list of a +not among its 1$/m);
  expect(stdout).toMatch(/^paths with both expected by chance +0\.667 *$/m);
});

test('an explanation for programs says which limit removed the relation and by how much, in both directions', async () => {
  const file = viewsFile(views('1: a b', '2: a b', '3: a c', '4: a c', '5: a c'));
  const args = ['explain', 'a', 'b', '--views', file, '--top', '1', '--format'];
  const csv = await alsoViewed([...args, 'csv']);
  expect(csv.stdout.split('\n').filter((line) => line.includes('_removed_'))).toEqual([
    'target_removed_by,top',
    'target_removed_limit,1',
    'target_removed_reason,"it is number 2 by weight, 1 behind the last that is kept; that one has weight 3, this one 2"',
    'source_removed_by,',
    'source_removed_limit,',
    'source_removed_reason,',
  ]);
  const tsv = await alsoViewed([...args, 'tsv', '--min-weight', '3']);
  expect(tsv.stdout).toContain('target_removed_reason\tweight 2 is 1 below it\n');
  expect(tsv.stdout).toContain('source_removed_limit\t3\nsource_removed_reason\tweight 2 is 1 below it\n');
});
