import type { Graph } from '../../engine/local/graph.ts';
import { type ScoreName, scoreNames, scores } from '../../relation/scores.ts';
import type { TakeRow } from './relate-rows.ts';
import { type StepLists, stepsFrom } from './steps-by-source.ts';
import { Tally } from './tally.ts';
import { TopList } from './top-list.ts';

/** What the lists of every score are judged by; threads share its arrays, or get copies. */
export interface ScoreJudging {
  readonly graph: Graph;
  readonly minWeight: number;
  /** Of each product the paths that count, and its place by them; and the paths in all. */
  readonly pathCounts: Uint32Array;
  readonly popularityRanks: Uint32Array;
  readonly paths: number;
  readonly steps: StepLists;
  /** Places of the longest list. */
  readonly longest: number;
}

/** Judges the lists of every score, a source at a time. */
export class ScoreJudge {
  readonly tallies: readonly { readonly method: ScoreName; readonly tally: Tally }[];
  /** Takes the row of a source. */
  readonly take: TakeRow;

  constructor({ pathCounts, popularityRanks, paths, steps, longest }: ScoreJudging) {
    const judged = scoreNames.map((method) => ({
      method,
      score: scores.get(method),
      list: new TopList(longest),
      tally: new Tally(longest, popularityRanks),
    }));
    this.tallies = judged;
    this.take = (source, targets, weights, length) => {
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
        tally.judge(shown, stepsFrom(steps, source));
      }
    };
  }
}
