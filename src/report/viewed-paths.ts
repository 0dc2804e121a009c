import type { Effects } from '../effects.ts';
import { distinctViews, type Graph, graphOf, orderOf } from '../engine/local/graph.ts';
import { newKernel } from '../engine/local/new-kernel.ts';
import { ViewChunks } from '../engine/local/view-collector.ts';
import { inPieces, type Steps } from '../in-turns.ts';
import type { IdOrder } from '../relation/id-order.ts';
import { IdTable } from '../relation/id-table.ts';
import type { ViewSource } from '../tsv/read-views.ts';
import type { RejectedRows } from '../tsv/rejected-rows.ts';
import { withStep } from '../with-step.ts';
import { readCheckedViews } from './count-paths.ts';
import { idOf } from './id-of.ts';

/** Paths that are counted in a step. */
const pathsAtOnce = 1 << 16;

/**
 * The distinct views of some views, with the paths that count for relations: those of not too many products.
 *
 * Memory: all distinct views, 8 bytes each, and the ids; twice that while they are read.
 */
export class ViewedPaths {
  #all = 0;
  readonly #products: IdTable;
  readonly #paths: IdTable;
  readonly #graph: Graph;
  readonly #maxPathProducts: number;
  /** Of each product: paths that count. */
  readonly #counts: Uint32Array;

  private constructor(products: IdTable, paths: IdTable, graph: Graph, maxPathProducts: number) {
    this.#products = products;
    this.#paths = paths;
    this.#graph = graph;
    this.#maxPathProducts = maxPathProducts;
    this.#counts = new Uint32Array(products.size);
  }

  /** Empties the views on the way. */
  static *of(products: IdTable, paths: IdTable, views: ViewChunks, maxPathProducts: number): Steps<ViewedPaths> {
    views.end();
    const asRead = Uint32Array.from({ length: products.size }, (_, number) => number);
    const distinct = yield* distinctViews(views, paths.size, asRead, Number.POSITIVE_INFINITY, newKernel());
    const viewed = new ViewedPaths(products, paths, yield* graphOf(distinct), maxPathProducts);
    yield* inPieces(paths.size, pathsAtOnce, (from, to) => viewed.#count(from, to));
    return viewed;
  }

  /** Counts paths `[from, to)`. */
  #count(from: number, to: number): void {
    for (let path = from; path < to; path++) {
      if (this.counts(path)) {
        this.#all++;
        for (const product of this.productsOf(path)) {
          this.#counts[product]!++;
        }
      }
    }
  }

  /** Paths that count. */
  get all(): number {
    return this.#all;
  }

  /** How many paths there are in all. */
  get paths(): number {
    return this.#paths.size;
  }

  /** How many products were viewed in all. */
  get products(): number {
    return this.#products.size;
  }

  /** The order of the products' ids, as relating them finds it. */
  get order(): IdOrder {
    return orderOf(this.#products);
  }

  /** Every product. */
  *productIds(): Generator<string> {
    for (let number = 0; number < this.#products.size; number++) {
      yield this.product(number);
    }
  }

  /** The number of a product, -1 when nobody viewed it. */
  find(product: string): number {
    return this.#products.find(Buffer.from(product));
  }

  product(number: number): string {
    return idOf(this.#products, number);
  }

  path(number: number): string {
    return idOf(this.#paths, number);
  }

  /** Paths that count and contain a product. */
  count(number: number): number {
    return this.#counts[number] ?? 0;
  }

  /** Whether a path counts. */
  counts(path: number): boolean {
    return this.length(path) <= this.#maxPathProducts;
  }

  /** Products of a path. */
  length(path: number): number {
    const { pathStarts } = this.#graph;
    return pathStarts[path + 1]! - pathStarts[path]!;
  }

  productsOf(path: number): Uint32Array {
    const { pathStarts, pathProducts } = this.#graph;
    return pathProducts.subarray(pathStarts[path], pathStarts[path + 1]);
  }

  /** All paths with a product, those included that do not count. */
  pathsOf(product: number): Uint32Array {
    const { productStarts, productPaths } = this.#graph;
    return productPaths.subarray(productStarts[product], productStarts[product + 1]);
  }
}

/**
 * Reads views to ask about them.
 *
 * @param maxPathProducts paths with more distinct products do not count
 * @param rejected gets the rows that are rejected
 * @throws ExpectedFailure as `readCheckedViews` does
 */
export async function readViewedPaths(
  source: ViewSource,
  maxPathProducts: number,
  effects: Effects,
  rejected?: RejectedRows,
): Promise<ViewedPaths> {
  const products = new IdTable();
  const paths = new IdTable();
  const views = new ViewChunks();
  await readCheckedViews(
    source,
    (bytes, pathStart, pathEnd, start, end) =>
      views.add(paths.intern(bytes, pathStart, pathEnd), products.intern(bytes, start, end)),
    effects,
    rejected,
  );
  return await withStep(
    'Sorting the views',
    views.rows,
    'views',
    effects,
    ViewedPaths.of(products, paths, views, maxPathProducts),
  );
}
