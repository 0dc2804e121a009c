import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keepTopTargets } from '#dist/relation/top-targets.js';

const row = fc
  .uniqueArray(fc.nat(50), { maxLength: 30 })
  .map((targets) => targets.sort((a, b) => a - b))
  .chain((targets) =>
    fc.tuple(
      fc.constant(targets),
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: targets.length, maxLength: targets.length }),
    ),
  );

test('what is kept is the head of the full list, by weight descending and then target ascending, in order of target', () => {
  fc.assert(
    fc.property(
      row,
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 6 }),
      fc.option(fc.uint8Array({ minLength: 51, maxLength: 51, max: 1 })),
      ([targets, weights], top, minWeight, allowed) => {
        const keptTargets = Uint32Array.from(targets);
        const keptWeights = Uint32Array.from(weights);
        const length = keepTopTargets(keptTargets, keptWeights, targets.length, {
          top,
          minWeight,
          allowed: allowed ?? undefined,
        });
        const expected = targets
          .map((target, at) => ({ target, weight: weights[at] ?? 0 }))
          .filter(({ target, weight }) => weight >= minWeight && (allowed === null || allowed[target] === 1))
          .sort((a, b) => b.weight - a.weight || a.target - b.target)
          .slice(0, top)
          .sort((a, b) => a.target - b.target);
        expect([...keptTargets.subarray(0, length)]).toEqual(expected.map(({ target }) => target));
        expect([...keptWeights.subarray(0, length)]).toEqual(expected.map(({ weight }) => weight));
      },
    ),
  );
});
