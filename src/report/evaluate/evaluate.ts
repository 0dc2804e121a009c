import { availableParallelism } from 'node:os';
import path from 'node:path';
import { defaultEffects } from '../../default-effects.ts';
import type { Effects } from '../../effects.ts';
import { defaultMemory, threadsWithin } from '../../engine/local/memory-plan.ts';
import { columnsOf } from '../../engine/relate.ts';
import { ExpectedFailure } from '../../failure.ts';
import { type ScoreName, scoreNames } from '../../relation/scores.ts';
import { withStep } from '../../with-step.ts';
import { readCategories } from '../names.ts';
import { judgeOthers, judgeScores, type MethodName } from './judge-lists.ts';
import type { EvaluateOptions } from './options.ts';
import { readSplit, type SplitViews } from './read-split.ts';
import type { StepTargets } from './split-names.ts';
import { StepsBySource } from './steps-by-source.ts';
import type { Figures } from './tally.ts';
import { Training } from './training.ts';

/** How the figures came about. */
export interface Protocol {
  readonly split: SplitViews['split'];
  /** The column that ordered the views of each path; `undefined` when they are taken in the order of the rows. */
  readonly timeColumn: string | undefined;
  /** Paths that end then or later are the test part, when they are split by time. */
  readonly cut: string | undefined;
  /** Share of the paths that was to be tested, and the nearest to it that could be; `undefined` for a split that was made elsewhere. */
  readonly testShare: number | undefined;
  readonly testedShare: number | undefined;
  readonly seed: number;
  readonly targets: StepTargets;
  readonly minWeight: number;
  readonly maxPathProducts: number | undefined;
  /** What was related: paths and products that count, and paths that were left out for their length. */
  readonly paths: number;
  readonly products: number;
  readonly leftOutPaths: number;
  /** Paths with a step, and steps. */
  readonly testPaths: number;
  readonly steps: number;
  /** Steps that no list can hit: nobody viewed the target in the training part; and those without a list: nobody viewed the source there. */
  readonly unknownTargets: number;
  readonly unknownSources: number;
  /** Whether the random list is of the source's category, for products whose category is known. */
  readonly categories: boolean;
}

export interface Evaluation {
  readonly protocol: Protocol;
  /** Every score, the baselines and, where all views are targets, the rules, each with its figures for every cut-off, ascending. */
  readonly methods: readonly { readonly method: MethodName; readonly figures: readonly Figures[] }[];
  /** The score with the largest nDCG at the largest cut-off, of equal ones the first; `undefined` when none foresees a step. */
  readonly best: ScoreName | undefined;
}

/** With less, what threads take is missed. */
const memoryWorthThreads = 1 << 30;

/** Of a list: nobody shows more, and every place takes room and time in each of many lists. */
const mostPlaces = 1000;

/**
 * How well lists foresee what people view next: relates a part of the views, and looks in the list of each product of the other part for the
 * product that was viewed next. Lists are those of `show`: by score, then by weight, then by id; products that the visitor has seen are not
 * taken out. All scores are evaluated, and two baselines: the most popular products, and random ones of the same category; where all views are
 * targets also the association rules of the session-rec benchmarks.
 *
 * Memory: 28 bytes a view with times, 20 without, 80 and the id a path, 200 and the id a product; 12 MB and 48 bytes a product for each thread.
 *
 * @throws ExpectedFailure `usage` for options that do not go together, `badData` when some views have no time or nothing is left to relate or
 *   to foresee, `inputOutput` when the views do not fit in memory, and when they cannot be read
 */
