/** What is known of two products, in distinct paths. */
export interface PairCounts {
  /** Paths with both: the weight. */
  readonly both: number;
  /** Paths with the source, and with the target. */
  readonly source: number;
  readonly target: number;
  /** Paths in all. */
  readonly all: number;
}

/**
 * How strongly two products are related; more is stronger. Never NaN and never infinite for counts that `areCounts` accepts.
 *
 * @returns `undefined` for a pair that is seen in too few paths for the score to say anything: it ranks behind all that have one
 */
export type Score = (counts: PairCounts) => number | undefined;

/**
 * The support of a score that divides by what chance would give: for a rare product that is next to nothing, so that one path that happens to
 * hold it would put it on top of every list. Church and Hanks ("Word association norms, mutual information, and lexicography", 1990)
 * found such a score unstable for pairs that are seen five times or less, and left these out.
 */
export const minSupport = 6;

/** Whether there can be products and paths with such counts. Counts of other views than the weights are from need not be. */
export function areCounts({ both, source, target, all }: PairCounts): boolean {
  return both >= 0 && both <= source && both <= target && source + target - both <= all;
}

/** The paths with both that are to be expected when the two products have nothing to do with each other. */
export function expectedByChance({ source, target, all }: PairCounts): number {
  return all === 0 ? 0 : (source * target) / all;
}

/** The number of paths with both: what the relations file and the table hold. From 0. */
const weight: Score = ({ both }) => both;

/**
 * Of the paths with either product, the share that has both (Jaccard, "Étude comparative de la distribution florale", 1901). 0 to 1.
 *
 * It needs no support: two products seen once, together, have 1, but in the list of a product of n paths a target seen once has 1/n at most, so
 * that one path puts nothing on top of any list but that of a product that is as rare. There, nothing better is known.
 */
const jaccard: Score = ({ both, source, target }) => (both === 0 ? 0 : both / (source + target - both));

/**
 * The cosine of the angle between the two products as vectors of paths, 1 where the path has the product (Salton and McGill, "Introduction to
 * Modern Information Retrieval", 1983; Ochiai's coefficient). 0 to 1.
 *
 * It needs no support for the reason that `jaccard` needs none: there it has 1/√n at most.
 */
const cosine: Score = ({ both, source, target }) => (both === 0 ? 0 : both / Math.sqrt(source * target));

/**
 * How many times as often as by chance the two are seen together (Brin, Motwani, Ullman and Tsur, "Dynamic itemset counting and implication
 * rules for market basket data", 1997, there called interest). From 0; 1 is chance.
 */
const lift: Score = (counts) => (counts.both === 0 ? 0 : counts.both / expectedByChance(counts));

/**
 * The log-likelihood ratio −2 log λ of the 2×2 table of paths with and without either product (Dunning, "Accurate methods for the statistics
 * of surprise and coincidence", 1993): how sure it is that the two have to do with each other, also where counts are small. The ratio is
 * as large for products that avoid each other; as a score it is negative then.
 */
const llr: Score = ({ both, source, target, all }) => {
  // 2 Σ k log(k / E) over the cells; E from the sums of their row and column, since a difference would lose the digits of a small one.
  const cell = (count: number, row: number, column: number): number =>
    count === 0 ? 0 : count * Math.log(count / ((row * column) / all));
  const ratio =
    cell(both, source, target) +
    // Added up first, so that both directions of a relation have the same score to the last digit.
    (cell(source - both, source, all - target) + cell(target - both, all - source, target)) +
    cell(all - source - target + both, all - source, all - target);
  const more = both - expectedByChance({ both, source, target, all });
  // Rounding may leave a little below 0 where the products are independent.
  return Math.sign(more) * 2 * Math.max(0, ratio);
};

/**
 * Pointwise mutual information, by its largest possible value (Bouma, "Normalized (pointwise) mutual information in collocation
 * extraction", 2009): 1 for products that are only seen together, 0 for chance, −1 for products never seen together. Two products of every
 * path are both; one tells nothing about the other, so that it is 0 there.
 */
const npmi: Score = (counts) => {
  const { both, all } = counts;
  if (both === 0) {
    return -1;
  }
  return both === all ? 0 : Math.log(both / expectedByChance(counts)) / Math.log(all / both);
};

/**
 * (N − E)/√E, by how many times the square root of what chance gives the two are seen together more often than that (Smith and Linden, "Two
 * decades of recommender systems at Amazon.com", 2017). Their E knows the length of every path; this one is of the counts alone.
 */
const surprise: Score = (counts) => {
  const expected = expectedByChance(counts);
  return expected === 0 ? 0 : (counts.both - expected) / Math.sqrt(expected);
};

const supported =
  (score: Score): Score =>
  (counts) =>
    counts.both < minSupport ? undefined : score(counts);

const scoreOf = {
  weight,
  jaccard,
  cosine,
  lift: supported(lift),
  llr,
  npmi: supported(npmi),
  surprise: supported(surprise),
};

export type ScoreName = keyof typeof scoreOf;

/** All of them, the default first. */
export const scoreNames: readonly ScoreName[] = ['weight', 'jaccard', 'cosine', 'lift', 'llr', 'npmi', 'surprise'];

export const scores: { readonly get: (name: ScoreName) => Score } = { get: (name) => scoreOf[name] };

/** A target that can be ranked. */
export interface Scored {
  readonly weight: number;
  readonly score: number | undefined;
}

/** Orders a list: by score descending, those without one last, then by weight descending; a stable sort keeps the order of ids then. */
export function compareScored(a: Scored, b: Scored): number {
  if (a.score !== b.score) {
    return a.score === undefined ? 1 : b.score === undefined ? -1 : b.score - a.score;
  }
  return b.weight - a.weight;
}
