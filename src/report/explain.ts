import { defaultEffects } from '../default-effects.ts';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { expectedByChance, type PairCounts, type ScoreName, scoreNames, scores } from '../relation/scores.ts';
import { limitsOf, type Removal, removalOf } from './explain-limits.ts';
import type { FormatNumber } from './format-rows.ts';
import { listsOf } from './lists-of.ts';
import { type LookupOptions, lookup } from './lookup.ts';
import { type Names, readNames } from './names.ts';
import { didYouMean, nearest } from './near-products.ts';
import { ViewedList, type ViewedProduct } from './viewed-list.ts';
import { ViewedPair } from './viewed-pair.ts';
import { readViewedPaths, type ViewedPaths } from './viewed-paths.ts';

/** Which relation to explain, and from where. Limits that are left out are those of the run, if there is one. */
export interface ExplainOptions extends LookupOptions {
  readonly source: string;
  readonly target: string;
  readonly top?: number | undefined;
  /** What orders the lists. */
  readonly score?: ScoreName | undefined;
  readonly minWeight?: number | undefined;
  /** A file of the products that may appear as targets. */
  readonly products?: string | undefined;
  /** How counts are written in the reasons why a relation is missing; default: in digits alone. */
  readonly number?: FormatNumber | undefined;
}

/** One of the two products. */
export interface ExplainedProduct {
  readonly product: string;
  readonly name: string | undefined;
  /** Paths with it. */
  readonly paths: number;
  /** Place, from 1, of the other product in its list of targets by the score, before any limit cut the list; `undefined` without a common path. */
  readonly rank: number | undefined;
  /** Targets of that list. */
  readonly relations: number;
  /** The weight that the relations have for the other product as its target; `undefined` when they do not have it, or were not read. */
  readonly stored: number | undefined;
  /** Why the other product is not in its list; `undefined` when no limit removed it. */
  readonly removed: Removal | undefined;
}

/** The counts and paths behind a relation. Paths are those that count: not left out for their length. */
export interface Explanation {
  readonly source: ExplainedProduct;
  readonly target: ExplainedProduct;
  /** Paths with both. */
  readonly weight: number;
  /** Paths in all. */
  readonly paths: number;
  /** Paths with both that chance alone would give, and how many times as many there are; `undefined` when it would give none. */
  readonly expected: number;
  readonly ratio: number | undefined;
  /** Every score; those without support are not there. */
  readonly scores: Readonly<Partial<Record<ScoreName, number>>>;
  /** Some of the paths with both, the shortest first: they say most about the two. */
  readonly shared: readonly { readonly path: string; readonly products: number }[];
  /** Paths with both that were left out for their length. */
  readonly leftOut: number;
}

/** Paths that are shown. */
const examples = 5;

/**
 * Explains a relation from the views: how often the two products are seen, together and apart, and what that would be by chance; and when
 * the relations do not have it, which limit removed it and by how much.
 *
 * @throws ExpectedFailure `usage` without views, `noInput` when nobody viewed one of the products, and when something cannot be read
 */
export async function explain(options: ExplainOptions, given: Partial<Effects> = {}): Promise<Explanation> {
  const effects = defaultEffects(given);
  const found = await lookup(options, options.run !== undefined || options.views === undefined, effects);
  const { views, relations, maxPathProducts, folders } = found;
  if (options.source === options.target) {
    throw new ExpectedFailure(
      'usage',
      `Cannot explain ${options.source} and itself: products are related to others only`,
      {
        remedy: 'Name two products.',
      },
    );
  }
  if (views === undefined) {
    throw new ExpectedFailure('usage', 'Cannot explain a relation without views: they hold the paths behind it', {
      remedy: 'Add --views with the views that were related.',
    });
  }
  const { source, target } = options;
  const names = await readNames(options.names, folders, options.columns.product, effects);
  const limits = await limitsOf(options, found, effects);
  const paths = await readViewedPaths(views, maxPathProducts, effects);
  const a = viewed(source, paths, names);
  const b = viewed(target, paths, names);
  // Limits that are named are tried on the views; the relations have others.
  const { top, score, minWeight, products } = options;
  const tried = [top, score, minWeight, products, options.maxPathProducts].some((limit) => limit !== undefined);
  const lists =
    tried || (options.table === undefined && relations === undefined)
      ? undefined
      : await listsOf(options.table, relations, [source, target], () => {}, effects);

  const pair = new ViewedPair(paths, a.number, b.number);
  const side = (from: ViewedProduct, to: ViewedProduct): ExplainedProduct => {
    const list = new ViewedList(paths, from.number, found.order ?? paths.order, limits.score);
    const stored = lists?.get(from.product)?.find((row) => row.target === to.product)?.weight;
    const removed = removalOf(pair, list, to, limits, options.number ?? String);
    if (lists !== undefined && stored !== (removed === undefined && pair.weight > 0 ? pair.weight : undefined)) {
      const { log, number } = effects;
      log.warn(
        `${from.product} and ${to.product} are ${stored === undefined ? 'not related' : `related with weight ${number(stored)}`}, and ${number(pair.weight)} paths have both: the relations are not of these views, or were related with other limits`,
      );
    }
    return {
      product: from.product,
      name: names.get(from.product),
      paths: paths.count(from.number),
      rank: list.rank(to.number),
      relations: list.length,
      stored,
      removed,
    };
  };
  const [ofSource, ofTarget] = [side(a, b), side(b, a)];
  const counts = { both: pair.weight, source: ofSource.paths, target: ofTarget.paths, all: paths.all };
  const expected = expectedByChance(counts);
  return {
    source: ofSource,
    target: ofTarget,
    weight: pair.weight,
    paths: paths.all,
    expected,
    ratio: expected === 0 ? undefined : pair.weight / expected,
    scores: scoresOf(counts),
    shared: pair.shortest(examples).map((path) => ({ path: paths.path(path), products: paths.length(path) })),
    leftOut: pair.leftOut.length,
  };
}

function viewed(product: string, paths: ViewedPaths, names: Names): ViewedProduct {
  const number = paths.find(product);
  if (number === -1) {
    throw new ExpectedFailure('noInput', `Cannot explain ${product}: nobody viewed it`, {
      // Who names a product that there is means it.
      remedy: names.has(product) ? undefined : didYouMean(nearest(product, names, paths.productIds())),
    });
  }
  return { product, number };
}

function scoresOf(counts: PairCounts): Explanation['scores'] {
  return Object.fromEntries(
    scoreNames.flatMap((name) => {
      const score = scores.get(name)(counts);
      return score === undefined ? [] : [[name, score]];
    }),
  );
}