export async function evaluate(options: EvaluateOptions, given: Partial<Effects> = {}): Promise<Evaluation> {
  const effects = defaultEffects(given);
  const { testShare = 0.2, seed = 1, targets = 'novel', minWeight = 1, memory = defaultMemory() } = options;
  const { maxPathProducts = Number.POSITIVE_INFINITY } = options;
  const usual = memory < memoryWorthThreads ? 1 : availableParallelism();
  const threads = threadsWithin(memory, options.threads ?? usual);
  const cutoffs = [...new Set(options.cutoffs ?? [10, 20])].sort((a, b) => a - b);
  const longest = cutoffs.at(-1) ?? 0;
  if (!(testShare > 0 && testShare < 1)) {
    throw new ExpectedFailure('usage', `Cannot test a share of ${testShare} of the paths`, {
      remedy: 'Give a --test-share above 0 and below 1.',
    });
  }
  const wrong = cutoffs.find((places) => !(Number.isInteger(places) && places >= 1 && places <= mostPlaces));
  if (wrong !== undefined) {
    throw new ExpectedFailure('usage', `Cannot judge lists of ${wrong} places`, {
      remedy: `Give --cutoffs from 1 to ${mostPlaces}.`,
    });
  }
  const columns = columnsOf(options);
  const locations = [options.views ?? [], options.train ?? []].flat();
  const folders = locations.filter((location) => location !== '-').map((location) => path.dirname(location));
  const categories = await readCategories(options.names, folders, columns.product, effects);
  const views = await readSplit(options, columns, { testShare, seed, memory }, effects);

  const sort = Training.of(views.products, views.training, views.paths, maxPathProducts);
  const training = await withStep('Sorting the views', views.training.rows, 'views', effects, sort);
  const steps = new StepsBySource(views.steps, training.numberOf);
  const unknown = steps.countOf((product) => training.pathCounts[product] === 0);
  throwIfNothing(training, steps.count, unknown.sources + unknown.targets);

  const categoryOf =
    categories.size === 0 ? [] : Array.from(training.pathCounts, (_, product) => categories.get(training.id(product)));
  const scored = await judgeScores(training, steps, { longest, minWeight, threads }, effects);
  const judge = judgeOthers(training, steps, { longest, categoryOf, seed, repeated: views.repeated });
  const others = await withStep('Evaluating the other lists', training.popular.length, 'products', effects, judge);
  const tallies = [...scored, ...others];
  const methods = tallies.map(({ method, tally }) => ({
    method,
    figures: cutoffs.map((places) => tally.figures(places, steps.count, training.popular.length)),
  }));
  return {
    protocol: {
      split: views.split,
      timeColumn: views.timeColumn,
      cut: views.cut,
      testShare: views.split === 'given' ? undefined : testShare,
      testedShare: views.testedShare,
      seed,
      targets,
      minWeight,
      maxPathProducts: options.maxPathProducts,
      paths: training.paths,
      products: training.popular.length,
      leftOutPaths: training.counts.leftOut.paths,
      testPaths: views.testPaths,
      steps: steps.count,
      unknownSources: unknown.sources,
      unknownTargets: unknown.targets,
      categories: categoryOf.some((category, product) => category !== undefined && training.pathCounts[product]! > 0),
    },
    methods,
    best: bestOf(methods),
  };
}

/** @param unknown sources and targets of steps that nobody viewed in the training part */
function throwIfNothing({ counts }: Training, steps: number, unknown: number): void {
  if (counts.weight === 0) {
    throw new ExpectedFailure('badData', 'Cannot evaluate: no path of the training part has two products', {
      remedy: 'Give more views, a smaller test part (--test-share) or a larger --max-path-products.',
    });
  }
  if (steps === 0) {
    throw new ExpectedFailure(
      'badData',
      'Cannot evaluate: no path of the test part has a step from one product to another',
      {
        remedy: 'Give more views, or a larger test part: --test-share, or another file to --test.',
      },
    );
  }
  if (unknown === 2 * steps) {
    throw new ExpectedFailure(
      'badData',
      'Cannot evaluate: the training part and the test part have no product in common',
      {
        remedy: 'Check that both are of the same shop, and have the same ids in --product-column.',
      },
    );
  }
}

function bestOf(methods: Evaluation['methods']): ScoreName | undefined {
  let best: ScoreName | undefined;
  let largest = 0;
  for (const score of scoreNames) {
    const ndcg = methods.find(({ method }) => method === score)?.figures.at(-1)?.ndcg ?? 0;
    if (ndcg > largest) {
      best = score;
      largest = ndcg;
    }
  }
  return best;
}
