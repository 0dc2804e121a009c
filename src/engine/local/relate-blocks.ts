import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import type { Effects } from '../../effects.ts';
import { packageFile } from '../../package-file.ts';
import { type BlockOrder, type BlockWork, blockWorker } from './block-work.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { RelatedBlock } from './relate-block.ts';

/** Below this weight one thread is done before a second one has started. */
const weightWorthThreads = 4_000_000;

/** Blocks under way or waiting to be written, for each thread: bounds the memory when the disk is slow. */
const blocksAhead = 3;

/** V8 lets 64 MB of blocks gather before it frees them by itself; where memory is short that is too much: more than so many bytes, and this share of it. */
const leastGarbage = 1 << 24;
const garbageShare = 1 / 32;

/** How blocks are related: in how many threads, and how many bytes of memory the whole job may take. */
export interface BlockMeans {
  readonly threads: number;
  readonly memory: number;
}

/**
 * Relates all blocks and hands them on in order.
 *
 * @param starts where each block starts, and the number of products
 * @param weight the sum of n(n−1) over the paths
 */
export async function* relateBlocks(
  work: BlockWork,
  starts: readonly number[],
  weight: number,
  { threads, memory }: BlockMeans,
  effects: Effects,
): AsyncGenerator<RelatedBlock> {
  let garbage = 0;
  for await (const related of inOrder(work, starts, weight, threads, effects)) {
    yield related;
    garbage += related.bytes.length;
    if (garbage > Math.max(leastGarbage, garbageShare * memory)) {
      collectGarbage();
      garbage = 0;
    }
  }
}

async function* inOrder(
  work: BlockWork,
  starts: readonly number[],
  weight: number,
  threads: number,
  effects: Effects,
): AsyncGenerator<RelatedBlock> {
  const orders = starts.slice(1).map((end, block): BlockOrder => ({ block, first: starts[block]!, end }));
  if (threads === 1 || weight < weightWorthThreads) {
    const worker = blockWorker(work);
    for (const order of orders) {
      // Nothing else lets a signal in while all rows are cut to nothing and nothing is written.
      await setImmediate();
      effects.signal.throwIfAborted();
      yield worker.relate(order);
    }
    return;
  }
  yield* inWorkers(work, orders, Math.min(threads, orders.length), effects);
}

async function* inWorkers(
  work: BlockWork,
  orders: readonly BlockOrder[],
  threads: number,
  effects: Effects,
): AsyncGenerator<RelatedBlock> {
  const { Worker } = await import('node:worker_threads');
  const finished = new Map<number, RelatedBlock>();
  let failure: unknown;
  let wake = (): void => {};
  const fail = (error: unknown): void => {
    failure ??= error;
    wake();
  };
  const stop = (): void => fail(effects.signal.reason);
  effects.signal.addEventListener('abort', stop, { once: true });
  const idle: Worker[] = [];
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(packageFile('dist/engine/local/worker.js'), { workerData: work });
    worker.on('message', ({ block, related }: { block: number; related: RelatedBlock }) => {
      finished.set(block, related);
      idle.push(worker);
      wake();
    });
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`A worker thread ended by itself, with code ${code}`)));
    idle.push(worker);
    return worker;
  });
  try {
    let issued = 0;
    for (let next = 0; next < orders.length; ) {
      effects.signal.throwIfAborted();
      while (issued < orders.length && issued < next + blocksAhead * threads) {
        const worker = idle.pop();
        if (worker === undefined) {
          break;
        }
        worker.postMessage(orders[issued++]);
      }
      const related = finished.get(next);
      if (related !== undefined) {
        finished.delete(next++);
        yield related;
      } else if (failure !== undefined) {
        throw failure;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    effects.signal.removeEventListener('abort', stop);
    await Promise.all(workers.map((worker) => worker.removeAllListeners('exit').terminate()));
  }
}
