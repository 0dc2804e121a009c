import { setImmediate } from 'node:timers/promises';
import type { Effects } from '../../effects.ts';
import { planBlocks, workOfSources } from '../../engine/local/blocks.ts';
import { untrustworthy } from '../../engine/refusals.ts';
import { addSums, brokenIdentity, noRelations, type RelationSums } from '../../relation/identities.ts';
import type { ScoreName } from '../../relation/scores.ts';
import { type ListMaker, popularLists, randomLists } from './baselines.ts';
import { RowRelater } from './relate-rows.ts';
import { type PathViews, ruleLists } from './rule-lists.ts';
import { ScoreJudge } from './score-judge.ts';
import type { StepsBySource } from './steps-by-source.ts';
import { Tally } from './tally.ts';
import type { Training } from './training.ts';

/** A way of making lists: by a score, one that knows nothing of what is viewed together, or one that counts repeated views. */
export type MethodName = ScoreName | 'popularity' | 'random' | 'rules';

interface Judged {
  readonly method: MethodName;
  readonly tally: Tally;
}

/** Below this sum of weights one thread is done before others have started. */
const weightWorthThreads = 4_000_000;

/** Judges the lists of every score by steps: all products are related, a source at a time, in threads if that is worth it. */
export async function judgeScores(
  { graph, counts, pathCounts, popularityRanks, paths }: Training,
  steps: StepsBySource,
  { longest, minWeight, threads }: { readonly longest: number; readonly minWeight: number; readonly threads: number },
  effects: Effects,
): Promise<readonly Judged[]> {
  const judging = { graph, minWeight, pathCounts, popularityRanks, paths, steps: steps.lists, longest };
  const judge = new ScoreJudge(judging);
  const starts = planBlocks(workOfSources(graph));
  const sums = noRelations();
  const add = (block: RelationSums): void => {
    addSums(sums, block);
    effects.progress({ stage: 'Evaluating', done: sums.weight, total: counts.weight, unit: 'pairs' });
  };
  if (threads === 1 || counts.weight < weightWorthThreads) {
    const relater = new RowRelater(graph, minWeight, judge.take);
    for (const [block, first] of starts.slice(0, -1).entries()) {
      await setImmediate();
      effects.signal.throwIfAborted();
      add(relater.relate(first, starts[block + 1]!));
    }
  } else {
    const { judgeInThreads } = await import('./judge-threads.ts');
    for (const tallies of await judgeInThreads(judging, starts, threads, add, effects)) {
      for (const [score, { tally }] of judge.tallies.entries()) {
        tally.add(tallies[score]!);
      }
    }
  }
  const broken = brokenIdentity(sums, counts.weight);
  if (broken !== undefined) {
    throw untrustworthy(broken);
  }
  return judge.tallies;
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
  const judge = (listOf: ListMaker): Tally => judgeMade(listOf, training, steps, longest);
  return [
    { method: 'popularity', tally: judge(popularLists(training.popular, longest)) },
    { method: 'random', tally: judge(randomLists(viewed, (product) => categoryOf[product], longest, seed)) },
  ];
}

/** Judges lists that the figures of benchmarks are published for, where those of `weight` are of something else: with repeated views. */
export function judgeRules(training: Training, steps: StepsBySource, longest: number, views: PathViews): Judged {
  return { method: 'rules', tally: judgeMade(ruleLists(views, training, longest), training, steps, longest) };
}

function judgeMade(listOf: ListMaker, training: Training, steps: StepsBySource, longest: number): Tally {
  const tally = new Tally(longest, training.popularityRanks);
  training.pathCounts.forEach((count, source) => {
    const list = listOf(source);
    tally.judge(list, steps.from(source));
    if (count > 0) {
      tally.show(list);
    }
  });
  return tally;
}
