import type { Effects } from '../../effects.ts';
import { type ScoreName, scoreNames, scores } from '../../relation/scores.ts';
import { type ListMaker, popularLists, randomLists } from './baselines.ts';
import { relateRows } from './relate-rows.ts';
import type { StepsBySource } from './steps-by-source.ts';
import { Tally } from './tally.ts';
import { TopList } from './top-list.ts';
import type { Training } from './training.ts';

/** A way of making lists: by a score, or one that knows nothing of what is viewed together. */
export type MethodName = ScoreName | 'popularity' | 'random';

interface Judged {
  readonly method: MethodName;
  readonly tally: Tally;
}

/** Judges the lists of every score by steps, a source at a time. */
export async function judgeScores(
  training: Training,
  steps: StepsBySource,
  longest: number,
  minWeight: number,
  effects: Effects,
): Promise<Judged[]> {
  const { pathCounts, paths } = training;
  const judged = scoreNames.map((method) => ({
    method,
    score: scores.get(method),
    list: new TopList(longest),
    tally: new Tally(longest, training.popularityRanks),
  }));
  const row = (source: number, targets: Uint32Array, weights: Uint32Array, length: number): void => {
    for (let at = 0; at < length; at++) {
      const [target, both] = [targets[at]!, weights[at]!];
      const counts = { both, source: pathCounts[source]!, target: pathCounts[target]!, all: paths };
      for (const { score, list } of judged) {
        list.offer(target, both, score(counts));
      }
    }
    for (const { list, tally } of judged) {
      const shown = list.take();
      tally.show(shown);
      tally.judge(shown, steps.from(source));
    }
  };
  await relateRows(training.graph, training.counts, minWeight, row, effects);
  return judged;
}

/**
 * Judges two kinds of lists that a score has to beat. They need no relation: a product that was not viewed in the training part has such a list
 * too.
 *
 * @param categoryOf by number of the product; `undefined` where it is not known
 */
export function judgeBaselines(
  training: Training,
  steps: StepsBySource,
  longest: number,
  categoryOf: readonly (string | undefined)[],
  seed: number,
): Judged[] {
  const viewed = [...training.popular].sort((a, b) => a - b);
  const judge = (listOf: ListMaker): Tally => {
    const tally = new Tally(longest, training.popularityRanks);
    training.pathCounts.forEach((count, source) => {
      const list = listOf(source);
      tally.judge(list, steps.from(source));
      if (count > 0) {
        tally.show(list);
      }
    });
    return tally;
  };
  return [
    { method: 'popularity', tally: judge(popularLists(training.popular, longest)) },
    { method: 'random', tally: judge(randomLists(viewed, (product) => categoryOf[product], longest, seed)) },
  ];
}
