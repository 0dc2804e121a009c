import { setImmediate } from 'node:timers/promises';
import type { Effects } from '../../effects.ts';
import { planBlocks, workOfSources } from '../../engine/local/blocks.ts';
import { untrustworthy } from '../../engine/refusals.ts';
import { inPieces, type Steps } from '../../in-turns.ts';
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

/** Sources whose lists are judged in a step. */
const sourcesAtOnce = 1 << 9;

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
  const broken = brokenIdentity(sums, counts.weight, effects.number);
  if (broken !== undefined) {
    throw untrustworthy(broken);
  }
  return judge.tallies;
}

/** What lists that are no score's are made of. */
interface OtherLists {
  /** Places of the longest list. */
  readonly longest: number;
  /** By number of the product; `undefined` where it is not known. */
  readonly categoryOf: readonly (string | undefined)[];
  readonly seed: number;
  /** Where repeated views are to be foreseen too, those that the rules of benchmarks are counted from. */
  readonly repeated: PathViews | undefined;
}

/**
 * Judges two kinds of lists that a score has to beat, and those that the figures of benchmarks are published for. The two need no relation: a
 * product that was not viewed in the training part has such a list too.
 */
export function* judgeOthers(
  training: Training,
  steps: StepsBySource,
  { longest, categoryOf, seed, repeated }: OtherLists,
): Steps<Judged[]> {
  const viewed = [...training.popular.slice().sort()];
  const judge = (listOf: ListMaker): Steps<Tally> => judgeMade(listOf, training, steps, longest);
  const popularity = yield* judge(popularLists(training.popular, longest));
  const random = yield* judge(randomLists(viewed, (product) => categoryOf[product], longest, seed));
  const rules = repeated && (yield* judge(ruleLists(repeated, training, longest)));
  return [
    { method: 'popularity', tally: popularity },
    { method: 'random', tally: random },
    ...(rules === undefined ? [] : [{ method: 'rules', tally: rules } as const]),
  ];
}

function* judgeMade(listOf: ListMaker, training: Training, steps: StepsBySource, longest: number): Steps<Tally> {
  const { pathCounts } = training;
  const tally = new Tally(longest, training.popularityRanks);
  yield* inPieces(pathCounts.length, sourcesAtOnce, (from, to) => {
    for (let source = from; source < to; source++) {
      const list = listOf(source);
      tally.judge(list, steps.from(source));
      if (pathCounts[source]! > 0) {
        tally.show(list);
      }
    }
  });
  return tally;
}
