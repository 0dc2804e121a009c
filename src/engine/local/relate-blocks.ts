import { setImmediate } from 'node:timers/promises';
import type { Effects } from '../../effects.ts';
import type { BlockThreads } from './block-threads.ts';
import { type BlockOrder, type BlockWork, blockWorker } from './block-work.ts';
import type { RelatedBlock } from './relate-block.ts';

/** Below this weight one thread is done before a second one has started. */
const weightWorthThreads = 4_000_000;

/** Blocks under way or waiting to be written, for each thread: bounds the memory when the disk is slow. */
const blocksAhead = 3;

/** How blocks are related: in how many threads, and how many bytes of memory the whole job may take. */
export interface BlockMeans {
  readonly threads: number;
  readonly memory: number;
  /** So many threads, started already. */
  readonly started?: BlockThreads | undefined;
}

/** A related block, to be released once its bytes are not needed any more: they become those of another one. */
export interface PassingBlock extends RelatedBlock {
  release(): void;
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
  means: BlockMeans,
  effects: Effects,
): AsyncGenerator<PassingBlock> {
  const spare: Uint8Array[] = [];
  const blocks = starts.length - 1;
  const orderOf = (block: number): BlockOrder => ({
    block,
    first: starts[block]!,
    end: starts[block + 1]!,
    into: spare.pop(),
  });
  const related =
    means.threads === 1 || weight < weightWorthThreads
      ? inThisThread(work, blocks, orderOf, effects)
      : inThreads(work, blocks, orderOf, means, effects);
  for await (const block of related) {
    yield { ...block, release: () => spare.push(block.bytes) };
  }
}

type OrderOf = (block: number) => BlockOrder;

async function* inThisThread(
  work: BlockWork,
  blocks: number,
  orderOf: OrderOf,
  effects: Effects,
): AsyncGenerator<RelatedBlock> {
  const worker = blockWorker(work);
  for (let block = 0; block < blocks; block++) {
    // Nothing else lets a signal in while all rows are cut to nothing and nothing is written.
    await setImmediate();
    effects.signal.throwIfAborted();
    yield worker.relate(orderOf(block));
  }
}

async function* inThreads(
  work: BlockWork,
  blocks: number,
  orderOf: OrderOf,
  { threads: count, started }: BlockMeans,
  effects: Effects,
): AsyncGenerator<RelatedBlock> {
  const threads = started ?? new (await import('./block-threads.ts')).BlockThreads(Math.min(count, blocks));
  const stop = (): void => threads.fail(effects.signal.reason);
  effects.signal.addEventListener('abort', stop, { once: true });
  try {
    threads.begin(work);
    let issued = 0;
    for (let next = 0; next < blocks; ) {
      effects.signal.throwIfAborted();
      while (issued < Math.min(blocks, next + blocksAhead * count) && threads.idle) {
        threads.relate(orderOf(issued++));
      }
      const related = await threads.finished(next);
      if (related !== undefined) {
        next++;
        yield related;
      }
    }
  } finally {
    effects.signal.removeEventListener('abort', stop);
    await threads.close();
  }
}
