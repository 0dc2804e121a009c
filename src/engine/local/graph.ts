import { comparisonOf, type IdOrder, isCanonicalInteger } from '../../relation/id-order.ts';
import type { IdTable } from '../../relation/id-table.ts';
import { addUp, transpose } from '../../relation/transpose.ts';
import { allocate32 } from './shared-kernel.ts';
import type { ViewChunks } from './view-collector.ts';

/**
 * The distinct views as two adjacency lists, in memory that worker threads share. Products are numbered in output order, so that rows come
 * out sorted.
 *
 * Memory: 8 bytes a view, 4 a path, 4 a product.
 */
export interface Graph {
  readonly products: number;
  readonly memory: WebAssembly.Memory;
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
  /** Products of path `p`: `rows[pathStarts[p], pathStarts[p + 1])`. */
  readonly rows: Uint32Array;
  readonly pathStarts: Uint32Array;
  readonly memory: WebAssembly.Memory;
  readonly products: number;
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

/**
 * Finds the distinct views, and empties the chunks on the way.
 *
 * @param paths how many paths there are
 * @param rankOf the place of each product in the output order
 * @param maxPathProducts paths with more distinct products are left out
 */
export function distinctViews(
  { chunks }: ViewChunks,
  paths: number,
  rankOf: Uint32Array,
  maxPathProducts: number,
  memory: WebAssembly.Memory,
): DistinctViews {
  const rowStarts = new Uint32Array(paths + 1);
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += 2) {
      rowStarts[chunk[at]! + 1]!++;
    }
  }
  addUp(rowStarts);
  const rows = allocate32(memory, rowStarts[paths]!);
  const next = rowStarts.slice();
  for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
    for (let at = 0; at < chunk.length; at += 2) {
      rows[next[chunk[at]!]!++] = rankOf[chunk[at + 1]!]!;
    }
  }
  return keepDistinct(rows, rowStarts, rankOf.length, maxPathProducts, memory);
}

/** The heaviest of the paths by their ids. */
export function heaviestOf({ heaviest }: DistinctViews, paths: IdTable): HeavyPath[] {
  return heaviest.map(({ path, products }) => ({
    id: Buffer.from(paths.arena.subarray(paths.start(path), paths.end(path))).toString('utf8'),
    products,
  }));
}

/** The graph of distinct views. */
export function graphOf({ rows, pathStarts, memory, products }: DistinctViews): Graph {
  const pathProducts = rows.subarray(0, pathStarts.at(-1)!);
  const allocate = (length: number): Uint32Array => allocate32(memory, length);
  return { products, memory, pathStarts, pathProducts, ...transpose(pathStarts, pathProducts, products, allocate) };
}

/** Moves the distinct products of each path to the front of `rows`; paths that are too long become empty. */
function keepDistinct(
  rows: Uint32Array,
  rowStarts: Uint32Array,
  products: number,
  maxPathProducts: number,
  memory: WebAssembly.Memory,
): DistinctViews {
  const paths = rowStarts.length - 1;
  const pathStarts = allocate32(memory, paths + 1);
  /** The last path, plus one, in which a product was seen. */
  const seenIn = new Uint32Array(products);
  const heaviest: { path: number; products: number }[] = [];
  let heavy = 1;
  let kept = 0;
  let views = 0;
  let weight = 0;
  const leftOut = { paths: 0, pairs: 0 };
  for (let path = 0; path < paths; path++) {
    const start = kept;
    for (let at = rowStarts[path]!; at < rowStarts[path + 1]!; at++) {
      const product = rows[at]!;
      if (seenIn[product] !== path + 1) {
        seenIn[product] = path + 1;
        rows[kept++] = product;
      }
    }
    const length = kept - start;
    views += length;
    if (length > maxPathProducts) {
      leftOut.paths++;
      leftOut.pairs += length * (length - 1);
      kept = start;
    } else {
      weight += length * (length - 1);
      if (length > heavy) {
        heaviest.push({ path, products: length });
        heaviest.sort((a, b) => b.products - a.products).splice(heaviestNamed);
        heavy = heaviest[heaviestNamed - 1]?.products ?? 1;
      }
    }
    pathStarts[path + 1] = kept;
  }
  return { rows, pathStarts, memory, products, counts: { views, weight, leftOut }, heaviest };
}
