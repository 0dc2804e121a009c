import type { IdOrder } from '../relation/id-order.ts';
import { compareIntegerIds, compareTextIds } from '../tsv/relation-order.ts';
import type { ViewedPaths } from './viewed-paths.ts';

/** A product that was viewed, and its number among the viewed ones. */
export interface ViewedProduct {
  readonly product: string;
  readonly number: number;
}

/** The whole list of a product, as relating the views without limits would give it. 4 bytes a product. */
export class ViewedList {
  /** By number of the product; 0 for those that are no target. */
  readonly #weights: Uint32Array;
  readonly #paths: ViewedPaths;
  readonly #compare: (a: string, b: string) => number;

  constructor(paths: ViewedPaths, source: number, order: IdOrder) {
    this.#paths = paths;
    this.#compare = order === 'integer' ? compareIntegerIds : compareTextIds;
    this.#weights = new Uint32Array(paths.products);
    for (const path of paths.pathsOf(source)) {
      if (paths.counts(path)) {
        for (const product of paths.productsOf(path)) {
          this.#weights[product]!++;
        }
      }
    }
    this.#weights[source] = 0;
  }

  /** Targets. */
  get length(): number {
    return this.#weights.reduce((count, weight) => count + Math.min(weight, 1), 0);
  }

  /**
   * The place of a target, from 1, by weight and then by id; `undefined` when it is none.
   *
   * @param allowed the only targets that count; `undefined` for all
   */
  rank(target: number, allowed?: ReadonlySet<string>): number | undefined {
    const own = this.#weights[target]!;
    const id = this.#paths.product(target);
    let rank = 1;
    this.#weights.forEach((weight, number) => {
      if (weight >= own && number !== target && (weight > own || this.#compare(this.#paths.product(number), id) < 0)) {
        rank += allowed === undefined || allowed.has(this.#paths.product(number)) ? 1 : 0;
      }
    });
    return own === 0 ? undefined : rank;
  }

  /** The weight of the target at a place, from 1. */
  weightAt(rank: number, allowed?: ReadonlySet<string>): number {
    const kept = this.#weights.filter((_, number) => allowed === undefined || allowed.has(this.#paths.product(number)));
    return kept.sort()[kept.length - rank] ?? 0;
  }
}
