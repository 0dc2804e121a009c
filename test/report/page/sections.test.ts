import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '#dist/seeded-random.js';
import { alsoViewed } from '../../cli/also-viewed.ts';
import { barriers, cells, useBrowser } from './browser.ts';

const open = useBrowser();
const desktop = { viewport: { width: 1280, height: 900 } };

/** What the relations of the shop are limited to. */
const [cap, minWeight, top] = [20, 2, 8];

let folder = '';
const place = (name: string): string => path.join(folder, name);

/** Of the shop: its views, what somebody called its products, and the relations before and now. */
const paths = new Map<string, Set<string>>();
const names = new Map<string, string>();
let before: [source: string, target: string, weight: number][] = [];
let now: [source: string, target: string, weight: number][] = [];
let changed = changesBetween([], []);
let [earlier, run] = ['', ''];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'also-viewed-test-'));
  writeViews();
  for (const id of [...new Set([...paths.values()].flatMap((products) => [...products])), 'unsold']) {
    names.set(id, `Lamp ${id}`);
  }
  writeFileSync(place('products.tsv'), [...names].map(([id, name]) => `${id}\t${name}\n`).join(''));
  const limits = ['--min-weight', `${minWeight}`, '--max-path-products', `${cap}`, '--top', `${top}`, '--score', 'llr'];
  for (const [views, target] of [
    ['views-before.tsv', 'before.tsv'],
    ['views.tsv', 'now.tsv'],
  ] as const) {
    const files = ['--source', views, '--target', target];
    const how = ['--quiet', '--threads', '2', '--keep-runs', '9'];
    expect(await alsoViewed(['run', ...files, ...limits, ...how], { cwd: folder })).toMatchObject({ code: 0 });
  }
  [earlier = '', run = ''] = readdirSync(place('also-viewed-work/runs')).sort();
  before = relationsIn('before.tsv');
  now = relationsIn('now.tsv');
  changed = changesBetween(before, now);
  await writeReport('report.html', '--against', earlier);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Visitors of thirty lamps, a crawler, products that nobody else looks at; some rows twice, some no views. Before, there were fewer. */
function writeViews(): void {
  const random = seededRandom(3);
  const product = (): string => `${101 + Math.floor(30 * random() ** 2)}`;
  for (let visit = 1; visit <= 300; visit++) {
    paths.set(`${visit}`, new Set(Array.from({ length: 1 + Math.floor(16 * random() ** 4) }, product)));
  }
  paths.set('crawler', new Set(Array.from({ length: 36 }, (_, at) => `${101 + at}`)));
  paths.set('other', new Set(['alone']));
  paths.set('more', new Set(['101', 'rare']));
  const rows = [...paths].flatMap(([id, products]) => [...products].map((each) => `${id}\t${each}\n`));
  writeFileSync(
    place('views.tsv'),
    [...rows, ...rows.slice(0, 50), `${'7'.repeat(200)}\n`, '\t101\n', '8\t\n'].join(''),
  );
  writeFileSync(place('views-before.tsv'), rows.slice(0, -200).join(''));
}

