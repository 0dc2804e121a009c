import { ExpectedFailure } from '../failure.ts';
import { type PairCounts, type ScoreName, scoreNames } from '../relation/scores.ts';
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
export function unfitViews(source: string, target: string, counts: PairCounts): ExpectedFailure {
  return new ExpectedFailure(
    'badData',
    `Cannot score ${source} and ${target}: ${counts.both} paths have both, but of ${counts.all} paths with views ${counts.source} have the one and ${counts.target} the other`,
    { remedy: 'Name the views that were related, and --max-path-products if they were related with it.' },
  );
}
