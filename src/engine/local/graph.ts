import { inPieces, type Steps } from '../../in-turns.ts';
import { comparisonOf, type IdOrder, isCanonicalInteger } from '../../relation/id-order.ts';
import type { IdTable } from '../../relation/id-table.ts';
import { graphKernel } from './graph-kernel.ts';
import { allocate32, type SharedKernel } from './shared-kernel.ts';
import type { ViewChunks } from './view-collector.ts';

/**
 * The distinct views as two adjacency lists, in memory that worker threads share. Products are numbered in output order, so that rows come
 * out sorted.
 *
 * Memory: 8 bytes a view, 4 a path, 4 a product.
 */
export interface Graph {
  readonly products: number;
  readonly kernel: SharedKernel;
  /** Products of path `p`: `pathProducts[pathStarts[p], pathStarts[p + 1])`. */
  readonly pathStarts: Uint32Array;
  readonly pathProducts: Uint32Array;
  /** Paths of product `q`: `productPaths[productStarts[q], productStarts[q + 1])`. */
  readonly productStarts: Uint32Array;
  readonly productPaths: Uint32Array;
}

export interface GraphCounts {
  /** Distinct (path, product) pairs, those of paths that were left out included. */
  readonly views: number;
  /** Sum of n(n−1) over the paths that count. */
  readonly weight: number;
  readonly leftOut: { readonly paths: number; readonly pairs: number };
}

const zero = 0x30;

/** The order of all ids of a table: `integer` if every one is a canonical integer. */
export function orderOf(ids: IdTable): IdOrder {
  for (let number = 0; number < ids.size; number++) {
    if (!isCanonicalInteger(ids.arena, ids.start(number), ids.end(number))) {
      return 'text';
    }
  }
  return 'integer';
}

/** The numbers of all ids of a table in an order of ids. */
export function sortedIds(ids: IdTable, order: IdOrder): Uint32Array {
  const byValue = order === 'integer' ? sortedByValue(ids) : undefined;
  if (byValue !== undefined) {
    return byValue;
  }
  const compare = comparisonOf(order);
  const { arena } = ids;
  return Uint32Array.from({ length: ids.size }, (_, number) => number).sort((a, b) =>
    compare(arena, ids.start(a), ids.end(a), arena, ids.start(b), ids.end(b)),
  );
}

/** Values and numbers sorted as one, a tenth of the time of comparing bytes; `undefined` when 53 bits do not hold both. */
function sortedByValue(ids: IdTable): Uint32Array | undefined {
  const { arena, size } = ids;
  const keys = new Float64Array(size);
  for (let number = 0; number < size; number++) {
    let value = 0;
    for (let at = ids.start(number); at < ids.end(number); at++) {
      value = 10 * value + arena[at]! - zero;
    }
    const key = value * size + number;
    if (key > Number.MAX_SAFE_INTEGER) {
      return undefined;
    }
    keys[number] = key;
  }
  keys.sort();
  // Not `Uint32Array.from`, which makes a list of objects first.
  const sorted = new Uint32Array(size);
  for (let rank = 0; rank < size; rank++) {
    sorted[rank] = keys[rank]! % size;
  }
  return sorted;
}

/** The place of each product in the output order. */
export function ranksOf(sorted: Uint32Array): Uint32Array {
  const rankOf = new Uint32Array(sorted.length);
  sorted.forEach((number, rank) => {
    rankOf[number] = rank;
  });
  return rankOf;
}

/** The distinct views of each path, one path behind the other, in memory that worker threads share; what a graph is made of. */
export interface DistinctViews {
  readonly kernel: SharedKernel;
  /** Products of path `p`: `rows[pathStarts[p], pathStarts[p + 1])`. */
  readonly rows: Uint32Array;
  readonly pathStarts: Uint32Array;
  readonly products: number;
  /** A number for each product and two more, for the starts of a graph. */
  readonly spare: Uint32Array;
  readonly counts: GraphCounts;
  /** Numbers of the paths with most products, the heaviest first, of those that count. */
  readonly heaviest: readonly { readonly path: number; readonly products: number }[];
}

/** A path and its distinct products. */
export interface HeavyPath {
  readonly id: string;
  readonly products: number;
}

/** So many paths are named as the heaviest. */
export const heaviestNamed = 5;

/** More products than a path can have. */
const anyLength = 2 ** 32 - 1;

/** What is sorted in a step. */
const pathsAtOnce = 1 << 15;
const viewsAtOnce = 1 << 21;

