import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { report } from 'also-viewed';
import { expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { gather } from '#dist/report/page/gather.js';
import { seededRandom } from '#dist/seeded-random.js';
import { temporaryFolder } from '../../temporary-folder.ts';

const columns = { path: 'path_id', product: 'product_id' };
const random = seededRandom(11);

test('more relations than are kept in memory are kept as the first of each list', async () => {
  const relations = path.join(temporaryFolder(), 'r.tsv');
  // More than 2²⁰ of them, a few lists short.
  const products = Array.from({ length: 1_060 }, (_, at) => 1_000 + at);
  const listOf = (source: number): [target: number, weight: number][] =>
    products
      .filter((target) => target !== source && (source % 50 > 0 || target % 90 === 0))
      .map((target) => [target, 1 + ((source * target) % 97)]);
  writeFileSync(
    relations,
    products
      .map((source) =>
        listOf(source)
          .map(([target, weight]) => `${source}\t${target}\t${weight}\n`)
          .join(''),
      )
      .join(''),
  );
  const { lists } = await gather({ relations, work: 'nowhere', columns }, defaultEffects());
  expect(lists.relations).toBeGreaterThan(2 ** 20);
  const ids = lists.ids();
  const kept = products.map((product) => lists.list(ids.indexOf(`${product}`)));
  const longest = Math.max(...kept.map(({ length }) => length));
  expect(longest).toBeGreaterThan(400);
  expect(kept.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(2 ** 20);
  for (const [at, source] of products.entries()) {
    const expected = listOf(source).sort((a, b) => b[1] - a[1]);
    expect(lists.length(ids.indexOf(`${source}`))).toBe(expected.length);
    expect(kept[at]?.map(({ target, weight }) => [Number(ids[target]), weight])).toEqual(expected.slice(0, longest));
  }
});

test('the page stays below 1.5 MB whatever its names weigh, with the products with most to show', async () => {
  const folder = temporaryFolder();
  const place = (name: string): string => path.join(folder, name);
  const products = Array.from({ length: 12_000 }, (_, at) => `${100_000 + at}`);
  const letters = (length: number): string =>
    Array.from({ length }, () => String.fromCharCode(0x4e00 + Math.floor(random() * 20_000))).join('');
  writeFileSync(place('products.tsv'), products.map((id) => `${id}\t${letters(250)}\n`).join(''));
  // Each with the next one, which need not have a list in the page; the last ones have none anywhere.
  const last = products.length - 20;
  writeFileSync(
    place('r.tsv'),
    products.map((id, at) => (at >= last ? '' : `${id}\t${products[at + 1]}\t${1 + (at % 9)}\n`)).join(''),
  );
  await report({ relations: place('r.tsv'), work: folder, columns, out: place('report.html') });
  expect(statSync(place('report.html')).size).toBeLessThan(1.5e6);
  const html = readFileSync(place('report.html'), 'utf8');
  // Nobody said who is in how many paths, and those without a list are not on the page.
  expect(html).toMatch(/To stay small, the page has the [\d,]+ products with the longest lists, of 12,000\./);
  expect(html).toContain('20 of 12,000 products (0.2%) have none. ');
});
