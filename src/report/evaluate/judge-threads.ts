import { Worker } from 'node:worker_threads';
import type { Effects } from '../../effects.ts';
import { packageFile } from '../../package-file.ts';
import type { RelationSums } from '../../relation/identities.ts';
import type { ScoreJudging } from './score-judge.ts';
import type { TallyCounts } from './tally.ts';

/** What a thread judges: of all blocks every `threads`-th, from `first` on. They are of about the same work. */
export interface JudgedShare {
  readonly judging: ScoreJudging;
  /** Where each block of sources starts, and the number of products. */
  readonly starts: readonly number[];
  readonly first: number;
  readonly threads: number;
}

/** What a thread tells: the sums of each block, and at the end what it added up for each score. */
export type FromJudge = { readonly sums: RelationSums } | { readonly tallies: readonly TallyCounts[] };

/**
 * Judges the lists of every score in threads.
 *
 * @param add takes the sums of each block
 * @returns what each thread added up for each score
 */
export async function judgeInThreads(
  judging: ScoreJudging,
  starts: readonly number[],
  threads: number,
  add: (sums: RelationSums) => void,
  { signal }: Effects,
): Promise<(readonly TallyCounts[])[]> {
  signal.throwIfAborted();
  const workers = Array.from({ length: threads }, (_, first) => {
    const workerData: JudgedShare = { judging, starts, first, threads };
    return new Worker(packageFile('dist/report/evaluate/worker.js'), { workerData });
  });
  try {
    return await Promise.all(workers.map((worker) => talliesOf(worker, add, signal)));
  } finally {
    await Promise.all(workers.map((worker) => worker.removeAllListeners('exit').terminate()));
  }
}

async function talliesOf(
  worker: Worker,
  add: (sums: RelationSums) => void,
  signal: AbortSignal,
): Promise<readonly TallyCounts[]> {
  return await new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    worker.on('message', (message: FromJudge) => {
      if ('sums' in message) {
        add(message.sums);
      } else {
        resolve(message.tallies);
      }
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`A thread that evaluates ended by itself, with code ${code}`)));
  });
}