/**
 * Finds the distinct views, and empties the chunks on the way: a step for each chunk and some paths.
 *
 * @param paths how many paths there are
 * @param rankOf the place of each product in the output order
 * @param maxPathProducts paths with more distinct products are left out
 */
export function* distinctViews(
  collected: ViewChunks,
  paths: number,
  rankOf: Uint32Array,
  maxPathProducts: number,
  kernel: SharedKernel,
): Steps<DistinctViews> {
  const { memory } = kernel;
  const { countViews, addUpStarts, fillRows, keepDistinct, ...counted } = graphKernel(kernel);
  const { chunks } = collected;
  const starts = allocate32(memory, paths + 2);
  const chunkCopy = allocate32(
    memory,
    chunks.reduce((longest, { length }) => Math.max(longest, length), 0),
  );
  let views = 0;
  // No variable of a function that waits: it would keep the memory of all chunks.
  yield* inPieces(chunks.length, 1, (at) => {
    const chunk = chunks[at]!;
    chunkCopy.set(chunk);
    countViews(chunkCopy.byteOffset, chunk.length, starts.byteOffset);
    views += chunk.length / 2;
  });
  addUpStarts(starts.byteOffset, starts.length);
  const rows = allocate32(memory, views);
  const spare = allocate32(memory, rankOf.length + 2);
  spare.set(rankOf);
  yield* collected.drain((chunk) => {
    chunkCopy.set(chunk);
    fillRows(chunkCopy.byteOffset, chunk.length, starts.byteOffset, spare.byteOffset, rows.byteOffset);
  });
  spare.fill(0);
  const longest = Math.min(maxPathProducts, anyLength);
  let end = rows.byteOffset;
  yield* inPieces(paths, pathsAtOnce, (from, to) => {
    end = keepDistinct(from, to, end, starts.byteOffset, rows.byteOffset, spare.byteOffset, longest) >>> 0;
  });
  starts[paths] = (end - rows.byteOffset) / 4;
  const pathStarts = starts.subarray(0, paths + 1);
  return {
    kernel,
    rows,
    pathStarts,
    products: rankOf.length,
    spare,
    counts: {
      views: counted.views.value,
      weight: counted.pairs.value,
      leftOut: { paths: counted.leftOutPaths.value, pairs: counted.leftOutPairs.value },
    },
    heaviest: longestOf(pathStarts),
  };
}

/** The paths with most products. */
function longestOf(pathStarts: Uint32Array): { path: number; products: number }[] {
  const longest: { path: number; products: number }[] = [];
  let least = 1;
  for (let path = 0; path < pathStarts.length - 1; path++) {
    const products = pathStarts[path + 1]! - pathStarts[path]!;
    if (products > least) {
      longest.push({ path, products });
      longest.sort((a, b) => b.products - a.products).splice(heaviestNamed);
      least = longest[heaviestNamed - 1]?.products ?? 1;
    }
  }
  return longest;
}

/** The heaviest of the paths by their ids. */
export function heaviestOf({ heaviest }: DistinctViews, paths: IdTable): HeavyPath[] {
  return heaviest.map(({ path, products }) => ({
    id: Buffer.from(paths.arena.subarray(paths.start(path), paths.end(path))).toString('utf8'),
    products,
  }));
}

/** The graph of distinct views, a step for some of them. */
export function* graphOf({
  kernel,
  rows,
  pathStarts,
  products,
  spare,
}: Pick<DistinctViews, 'kernel' | 'rows' | 'pathStarts' | 'products' | 'spare'>): Steps<Graph> {
  const paths = pathStarts.length - 1;
  const pathProducts = rows.subarray(0, pathStarts[paths]);
  const productPaths = allocate32(kernel.memory, pathProducts.length);
  const { countPaths, addUpStarts, listPaths } = graphKernel(kernel);
  spare.fill(0);
  yield* inPieces(pathProducts.length, viewsAtOnce, (from, to) =>
    countPaths(pathProducts.byteOffset + 4 * from, to - from, spare.byteOffset),
  );
  addUpStarts(spare.byteOffset, spare.length);
  yield* inPieces(paths, pathsAtOnce, (from, to) =>
    listPaths(from, to, pathStarts.byteOffset, pathProducts.byteOffset, spare.byteOffset, productPaths.byteOffset),
  );
  return { products, kernel, pathStarts, pathProducts, productStarts: spare.subarray(0, products + 1), productPaths };
}

/** Adds up, for each product, the paths of a graph that it is in. */
export function addPathCounts({ productStarts }: Graph, counts: Uint32Array): void {
  for (let product = 0; product < counts.length; product++) {
    counts[product]! += productStarts[product + 1]! - productStarts[product]!;
  }
}
