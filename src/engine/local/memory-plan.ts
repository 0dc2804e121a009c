import type { IdTable } from '../../relation/id-table.ts';
import { freeMemory } from './free-memory.ts';
import { mostSharedBytes } from './shared-kernel.ts';

/** Less is refused: the ids, the buffers of the partitions and a block for each thread need some of it. */
export const leastMemory: number = 128 << 20;

/** Blocks under way and waiting to be written, and the buffers of the partitions. */
const fixedBytes = 40 << 20;

/** Of a thread: its blocks under way, as large as they usually are, in the memory that threads share. */
const threadBlocksBytes = 12 << 20;

/** More threads gain nothing, since the digest and the writing are one thread's work, and what all share has a bound. */
const mostThreads = 64;
/** So many are part of what is said of the process below; each one more takes so many bytes for itself, as measured, and is worth it only where there is more memory. */
const usualThreads = 2;
const threadBytes = 20 << 20;
const memoryWorthThread = 64 << 20;

/** What the C library's allocator still keeps of the sorting of views on disk: at most this share of the memory, and so many bytes, as measured. */
const leftBehind = { share: 0.25, bytes: 80 << 20 };

/** A table that grows holds its old arrays and its new ones. */
const whileGrowing = 1.5;

/** Three quarters of what the machine, or the cgroup that the process is in, has free. */
export function defaultMemory(): number {
  return Math.max(leastMemory, 0.75 * freeMemory());
}

/** How many of the wanted threads relate in so much memory: one for each 64 MB of it, and two in any. */
export function threadsWithin(memory: number, wanted: number): number {
  return Math.min(wanted, mostThreads, Math.max(usualThreads, Math.floor(memory / memoryWorthThread)));
}

/**
 * What the data takes at its peak, against what it may take. The process needs some 60 MB more for Node.js itself and two threads.
 *
 * For each view 12 bytes: two numbers while it is read and one of its path's row, or one in each of the rows, the path lists and the product
 * lists. For each path 4 bytes and its entry in the table, for each product its entry, its slot in the output, 20 bytes of numbers,
 * starts and path counts, and 12 bytes a thread of the row.
 *
 * What threads share has a bound of its own: the 8 bytes of each view in the two lists, the slots, starts and rows, and the blocks.
 */
export class MemoryPlan {
  readonly memory: number;
  readonly #threads: number;
  readonly #fixed: number;
  /** What the data may take of the memory that threads share. */
  readonly #shared: number;

  /** @param beside bytes that something else than the data takes */
  constructor(memory: number, threads: number, beside = 0) {
    this.memory = memory;
    this.#fixed = fixedBytes + threadBytes * Math.max(0, threads - usualThreads) + beside;
    this.#threads = threads;
    this.#shared = mostSharedBytes - threads * threadBlocksBytes;
  }

  /** Whether so many views over these ids can be related in memory. */
  fits(rows: number, paths: IdTable, products: IdTable): boolean {
    const pathBytes = rows === 0 ? 0 : pathsBytes(rows, paths.size, paths.memory);
    return pathBytes <= this.#room(products);
  }

  productBytes(products: IdTable): number {
    const idBytes = products.memory - 24 * products.size;
    return whileGrowing * products.memory + idBytes + products.size * (36 + 12.2 * this.#threads);
  }

  /** Bytes that one part of the views may take while it is sorted: of each view 12, of which 8 are its graph's. */
  partBytes(products: IdTable): number {
    return Math.max(Math.min(this.#room(products), (12 / 8) * this.graphBytes(products)), this.#leastPart);
  }

  /** Bytes that the graph of one part may take; it is in the memory that threads share. */
  graphBytes(products: IdTable): number {
    const left = Math.min(leftBehind.share * this.memory, leftBehind.bytes);
    const room = Math.min(this.memory - this.#fixed - left, this.#shared) - this.productBytes(products);
    return Math.max(room, this.#leastPart);
  }

  get #leastPart(): number {
    return Math.min(this.memory, this.#shared) / 8;
  }

  /** Whether these products can be related at all. */
  holds(products: IdTable): boolean {
    return this.productBytes(products) <= Math.min(Math.max(this.memory, leastMemory), this.#shared);
  }

  /** Bytes that are left for views; of each 12, 8 are in the memory that threads share. */
  #room(products: IdTable): number {
    const productBytes = this.productBytes(products);
    return Math.min(this.memory - this.#fixed - productBytes, (12 / 8) * (this.#shared - productBytes));
  }
}

/** Bytes that views take until their relations are written. */
export function pathsBytes(rows: number, paths: number, tableBytes: number): number {
  return 12 * rows + 4 * paths + whileGrowing * tableBytes;
}
