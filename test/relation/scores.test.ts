import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  areCounts,
  compareScored,
  minSupport,
  type PairCounts,
  type ScoreName,
  scoreNames,
  scores,
} from '#dist/relation/scores.js';

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

type Paths = readonly (readonly [boolean, boolean])[];

function countsOf(all: Paths): PairCounts {
  return {
    both: all.filter(([a, b]) => a && b).length,
    source: all.filter(([a]) => a).length,
    target: all.filter(([, b]) => b).length,
    all: all.length,
  };
}

/** Each score from the paths themselves, by another road than the formula of the program where there is one. */
const bruteForce: Record<ScoreName, (all: Paths) => number> = {
  weight: (all) => all.filter(([a, b]) => a && b).length,
  jaccard: (all) =>
    share(
      all.filter(([a, b]) => a || b),
      ([a, b]) => a && b,
    ),
  cosine: (all) => {
    const dot = sum(all, ([a, b]) => Number(a) * Number(b));
    const lengths = Math.sqrt(sum(all, ([a]) => Number(a) ** 2)) * Math.sqrt(sum(all, ([, b]) => Number(b) ** 2));
    return dot === 0 ? 0 : dot / lengths;
  },
  lift: (all) => {
    const [ofAll, ofSource] = [
      share(all, ([, b]) => b),
      share(
        all.filter(([a]) => a),
        ([, b]) => b,
      ),
    ];
    return ofSource === 0 ? 0 : ofSource / ofAll;
  },
  // Dunning's own formula: likelihoods of binomial samples with one p and with two.
  llr: (all) => {
    const [with_, without] = [all.filter(([a]) => a), all.filter(([a]) => !a)];
    const [k1, n1, k2, n2] = [sum(with_, hasB), with_.length, sum(without, hasB), without.length];
    const [p1, p2, p] = [k1 / n1, k2 / n2, (k1 + k2) / (n1 + n2)];
    if (n1 === 0 || n2 === 0) {
      return 0;
    }
    const likelihood = (p: number, k: number, n: number): number => times(k, p) + times(n - k, 1 - p);
    const ratio = likelihood(p1, k1, n1) + likelihood(p2, k2, n2) - likelihood(p, k1, n1) - likelihood(p, k2, n2);
    return 2 * ratio * (p1 >= p ? 1 : -1);
  },
  npmi: (all) => {
    const [pa, pb, pab] = [share(all, ([a]) => a), share(all, ([, b]) => b), share(all, ([a, b]) => a && b)];
    return pab === 0 ? -1 : pab === 1 ? 0 : -1 + Math.log(pa * pb) / Math.log(pab);
  },
  surprise: (all) => {
    const expected = all.length * share(all, ([a]) => a) * share(all, ([, b]) => b);
    return expected === 0 ? 0 : (all.filter(([a, b]) => a && b).length - expected) / Math.sqrt(expected);
  },
};

const hasB = ([, b]: readonly [boolean, boolean]): number => Number(b);
const sum = (all: Paths, of: (path: readonly [boolean, boolean]) => number): number =>
  all.reduce((total, path) => total + of(path), 0);
const share = (all: Paths, has: (path: readonly [boolean, boolean]) => boolean): number =>
  all.length === 0 ? 0 : all.filter(has).length / all.length;
/** k ln p, with 0 ln 0 = 0. */
const times = (k: number, p: number): number => (k === 0 ? 0 : k * Math.log(p));

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
          expect(score).toBeCloseTo(bruteForce[name](all), 9);
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
