import { defaultEffects } from '../default-effects.ts';
import type { Effects } from '../effects.ts';
import { areCounts, compareScored, type PairCounts, type Scored, type ScoreName, scores } from '../relation/scores.ts';
import type { ListRow } from '../tsv/find-list.ts';
import { heaviest, listScore, unfitViews, warnOfOthers } from './list-score.ts';
import { listsOf } from './lists-of.ts';
import { type Lookup, type LookupOptions, lookup } from './lookup.ts';
import { readNames } from './names.ts';
import type { NearProduct } from './near-products.ts';
import { type Paths, readPathCounts } from './path-counts.ts';

/** Which lists to show, and from where. */
export interface ShowOptions extends LookupOptions {
  readonly products: readonly string[];
  /** Targets of each list: by score descending, then by weight, then in the order of the file. */
  readonly top: number;
  /** What orders the lists; default: what the run kept them by, else the weight. Every other score needs views. */
  readonly score?: ScoreName | undefined;
}

/** One line of a list. */
export interface ShownTarget {
  readonly product: string;
  readonly name: string | undefined;
  readonly weight: number;
  /** Share of the source's paths that contain the target too, 0 to 1; `undefined` without views. */
  readonly share: number | undefined;
  /** The score that was asked for; `undefined` for the weight, and where support is too small for it. */
  readonly score: number | undefined;
}

export interface ShownList {
  readonly product: string;
  readonly name: string | undefined;
  /** Distinct paths that contain the product; `undefined` without views. */
  readonly paths: number | undefined;
  /** Targets in all, and the first of them. */
  readonly relations: number;
  readonly targets: readonly ShownTarget[];
  readonly orderedBy: ScoreName;
  /** Products that may have been meant, when nothing is known of this one. */
  readonly near: readonly NearProduct[];
}

/**
 * The lists of some products, from a relations file, a run or a table. A large sorted file is searched, so that the answer takes no longer
 * for a large one; a score needs the paths of all products, and so all views.
 *
 * @throws ExpectedFailure when there is no run, a file or a table cannot be read, a score is asked for without views, or the views are not
 *   those behind the relations
 */
export async function show(options: ShowOptions, given: Partial<Effects> = {}): Promise<ShownList[]> {
  const effects = defaultEffects(given);
  const products = [...new Set(options.products)];
  const found = await lookup(options, options.table === undefined, effects);
  const { relations, folders } = found;
  const score = listScore(options.score, found);
  const names = await readNames(options.names, folders, options.columns.product, effects);
  const sources = new Set<string>();
  const lists = await listsOf(options.table, relations, products, (source) => sources.add(source), effects);
  for (const product of products.filter((product) => lists.get(product)?.length)) {
    sources.add(product);
  }
  const paths = await pathsOf(lists, found, score, effects);
  const known = (): Set<string> => new Set([...sources, ...(paths?.products?.() ?? [])]);
  const shown: ShownList[] = [];
  for (const product of options.products) {
    const rows = lists.get(product) ?? [];
    const count = paths?.of(product);
    const name = names.get(product);
    if (paths?.both !== undefined) {
      warnOfOthers(product, rows, paths.both, effects);
    }
    const scoreOf = (row: ListRow): number | undefined =>
      score === 'weight' || paths === undefined
        ? undefined
        : scored({ product, count: count ?? 0 }, row, score, paths, effects);
    shown.push({
      product,
      name,
      paths: count,
      relations: rows.length,
      targets: firstOf(rows, score, scoreOf, options.top).map(({ target, weight, score }) => ({
        product: target,
        name: names.get(target),
        weight,
        share: count ? weight / count : undefined,
        score,
      })),
      orderedBy: score,
      near:
        rows.length > 0 || name !== undefined || count
          ? []
          : (await import('./near-products.ts')).nearest(product, names, known()),
    });
  }
  return shown;
}

/** Views are read only where their run did not keep what they were counted for. */
async function pathsOf(
  lists: ReadonlyMap<string, readonly ListRow[]>,
  { views, pathCounts, maxPathProducts }: Lookup,
  score: ScoreName,
  effects: Effects,
): Promise<Paths | undefined> {
  if (pathCounts !== undefined) {
    return await readPathCounts(pathCounts, effects);
  }
  if (views === undefined) {
    return undefined;
  }
  if (score === 'weight' && maxPathProducts === Number.POSITIVE_INFINITY) {
    const products = new Set([...lists].flatMap(([product, rows]) => [product, heaviest(rows)?.target ?? product]));
    const found = await (await import('./count-paths.ts')).pathsWith([...products], views, effects);
    const of = (product: string): ReadonlySet<string> => found.get(product) ?? new Set();
    return {
      of: (product) => of(product).size,
      products: undefined,
      all: undefined,
      both: (source, target) => [...of(source)].filter((path) => of(target).has(path)).length,
    };
  }
  const paths = await (await import('./viewed-paths.ts')).readViewedPaths(views, maxPathProducts, effects);
  const { ViewedPair } = await import('./viewed-pair.ts');
  return {
    of: (product) => paths.count(paths.find(product)),
    products: () => paths.productIds(),
    all: paths.all,
    both: (source, target) => new ViewedPair(paths, paths.find(source), paths.find(target)).weight,
  };
}

/** The first of a list. Most of a long one is left out by the order of its numbers alone: to sort it all would take longer than to find it. */
function firstOf(
  list: readonly ListRow[],
  by: ScoreName,
  scoreOf: (row: ListRow) => number | undefined,
  top: number,
): (ListRow & Scored)[] {
  const places = Float64Array.from(list, (row) =>
    by === 'weight' ? row.weight : (scoreOf(row) ?? Number.NEGATIVE_INFINITY),
  );
  const last = places.slice().sort().at(-top) ?? Number.NEGATIVE_INFINITY;
  // Array.sort is stable: equal ones stay in the order of the file, which is that of the targets.
  return list
    .filter((_, at) => places[at]! >= last)
    .map((row) => ({ ...row, score: scoreOf(row) }))
    .sort(compareScored)
    .slice(0, top);
}

function scored(
  { product: source, count }: { readonly product: string; readonly count: number },
  { target, weight }: ListRow,
  score: ScoreName,
  { of, all = 0 }: Paths,
  effects: Effects,
): number | undefined {
  const counts: PairCounts = { both: weight, source: count, target: of(target), all };
  if (!areCounts(counts)) {
    throw unfitViews(source, target, counts, effects);
  }
  return scores.get(score)(counts);
}
