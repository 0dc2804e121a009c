import type { Effects } from '../../effects.ts';
import type { IdTable } from '../../relation/id-table.ts';
import { areCounts, type ScoreName, scores } from '../../relation/scores.ts';
import type { Ranking } from '../../relation/top-scored.ts';
import { idOf } from '../id-of.ts';
import { unfitViews } from '../list-score.ts';
import type { ViewedPaths } from '../viewed-paths.ts';

/** Orders lists by a score that is not the weight. 4 bytes a product, or up to 8. */
export class ListOrder {
  readonly #score: ScoreName;
  readonly #viewed: ViewedPaths;
  readonly #products: IdTable;
  readonly #effects: Effects;
  /** Of each product the paths that count. */
  #pathCounts: Uint32Array = new Uint32Array(0);
  #counted = 0;

  /**
   * @param viewed what the score is computed from
   * @param products to which more may be added
   */
  constructor(score: ScoreName, viewed: ViewedPaths, products: IdTable, effects: Effects) {
    this.#score = score;
    this.#viewed = viewed;
    this.#products = products;
    this.#effects = effects;
  }

  /**
   * What the targets of a source are ranked by.
   *
   * @throws ExpectedFailure when other views than these were related
   */
  ranking(source: number, targets: Uint32Array, weights: Uint32Array): Ranking {
    this.#countPaths();
    const [pathCounts, paths] = [this.#pathCounts, this.#viewed.all];
    for (let at = 0; at < targets.length; at++) {
      const [both, target] = [weights[at]!, targets[at]!];
      const counts = { both, source: pathCounts[source]!, target: pathCounts[target]!, all: paths };
      if (!areCounts(counts)) {
        throw unfitViews(idOf(this.#products, source), idOf(this.#products, target), counts, this.#effects);
      }
    }
    return { score: this.#score, pathCounts, paths };
  }

  /** The score of a relation, after its source was ranked; `undefined` in too few paths. */
  score(source: number, target: number, weight: number): number | undefined {
    const [pathCounts, all] = [this.#pathCounts, this.#viewed.all];
    const counts = { both: weight, source: pathCounts[source]!, target: pathCounts[target]!, all };
    return scores.get(this.#score)(counts);
  }

  /** Of the products that are new. */
  #countPaths(): void {
    const { size } = this.#products;
    if (size > this.#pathCounts.length) {
      const grown = new Uint32Array(2 * size);
      grown.set(this.#pathCounts);
      this.#pathCounts = grown;
    }
    for (; this.#counted < size; this.#counted++) {
      this.#pathCounts[this.#counted] = this.#viewed.count(this.#viewed.find(idOf(this.#products, this.#counted)));
    }
  }
}
