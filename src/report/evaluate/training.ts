import {
  distinctViews,
  type Graph,
  type GraphCounts,
  graphOf,
  orderOf,
  ranksOf,
  sortedIds,
} from '../../engine/local/graph.ts';
import { newKernel } from '../../engine/local/new-kernel.ts';
import type { ViewChunks } from '../../engine/local/view-collector.ts';
import type { Steps } from '../../in-turns.ts';
import type { IdTable } from '../../relation/id-table.ts';
import { mostFirst } from '../most-first.ts';

/**
 * The part of the views that is related. Products have the numbers of the order of their ids, in which ties are broken; those of the other
 * part are numbered too.
 */
export class Training {
  readonly graph: Graph;
  readonly counts: GraphCounts;
  /** Paths that count, and of each product those that it is in. */
  readonly paths: number;
  readonly pathCounts: Uint32Array;
  /** The products that are in a path that counts, in most paths first; of equal ones the first by id. */
  readonly popular: Uint32Array;
  /** The place of each product among these, from 1; 0 for others. */
  readonly popularityRanks: Uint32Array;
  /** The number of each product, by that of the table. */
  readonly numberOf: Uint32Array;
  readonly #sorted: Uint32Array;
  readonly #ids: IdTable;

  private constructor(ids: IdTable, sorted: Uint32Array, numberOf: Uint32Array, graph: Graph, counts: GraphCounts) {
    this.#ids = ids;
    this.#sorted = sorted;
    this.numberOf = numberOf;
    this.counts = counts;
    const { pathStarts, productStarts } = graph;
    this.paths = pathStarts.reduce((count, start, path) => count + (start > (pathStarts[path - 1] ?? 0) ? 1 : 0), 0);
    this.graph = graph;
    const pathCounts = Uint32Array.from({ length: ids.size }, (_, at) => productStarts[at + 1]! - productStarts[at]!);
    this.pathCounts = pathCounts;
    const inPaths = Uint32Array.from(pathCounts.keys()).filter((product) => pathCounts[product]! > 0);
    this.popular = Uint32Array.from(mostFirst(inPaths, (product) => pathCounts[product]!));
    this.popularityRanks = new Uint32Array(ids.size);
    this.popular.forEach((product, at) => {
      this.popularityRanks[product] = at + 1;
    });
  }

  /**
   * Empties the views on the way.
   *
   * @param paths how many paths the views may be of
   */
  static *of(ids: IdTable, views: ViewChunks, paths: number, maxPathProducts: number): Steps<Training> {
    const sorted = sortedIds(ids, orderOf(ids));
    yield;
    const numberOf = ranksOf(sorted);
    views.end();
    const distinct = yield* distinctViews(views, paths, numberOf, maxPathProducts, newKernel());
    return new Training(ids, sorted, numberOf, yield* graphOf(distinct), distinct.counts);
  }

  /** The id of a product. */
  id(product: number): string {
    const number = this.#sorted[product]!;
    return Buffer.from(this.#ids.arena.subarray(this.#ids.start(number), this.#ids.end(number))).toString('utf8');
  }
}
