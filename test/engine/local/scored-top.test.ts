import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { relate, type ScoreName, scoreNames, show } from 'also-viewed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyId, escaped, integerId, views } from '../../arbitraries.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { relateWithin } from './local-job.ts';

const columns = { path: 'path_id', product: 'product_id' };

/** The targets and weights of each source of a relations file. */
function listsOf(file: string): Map<string, string[]> {
  const lists = new Map<string, string[]>();
  for (const line of readFileSync(file, 'utf8').split('\n').slice(0, -1)) {
    const [source = '', ...rest] = line.split('\t');
    lists.set(source, [...(lists.get(source) ?? []), rest.join(' ')]);
  }
  return lists;
}

/** Relates a file in so much memory, each time, and compares the lists with those that `show` orders. */
async function expectHeads(
  file: string,
  top: number,
  score: ScoreName,
  memories: readonly number[],
  limits: { maxPathProducts?: number },
): Promise<void> {
  const folder = temporaryFolder();
  const whole = path.join(folder, 'whole.tsv');
  await relate(file, { ...limits, out: whole });
  const products = [...listsOf(whole).keys()].map((id) => id.replaceAll('\\\\', '\\'));
  const work = 'nowhere';
  const lists = await show({ products, relations: whole, views: file, score, top, work, columns, ...limits });
  const expected = lists.map(({ product, targets }): [string, string[]] => [
    escaped(product),
    targets.map((target) => `${escaped(target.product)} ${target.weight}`),
  ]);
  const sorted = (of: Iterable<[string, string[]]>): [string, string[]][] =>
    [...of].map(([source, targets]) => [source, [...targets].sort()]);
  for (const memory of memories) {
    await relateWithin(file, folder, { memory, threads: 1, top, score, ...limits });
    expect(sorted(listsOf(path.join(folder, 'r.tsv')))).toEqual(sorted(expected));
  }
}

/** Few paths fit in it: all views go to disk, and there in parts. */
const little = 1_500;
const plenty = 1 << 30;

test('the top targets by a score are the head of the list that it orders, with their weights, in memory and on disk', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(views(anyId), views(integerId)),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(...scoreNames),
      fc.constantFrom({}, { maxPathProducts: 3 }),
      async (rows, top, score, limits) => {
        const file = path.join(temporaryFolder(), 'views.tsv');
        writeFileSync(file, rows.map((row) => `${row.map(escaped).join('\t')}\n`).join(''));
        // Parts on disk are a hundred times slower.
        await expectHeads(file, top, score, runs++ % 15 === 0 ? [plenty, little] : [plenty], limits);
      },
    ),
    { numRuns: 30 },
  );
});

test('the sample shop gives these lists too', async () => {
  for (const score of ['lift', 'llr'] as const) {
    await expectHeads('sample-data/views.tsv', 7, score, [plenty], { maxPathProducts: 100 });
  }
});

test('a cluster refuses to keep the top targets by a score, before anything else', async () => {
  const folder = temporaryFolder();
  const job = relate('missing.tsv', { out: path.join(folder, 'r.tsv'), engine: 'hadoop', top: 5, score: 'llr' });
  await expect(job).rejects.toMatchObject({
    kind: 'usage',
    message: 'Cannot keep the top targets by llr with the hadoop engine',
  });
});
