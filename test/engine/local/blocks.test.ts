import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockCost, costOfSource, planBlocks, workOfSources } from '#dist/engine/local/blocks.js';
import { newKernel } from '#dist/engine/local/new-kernel.js';
import { type OutputIds, outputIds } from '#dist/engine/local/output-ids.js';
import { IdTable } from '#dist/relation/id-table.js';
import { kernelOf } from './kernel-of.ts';

const least = 1_000;

test('blocks hold all sources once, and as many as make the same cost, so that a bestseller does not leave a thread idle', () => {
  const work = fc.oneof(fc.nat(3), fc.nat(300), fc.constantFrom(least, 50 * least));
  fc.assert(
    fc.property(fc.array(work, { minLength: 1, maxLength: 500 }), (works) => {
      const starts = planBlocks(Float64Array.from(works), least);
      expect([starts[0], starts.at(-1)]).toEqual([0, works.length]);
      // A source costs something even if it has no work.
      const costOf = (first: number, end: number): number =>
        works.slice(first, end).reduce((sum, each) => sum + costOfSource(each, works.length), 0);
      for (const [block, first] of starts.slice(0, -1).entries()) {
        const end = starts[block + 1]!;
        expect(end).toBeGreaterThan(first);
        expect(costOf(first, end - 1)).toBeLessThan(least);
        if (end < works.length) {
          expect(costOf(first, end)).toBeGreaterThanOrEqual(least);
        }
      }
    }),
  );
});

/** Ids of such lengths, TAB included, as they stand in the output. */
function idsOf(lengths: Float64Array): OutputIds {
  const table = new IdTable();
  const sorted = Uint32Array.from(lengths, (length, at) => {
    const id = Buffer.from(String(at).padStart(length - 1, '.'));
    return table.intern(id, 0, id.length);
  });
  return outputIds(table, sorted, newKernel().memory);
}

test('blocks of long ids are smaller, so that their lines take no more memory; one long id among many changes no other block', () => {
  const works = new Float64Array(1_000).fill(1_000);
  const usual = planBlocks(works);
  expect(planBlocks(works, blockCost, idsOf(works.map(() => 13)))).toEqual(usual);

  const long = planBlocks(works, blockCost, idsOf(works.map(() => 96)));
  for (const [block, first] of long.slice(0, -1).entries()) {
    expect((long[block + 1]! - first) * 1_000 * (2 * 96 + 2)).toBeLessThan(4.2e6);
  }

  const odd = planBlocks(works, blockCost, idsOf(works.map((_, at) => (at === 999 ? 256 : 8))));
  expect(odd).toEqual(usual);
});

test('the work of a source is the products of all its paths', () => {
  const { graph } = kernelOf(5, [[0, 1, 2], [], [1, 3], [1]]);
  expect([...workOfSources(graph)]).toEqual([3, 6, 3, 2, 0]);
});
