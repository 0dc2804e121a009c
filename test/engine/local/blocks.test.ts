import fc from 'fast-check';
import { expect, test } from 'vitest';
import { costOfSource, planBlocks, workOfSources } from '#dist/engine/local/blocks.js';
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

test('the work of a source is the products of all its paths', () => {
  const { graph } = kernelOf(5, [[0, 1, 2], [], [1, 3], [1]]);
  expect([...workOfSources(graph)]).toEqual([3, 6, 3, 2, 0]);
});
