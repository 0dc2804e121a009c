import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areCounts, compareScored, minSupport, type PairCounts, scoreNames, scores } from '#dist/relation/scores.js';
import { type SeenPaths, scoreDefinitions } from '../score-definitions.ts';

/** The paths one by one: whether each has the source, and whether it has the target. */
const paths = fc
  .tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 }))
  .chain(([both, one, none]) =>
    fc
      .integer({ min: 0, max: 12 })
      .map((other) => [
        ...Array.from({ length: both }, () => [true, true] as const),
        ...Array.from({ length: one }, () => [true, false] as const),
        ...Array.from({ length: other }, () => [false, true] as const),
        ...Array.from({ length: none }, () => [false, false] as const),
      ]),
  );

function countsOf(all: SeenPaths): PairCounts {
  return {
    both: all.filter(([a, b]) => a && b).length,
    source: all.filter(([a]) => a).length,
    target: all.filter(([, b]) => b).length,
    all: all.length,
  };
}

describe.each(scoreNames)('%s', (name) => {
  const needsSupport = name === 'lift' || name === 'npmi' || name === 'surprise';

  test('is what its definition gives for the paths themselves', () => {
    fc.assert(
      fc.property(paths, (all) => {
        const counts = countsOf(all);
        const score = scores.get(name)(counts);
        if (needsSupport && counts.both < minSupport) {
          expect(score).toBeUndefined();
        } else {
          expect(score).toBeCloseTo(scoreDefinitions[name](all), 9);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('is finite for all counts that there can be, large ones too', () => {
    const counts = fc
      .array(fc.oneof(fc.nat(3), fc.nat(1e9), fc.nat(2 ** 40)), { minLength: 4, maxLength: 4 })
      .map(([both = 0, one = 0, other = 0, none = 0]) => ({
        both,
        source: both + one,
        target: both + other,
        all: both + one + other + none,
      }));
    fc.assert(
      fc.property(counts, (each) => {
        expect(areCounts(each)).toBe(true);
        expect(scores.get(name)(each) ?? 0).toSatisfy(Number.isFinite);
      }),
      { numRuns: 2000 },
    );
  });

  test('is the same in both directions', () => {
    fc.assert(
      fc.property(paths, (all) => {
        const counts = countsOf(all);
        const swapped = { ...counts, source: counts.target, target: counts.source };
        expect(scores.get(name)(swapped)).toBe(scores.get(name)(counts));
      }),
    );
  });
});

test('a target that was seen once tops no list by jaccard or cosine but that of a product as rare', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 1, max: 1e6 }),
      fc.nat(1e6),
      (source, target, none) => {
        const counts = { both: 1, source, target, all: source + target - 1 + none };
        expect(scores.get('jaccard')(counts)).toBeLessThanOrEqual(1 / source);
        expect(scores.get('cosine')(counts)).toBeLessThanOrEqual(1 / Math.sqrt(source) + 1e-12);
      },
    ),
  );
});

test('products that avoid each other have a log-likelihood ratio below 0', () => {
  expect(scores.get('llr')({ both: 1, source: 50, target: 50, all: 100 })).toBeLessThan(-100);
  expect(scores.get('llr')({ both: 25, source: 50, target: 50, all: 100 })).toBe(0);
});

test("the log-likelihood ratio of Dunning's bigram 'the swiss' is that of his table 1", () => {
  // k(AB) = 110, k(A~B) = 2442, k(~AB) = 111, k(~A~B) = 29114: 270.72.
  expect(scores.get('llr')({ both: 110, source: 2552, target: 221, all: 31777 })).toBeCloseTo(270.72, 2);
});

test('counts that contradict each other are told', () => {
  expect(areCounts({ both: 2, source: 1, target: 3, all: 9 })).toBe(false);
  expect(areCounts({ both: 1, source: 3, target: 3, all: 4 })).toBe(false);
  expect(areCounts({ both: 1, source: 3, target: 3, all: 5 })).toBe(true);
});

test('a list is ordered by score, then weight, and what has no score comes last', () => {
  const list = [
    { weight: 2, score: undefined },
    { weight: 1, score: 0.5 },
    { weight: 3, score: undefined },
    { weight: 4, score: 0.5 },
    { weight: 1, score: -1 },
    { weight: 1, score: 2 },
  ];
  expect([...list].sort(compareScored)).toEqual([5, 3, 1, 4, 2, 0].map((at) => list[at]));
});
