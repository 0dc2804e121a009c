import { parentPort, workerData } from 'node:worker_threads';
import type { FromJudge, JudgedShare } from './judge-threads.ts';
import { RowRelater } from './relate-rows.ts';
import { ScoreJudge } from './score-judge.ts';

const { judging, starts, first, threads }: JudgedShare = workerData;
const tell = (message: FromJudge): void => parentPort?.postMessage(message);
const judge = new ScoreJudge(judging);
const relater = new RowRelater(judging.graph, judging.minWeight, judge.take);
for (let block = first; block + 1 < starts.length; block += threads) {
  tell({ sums: relater.relate(starts[block]!, starts[block + 1]!) });
}
tell({ tallies: judge.tallies.map(({ tally }) => tally.counts) });
