import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { emrPlace } from '#dist/engine/emr/emr-settings.js';
import { estimateJob, vcpusOf } from '#dist/engine/emr/estimate.js';
import { sampleViews } from '#dist/engine/emr/sample-views.js';
import { anyId, escaped, views } from '../../arbitraries.ts';
import { bruteForce } from '../../brute-force.ts';
import { onlineRetail } from '../../real-data.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const columns = { path: 'path_id', product: 'product_id' };
const effects = defaultEffects();
const all = Number.POSITIVE_INFINITY;

function fileOf(rows: readonly (readonly [string, string])[], name = 'views.tsv'): string {
  const file = path.join(temporaryFolder(), name);
  const text = rows.map(([path, product]) => `${escaped(path)}\t${escaped(product)}\n`).join('');
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text);
  return file;
}

test('small views are counted', async () => {
  await fc.assert(
    fc.asyncProperty(views(anyId), fc.boolean(), async (rows, packed) => {
      const file = fileOf([...rows, ...rows], packed ? 'views.tsv.gz' : 'views.tsv');
      const estimate = await sampleViews([file], columns, all, effects);
      expect(estimate).toMatchObject({
        exact: true,
        pairs: bruteForce(rows).reduce((sum, [, , weight]) => sum + weight, 0),
        views: new Set(rows.map((row) => row.join('\t'))).size,
        paths: new Set(rows.map(([path]) => path)).size,
      });
    }),
    { numRuns: 30 },
  );
});

test('the real views are counted as the job counts them, heavy paths left out as there', async () => {
  expect(await sampleViews([onlineRetail], columns, all, effects)).toMatchObject({ exact: true, pairs: 57_145_672 });
  const { pairs } = await sampleViews([onlineRetail], columns, 50, effects);
  expect(pairs).toBeLessThan(57_145_672 / 3);
});

describe('what is not read is extrapolated', () => {
  const rows = Array.from({ length: 1_000_000 }, (_, at) => [`p${Math.floor(at / 8)}`, `i${(at * 7) % 1009}`] as const);
  const truth = 125_000 * 8 * 7;

  test('when the views of a path are together, in one file or in many', async () => {
    const one = await sampleViews([fileOf(rows)], columns, all, effects, 3_000_000);
    const parts = Array.from({ length: 100 }, (_, at) => fileOf(rows.slice(10_000 * at, 10_000 * (at + 1))));
    const many = await sampleViews(parts, columns, all, effects, 3_000_000);
    for (const { pairs, exact, bytes, bytesRead } of [one, many]) {
      expect(exact).toBe(false);
      expect(bytesRead).toBeLessThan(bytes);
      expect(pairs / truth).toBeGreaterThan(0.5);
      expect(pairs / truth).toBeLessThan(2);
    }
  });

  test('when they are scattered, in which case the pairs grow with the square', async () => {
    // A fixed shuffle: 1,000,000 and 7,919 have no common factor.
    const scattered = rows.map((_, at) => rows[(at * 7_919) % rows.length] ?? ['', '']);
    const text = scattered.map(([path, product]) => [path, product] as const);
    const { pairs } = await sampleViews([fileOf(text)], columns, all, effects, 6_000_000);
    expect(pairs / truth).toBeGreaterThan(0.5);
    expect(pairs / truth).toBeLessThan(2);
  });
});

test('more nodes make a job shorter, up to the time that a cluster takes to start', () => {
  const big = { views: 1e9, paths: 2e8, pairs: 4e11, bytes: 1, bytesRead: 1, exact: false };
  const nodes = (emrCoreCount: number) => emrPlace({ emrLogUri: 's3://b', emrRegion: 'r', emrCoreCount }, {}).nodes;
  const [two, twenty] = [estimateJob(big, nodes(2)), estimateJob(big, nodes(20))];
  expect(two.vcpus).toBe(16);
  expect(twenty.hours).toBeLessThan(two.hours / 2);
  expect(twenty.instances).toBe(21);
});

test.each([
  ['m5.large', 2],
  ['m5.xlarge', 4],
  ['r6g.2xlarge', 8],
  ['c7i.24xlarge', 96],
  ['i3.metal', 2],
])('%s has %i virtual processors', (type, count) => {
  expect(vcpusOf(type)).toBe(count);
});
