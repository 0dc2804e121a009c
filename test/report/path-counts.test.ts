import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type RunResult, run, type ShowOptions, show } from 'also-viewed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyId, escaped, integerId, views } from '../arbitraries.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const columns = { path: 'path_id', product: 'product_id' };

/** A recorded run over views, in a work folder of its own. */
async function recorded(
  rows: readonly (readonly string[])[],
  maxPathProducts = 4,
): Promise<RunResult & { work: string }> {
  const folder = temporaryFolder();
  const file = path.join(folder, 'v.tsv');
  writeFileSync(file, rows.map((row) => `${row.map(escaped).join('\t')}\n`).join(''));
  const work = path.join(folder, 'work');
  const result = await run({
    maxPathProducts,
    source: { kind: 'files', locations: [file] },
    target: { kind: 'file', location: path.join(folder, 'r.tsv') },
    work,
    parameters: { 'max-path-products': maxPathProducts },
  });
  return { ...result, work };
}

test('the lists of a run, their shares and scores, are those that its views give, without reading these', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(views(anyId), views(integerId)),
      fc.constantFrom('weight' as const, 'llr' as const),
      async (rows, score) => {
        const { work, folder } = await recorded([...rows, ['one pair', '1'], ['one pair', '2']]);
        const products = [...new Set(rows.map(([, product]) => product)), '1', 'nobody viewed it'].reverse();
        const options: ShowOptions = { products, work, top: 5, score, columns };
        const expected = await show({ ...options, views: path.join(folder, 'views.tsv.gz') });
        rmSync(path.join(folder, 'views.tsv.gz'));
        expect(await show(options)).toEqual(expected);
      },
    ),
    { numRuns: 15 },
  );
});

test('a run names the paths that count of each product, in the order of its relations', async () => {
  const rows = ['1 9', '1 10', '2 9', '2 9', '3 7', '4 9', '4 10', '4 1', '4 2', '4 3'].map((row) => row.split(' '));
  const { folder, manifest } = await recorded(rows);
  // Path 4 has more than four products.
  expect(readFileSync(path.join(folder, 'path-counts.tsv'), 'utf8')).toBe('1\t0\n2\t0\n3\t0\n7\t1\n9\t2\n10\t1\n');
  expect(manifest.artefacts.map(({ name, lines }) => [name, lines])).toContainEqual(['path-counts.tsv', 6]);
});

test('other paths than those of the run are counted from its views', async () => {
  const { work } = await recorded([
    ['1', 'a'],
    ['1', 'b'],
    ['2', 'a'],
  ]);
  const [list] = await show({ products: ['a'], work, top: 5, columns, maxPathProducts: 1 });
  expect(list?.paths).toBe(1);
});
