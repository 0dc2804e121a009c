import { type ScoreName, scores } from './scores.ts';
import { cutOf, keepTopTargets, type RowLimits } from './top-targets.ts';

/** A score other than the weight, and what it is computed from. */
export interface Ranking {
  readonly score: ScoreName;
  /** Of each product the paths that count, and how many there are. */
  readonly pathCounts: Uint32Array;
  readonly paths: number;
}

export interface RankedLimits extends RowLimits {
  /** By what the targets are ranked of which `top` keeps some; `undefined` for the weight. */
  readonly ranking?: Ranking | undefined;
}

/**
 * Cuts the row of a source to its limits as `keepTopTargets` does, where the first targets are those that `compareScored` puts first.
 *
 * @param row the targets, ascending, and the weight of each
 * @param length how many of them there are
 * @returns how many are left
 */
export function keepTopScored(
  source: number,
  { targets, weights }: { readonly targets: Uint32Array; readonly weights: Uint32Array },
  length: number,
  limits: RankedLimits,
): number {
  const { ranking, top } = limits;
  if (ranking === undefined) {
    return keepTopTargets(targets, weights, length, limits);
  }
  const kept = keepTopTargets(targets, weights, length, { ...limits, top: Number.POSITIVE_INFINITY });
  if (kept <= top) {
    return kept;
  }
  const scored = scoresOf(source, targets.subarray(0, kept), weights, ranking);
  const { least, places } = cutOf(scored.slice(), top);
  const tied = weights.slice(0, kept).filter((_, at) => scored[at] === least);
  const last = tied.length > places ? cutOf(tied, places) : { least: 0, places: 0 };
  let left = 0;
  for (let at = 0; at < kept; at++) {
    const [score, weight] = [scored[at]!, weights[at]!];
    if (score > least || (score === least && (weight > last.least || (weight === last.least && last.places-- > 0)))) {
      targets[left] = targets[at]!;
      weights[left++] = weight;
    }
  }
  return left;
}

/** The score of each target; −∞ where support is too small for it. */
function scoresOf(
  source: number,
  targets: Uint32Array,
  weights: Uint32Array,
  { score, pathCounts, paths }: Ranking,
): Float64Array {
  const scoreOf = scores.get(score);
  const scored = new Float64Array(targets.length);
  for (let at = 0; at < targets.length; at++) {
    const counts = { both: weights[at]!, source: pathCounts[source]!, target: pathCounts[targets[at]!]!, all: paths };
    scored[at] = scoreOf(counts) ?? Number.NEGATIVE_INFINITY;
  }
  return scored;
}
