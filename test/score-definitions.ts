import type { ScoreName } from '#dist/relation/scores.js';

/** Of each path, whether it has the source, and whether it has the target. */
export type SeenPaths = readonly (readonly [source: boolean, target: boolean])[];

/** Each score from the paths themselves, by another road than the formula of the program where there is one. */
export const scoreDefinitions: Record<ScoreName, (all: SeenPaths) => number> = {
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
const sum = (all: SeenPaths, of: (path: readonly [boolean, boolean]) => number): number =>
  all.reduce((total, path) => total + of(path), 0);
const share = (all: SeenPaths, has: (path: readonly [boolean, boolean]) => boolean): number =>
  all.length === 0 ? 0 : all.filter(has).length / all.length;
/** k ln p, with 0 ln 0 = 0. */
const times = (k: number, p: number): number => (k === 0 ? 0 : k * Math.log(p));
