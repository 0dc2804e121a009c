import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareScored, scoreNames, scores } from '#dist/relation/scores.js';
import { keepTopScored } from '#dist/relation/top-scored.js';

const target = fc.record({ weight: fc.integer({ min: 1, max: 9 }), more: fc.nat(3), allowed: fc.boolean() });

test('what is kept is the head of the list that is shown: by score, then by weight, then in the order of targets', () => {
  fc.assert(
    fc.property(
      fc.array(target, { maxLength: 30 }),
      fc.constantFrom(...scoreNames),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 3 }),
      (row, score, top, minWeight) => {
        // The source is the last product, and in all paths of its targets.
        const source = row.length;
        const pathCounts = Uint32Array.from([...row.map(({ weight, more }) => weight + more), 12]);
        const paths = 30;
        const kept = {
          targets: Uint32Array.from(row.keys()),
          weights: Uint32Array.from(row, ({ weight }) => weight),
        };
        const length = keepTopScored(source, kept, row.length, {
          top,
          minWeight,
          allowed: Uint8Array.from(row, ({ allowed }) => Number(allowed)),
          ranking: { score, pathCounts, paths },
        });
        const expected = row
          .map(({ weight, more, allowed }, at) => ({
            target: at,
            weight,
            allowed,
            score: scores.get(score)({ both: weight, source: 12, target: weight + more, all: paths }),
          }))
          .filter(({ weight, allowed }) => weight >= minWeight && allowed)
          .sort(compareScored)
          .slice(0, top)
          .sort((a, b) => a.target - b.target);
        expect([...kept.targets.subarray(0, length)]).toEqual(expected.map((each) => each.target));
        expect([...kept.weights.subarray(0, length)]).toEqual(expected.map(({ weight }) => weight));
      },
    ),
  );
});
