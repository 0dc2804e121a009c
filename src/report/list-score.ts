import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { type PairCounts, type ScoreName, scoreNames } from '../relation/scores.ts';
import type { ListRow } from '../tsv/find-list.ts';
import type { Lookup } from './lookup.ts';

/**
 * What orders the lists: the score that is asked for, else the one that the run kept them by, else the weight.
 *
 * @throws ExpectedFailure when a score needs views and there are none
 */
export function listScore(asked: ScoreName | undefined, { parameters, views }: Lookup): ScoreName {
  const score = asked ?? scoreNames.find((name) => name === parameters['score']) ?? 'weight';
  if (score !== 'weight' && views === undefined) {
    throw new ExpectedFailure('usage', `Cannot order by ${score} without views: it needs the paths of every product`, {
      remedy: 'Add --views with the views that were related.',
    });
  }
  return score;
}

/** The failure of a score whose counts no views can have. */
export function unfitViews(
  source: string,
  target: string,
  { both, source: one, target: other, all }: PairCounts,
  { number }: Effects,
): ExpectedFailure {
  return new ExpectedFailure(
    'badData',
    `Cannot score ${source} and ${target}: ${number(both)} paths have both, but of ${number(all)} paths with views ${number(one)} have the one and ${number(other)} the other`,
    { remedy: 'Name the views that were related, and --max-path-products if they were related with it.' },
  );
}

/**
 * Says so when the views cannot be those that were related: the heaviest relation is in most paths, and so in most that should not count.
 *
 * @param both tells how many paths have both products
 */
export function warnOfOthers(
  product: string,
  rows: readonly ListRow[],
  both: (source: string, target: string) => number,
  { log, number }: Effects,
): void {
  const most = heaviest(rows);
  const paths = most === undefined ? 0 : both(product, most.target);
  if (most !== undefined && paths !== most.weight) {
    log.warn(
      `${product} and ${most.target} are related with weight ${number(most.weight)}, and ${number(paths)} paths have both: the views are not those that were related, or need the same --max-path-products`,
    );
  }
}

/** The row of the largest weight, of several the first. */
export function heaviest(rows: readonly ListRow[]): ListRow | undefined {
  return rows.reduce<ListRow | undefined>((most, row) => (most && most.weight >= row.weight ? most : row), undefined);
}