function relationsIn(file: string): typeof now {
  return readFileSync(place(file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([source = '', target = '', weight]) => [source, target, Number(weight)]);
}

/** Of each product with a list: how long it is. */
function listLengths(relations: typeof now): number[] {
  const lengths = new Map<string, number>();
  for (const [source] of relations) {
    lengths.set(source, (lengths.get(source) ?? 0) + 1);
  }
  return [...lengths.values()].sort((a, b) => a - b);
}

/** What came, went and got another weight: then and now. */
function changesBetween(old: typeof now, next: typeof now) {
  const weightsOf = (relations: typeof now): Map<string, number> =>
    new Map(relations.map(([source, target, weight]) => [`${source} ${target}`, weight]));
  const [then, after] = [weightsOf(old), weightsOf(next)];
  const both = [...after].flatMap(([relation, weight]) => {
    const was = then.get(relation);
    return was === undefined ? [] : [[was, weight] as const];
  });
  const moved = both.filter(([was, weight]) => was !== weight);
  return {
    added: [...after].filter(([relation]) => !then.has(relation)).map(([, weight]) => weight),
    removed: [...then].filter(([relation]) => !after.has(relation)).map(([, weight]) => weight),
    moved,
    unchanged: both.length - moved.length,
  };
}

/** Products of each path, ascending. */
const pathLengths = (): number[] => [...paths.values()].map(({ size }) => size).sort((a, b) => a - b);

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);
const pairsOf = (lengths: readonly number[]): number => sum(lengths.map((length) => length * (length - 1)));
const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)}%`;
const count = (figure: number): string => figure.toLocaleString('en-US');

const section = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
const rowsOf = async (page: Page, name: string): Promise<string[][]> => await cells(page.getByRole('table', { name }));

/** The page by the command. */
async function writeReport(out: string, ...args: readonly string[]): Promise<void> {
  expect(await alsoViewed(['report', ...args, '--out', out], { cwd: folder })).toMatchObject({ code: 0 });
}

/** The page about the newer run, its rejected rows, its score and the run before. */
const shopPage = async (): Promise<Page> => await open(place('report.html'), desktop);

/** In the colours of the day, all rules; in those of the night, the one that looks at colours. */
async function expectNoBarriers(page: Page): Promise<void> {
  expect(await barriers(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await barriers(page, ['color-contrast'])).toEqual([]);
}

test('the headline figures are those that are counted here, and the lists are said to be in the order of the score', async () => {
  const page = await shopPage();
  const lists = listLengths(now);
  const lengths = pathLengths();
  const { added, removed, moved, unchanged } = changed;
  const changes = added.length + removed.length + moved.length;
  const short = lists.filter((length) => length < 5).length;
  expect(await section(page, 'At a glance').getByRole('definition').allTextContents()).toEqual([
    `${percent(lists.length, names.size)} ${lists.length} of ${names.size} products. The page of any other product has nothing to suggest.`,
    `${lists[Math.ceil(lists.length / 2) - 1]} Half of the lists are at least this long. ${short === 0 ? 'None is' : `${short} are`} shorter than 5.`,
    `${now.length} A relation is two products that people viewed in the same path, in ${minWeight} paths or more. Lists were cut: of two products the one can be in the list of the other and not the other way round.`,
    `${lengths.length} A path is one visit of one user. ${percent(lengths.filter((length) => length === 1).length, lengths.length)} of them saw a single product, which relates nothing; 1 was left out for its length. Views in all: ${count(sum(lengths))}, each product of a path once.`,
    `${percent(changes, changes + unchanged)} ${removed.length} gone, ${added.length} new, ${moved.length} of another weight since ${earlier}.`,
  ]);
  const lookup = section(page, 'Look up a product').locator('p');
  await expect(lookup.first().textContent()).resolves.toBe(
    'Its list, and the lists that it is in. The lists are ordered by llr.',
  );
  await expect(lookup.last().textContent()).resolves.toMatch(/^also-viewed show ID .* prints any list whole\.$/);
});

test('the numbers of each chart count the values that fall into its ranges', async () => {
  const page = await shopPage();
  const distributions = {
    'Products in a path': pathLengths(),
    'Products in a list': listLengths(now),
    'Weight of a relation': now.map(([, , weight]) => weight),
  };
  for (const [title, values] of Object.entries(distributions)) {
    const details = page.getByText(`${title}: the numbers`);
    await details.click();
    const rows = await rowsOf(page, title);
    expect(sum(rows.map(([, figure]) => Number(figure)))).toBe(values.length);
    for (const [range = '', figure, part] of rows) {
      const [from = 0, to = from] = range.split('–').map(Number);
      const within = values.filter((value) => value >= from && value <= to).length;
      expect([range, figure, part]).toEqual([range, `${within}`, percent(within, values.length)]);
    }
  }
});

test('a product without a list stands with the reason that its paths give', async () => {
  const page = await shopPage();
  const listed = new Set(now.map(([source]) => source));
  const without = [...names.keys()].filter((id) => !listed.has(id));
  const pathsOf = (id: string): Set<string>[] => [...paths.values()].filter((products) => products.has(id));
  const reasonOf = (id: string): string => {
    const those = pathsOf(id).filter(({ size }) => size <= cap);
    return pathsOf(id).length === 0
      ? 'Nobody viewed it'
      : those.length === 0
        ? 'It is only in paths that were left out for their length'
        : those.every(({ size }) => size === 1)
          ? 'It is always the only product of its path'
          : `It shares fewer than ${minWeight} paths with any other product, too few for a relation`;
  };
  const coverage = section(page, 'Products without a list');
  const reasons = [...new Set(without.map(reasonOf))];
  expect(reasons).toHaveLength(4);
  const ofReason = (reason: string): string[] => without.filter((id) => reasonOf(id) === reason);
  const terms = reasons.map(
    (reason) => `${reason}: ${ofReason(reason).length} product${ofReason(reason).length === 1 ? '' : 's'}`,
  );
  expect((await coverage.getByRole('term').allTextContents()).sort()).toEqual(terms.sort());
  expect((await coverage.getByRole('listitem').allTextContents()).sort()).toEqual(
    without.map((id) => `${names.get(id)} ${id}`).sort(),
  );
  await expect(coverage.locator('p').textContent()).resolves.toBe(
    `${without.length} of ${names.size} products (${percent(without.length, names.size)}) have none.`,
  );
});

test('the longest paths have what they add, and each cap what it would remove', async () => {
  const page = await shopPage();
  const lengths = pathLengths();
  const counting = lengths.filter((length) => length <= cap);
  const heavy = section(page, 'The heaviest paths');
  const heaviest = await rowsOf(page, 'Longest paths');
  const longest = lengths.slice(-10).reverse();
  expect(heaviest.map(([, ...figures]) => figures)).toEqual(
    longest.map((length) => [
      `${length}`,
      count(length * (length - 1)),
      percent(length * (length - 1), pairsOf(lengths)),
      length > cap ? 'left out' : 'yes',
    ]),
  );
  expect(heaviest.map(([id = '']) => paths.get(id)?.size)).toEqual(longest);
  expect((await heavy.locator('p').textContent())?.replaceAll(/\s+/g, ' ')).toContain(
    `Of the paths that count the 10 longest together make up ${percent(pairsOf(counting.slice(-10)), pairsOf(counting))} of the weight. 1 path with more than ${cap} products is left out, as --max-path-products says.`,
  );
  expect(await rowsOf(page, 'What a cap would remove')).toEqual(
    [10, cap].map((each) => {
      const longer = lengths.filter((length) => length > each);
      return [
        each === cap ? `${each} (in force)` : `${each}`,
        `${longer.length}`,
        percent(longer.length, lengths.length),
        percent(pairsOf(longer), pairsOf(lengths)),
      ];
    }),
  );
});

test('what changed since the run before is counted, and the largest change of each kind stands first', async () => {
  const page = await shopPage();
  const { added, removed, moved, unchanged } = changed;
  expect(Math.min(added.length, removed.length, moved.length, unchanged)).toBeGreaterThan(0);
  const changes = section(page, `What changed since ${earlier}`);
  expect((await changes.locator('p').first().textContent())?.replaceAll(/\s+/g, ' ')).toBe(
    `${added.length} relations came, ${removed.length} went, ${moved.length} have another weight and ${unchanged} are as before: ${before.length} then, ${now.length} now. Products with a list: ${listLengths(before).length} then, ${listLengths(now).length} now.`,
  );
  const [, , then, after] = (await rowsOf(page, 'Weights that moved most'))[0] ?? [];
  expect(Math.abs(Number(after) - Number(then))).toBe(Math.max(...moved.map(([a, b]) => Math.abs(a - b))));
  for (const [caption, those] of [
    ['Heaviest new relations', added],
    ['Heaviest relations that are gone', removed],
  ] as const) {
    const [first] = await rowsOf(page, caption);
    expect(Number(first?.at(-1))).toBe(Math.max(...those));
  }
});

test('rejected rows are told by reason, with their places and beginnings', async () => {
  const page = await shopPage();
  await expect(section(page, 'Rejected rows').locator('p').first().textContent()).resolves.toBe(
    '3 rows of the input were no view and did not count.',
  );
  expect(await rowsOf(page, 'By reason')).toEqual([
    ['empty field', '2'],
    ['wrong number of fields', '1'],
  ]);
  const lines = readFileSync(place('views.tsv'), 'utf8').split('\n').length - 4;
  expect(await rowsOf(page, 'The first of them')).toEqual([
    [`views.tsv:${lines + 1}`, 'wrong number of fields', `${'7'.repeat(120)}…`],
    [`views.tsv:${lines + 2}`, 'empty field', '\\t101'],
    [`views.tsv:${lines + 3}`, 'empty field', '8\\t'],
  ]);
});

test('the page names its run, the digest and the parameters that say something about the lists', async () => {
  const page = await shopPage();
  const facts = Object.fromEntries(await rowsOf(page, 'Facts'));
  expect(facts).toMatchObject({
    run,
    state: 'succeeded',
    'sha256 of the relations': createHash('sha256')
      .update(readFileSync(place('now.tsv')))
      .digest('hex'),
    'lists ordered by': 'llr',
    names: 'products.tsv',
    'sum of all weights': count(sum(now.map(([, , weight]) => weight))),
  });
  // What says nothing about the lists, like --quiet, is not among them.
  expect(Object.fromEntries(await rowsOf(page, 'Parameters of the run'))).toEqual({
    source: 'views.tsv',
    target: 'now.tsv',
    top: `${top}`,
    score: 'llr',
    'min-weight': `${minWeight}`,
    'max-path-products': `${cap}`,
  });
  await page.getByText('Parameters as they usually are').click();
  expect(Object.fromEntries(await rowsOf(page, 'Usual parameters'))).toMatchObject({ ids: 'auto' });
});

test('nothing on a page with all of its sections keeps anybody out', async () => {
  const page = await shopPage();
  await expectNoBarriers(page);
});

test('a page about relations alone says what it lacks, and nothing of what it does not know', async () => {
  // Not beside the names.
  mkdirSync(place('alone'));
  writeFileSync(place('alone/r.tsv'), 'a\tb\t2\na\tc\t1\nb\ta\t2\nc\ta\t1\n');
  await writeReport('alone.html', '--relations', 'alone/r.tsv');
  const page = await open(place('alone.html'), desktop);
  expect(await section(page, 'At a glance').getByRole('definition').allTextContents()).toEqual([
    '100.0% All of 3 products.',
    '1 Half of the lists are at least this long. 3 are shorter than 5.',
    '4 A relation is two products that people viewed in the same path. Each counts in both directions.',
  ]);
  expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
    'At a glance',
    'Look up a product',
    'How long, how many, how heavy',
    'Products without a list',
    'Where this comes from',
  ]);
  await expect(section(page, 'Products without a list').textContent()).resolves.toContain(
    'All of 3 products have one. The views (--views) would tell which others there are, and why they have none.',
  );
  await expect(page.getByRole('img').count()).resolves.toBe(2);
  const facts = await rowsOf(page, 'Facts');
  expect(facts).toContainEqual(['views', 'none given']);
  expect(facts).toContainEqual(['names', 'none given']);
  expect(await rowsOf(page, 'People also viewed')).toEqual([
    ['b', '2', '1'],
    ['c', '1', '2'],
  ]);
  await expectNoBarriers(page);
});

test('a page about views that relate nothing says why there is no list', async () => {
  mkdirSync(place('none'));
  writeFileSync(place('none/views.tsv'), '1\ta\n2\tb\n3\tb\n');
  writeFileSync(place('none/r.tsv'), '');
  await writeReport('none.html', '--relations', 'none/r.tsv', '--views', 'none/views.tsv');
  const page = await open(place('none.html'), desktop);
  const [covered, relations, all] = await section(page, 'At a glance').getByRole('definition').allTextContents();
  expect(covered).toMatch(/^0\.0% None of 2 products\.$/);
  expect(relations).toMatch(/^0 There are no relations: no two products were viewed in the same path/);
  expect(all).toMatch(/^3 A path is one visit of one user\. 100\.0% of them saw a single product/);
  await expect(section(page, 'Look up a product').textContent()).resolves.toContain('No product has a list.');
  expect(await section(page, 'Products without a list').getByRole('term').allTextContents()).toEqual([
    'It is always the only product of its path: 2 products',
  ]);
  await expect(section(page, 'Rejected rows').locator('p').textContent()).resolves.toBe(
    'Every row of the views was a view.',
  );
  await expectNoBarriers(page);
});
