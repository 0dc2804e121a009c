import type { IdOrder } from '../relation/id-order.ts';
import { compareScored, type Scored, type ScoreName, scores } from '../relation/scores.ts';
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
  readonly #source: number;
  readonly #score: ScoreName;
  readonly #compareIds: (a: string, b: string) => number;

  /** @param score what orders it, before the weight and the id do */
  constructor(paths: ViewedPaths, source: number, order: IdOrder, score: ScoreName) {
    this.#paths = paths;
    this.#source = source;
    this.#score = score;
    this.#compareIds = order === 'integer' ? compareIntegerIds : compareTextIds;
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

  /** What a target is ranked by; the score is that of the list. */
  scored(target: number): Scored {
    const weight = this.#weights[target]!;
    const [source, paths] = [this.#source, this.#paths];
    const counts = { both: weight, source: paths.count(source), target: paths.count(target), all: paths.all };
    return { weight, score: scores.get(this.#score)(counts) };
  }

  /**
   * The place of a target, from 1, by score, then by weight and by id; `undefined` when it is none.
   *
   * @param minWeight of the targets that count; the list of a score may begin with a light one
   * @param allowed the only targets that count; `undefined` for all
   */
  rank(target: number, minWeight = 1, allowed?: ReadonlySet<string>): number | undefined {
    const own = this.scored(target);
    const id = this.#paths.product(target);
    const isBefore = (number: number): boolean => {
      const order = compareScored(this.scored(number), own);
      return order < 0 || (order === 0 && this.#compareIds(this.#paths.product(number), id) < 0);
    };
    return own.weight === 0 ? undefined : 1 + this.#targets(minWeight, allowed).filter(isBefore).length;
  }

  /** What the target at a place, from 1, is ranked by. */
  at(rank: number, minWeight: number, allowed?: ReadonlySet<string>): Scored | undefined {
    return Array.from(this.#targets(minWeight, allowed), (target) => this.scored(target)).sort(compareScored)[rank - 1];
  }

  #targets(minWeight: number, allowed: ReadonlySet<string> | undefined): Uint32Array {
    return Uint32Array.from(this.#weights.keys()).filter((number) => {
      const weight = this.#weights[number]!;
      return weight > 0 && weight >= minWeight && (allowed === undefined || allowed.has(this.#paths.product(number)));
    });
  }
}
