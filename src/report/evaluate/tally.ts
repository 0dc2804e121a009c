/** How good a way of making lists is, when so many places of each list are shown. */
export interface Figures {
  /** Places that are shown. */
  readonly places: number;
  /** Share of the steps whose target stands in the list of their source, 0 to 1. */
  readonly hitRate: number;
  /** Mean of 1/place of the target, 0 where it does not stand in the list (mean reciprocal rank). 0 to 1. */
  readonly mrr: number;
  /**
   * Mean of 1/log2(1 + place), 0 where it does not stand in the list: the discounted cumulative gain of Järvelin and Kekäläinen ("Cumulated
   * gain-based evaluation of IR techniques", 2002) where one target is right, so that the ideal gain is 1. 0 to 1.
   */
  readonly ndcg: number;
  /** Share of the products that stand in some list, 0 to 1. */
  readonly coverage: number;
  /** Share of the products whose list fills all places, 0 to 1. */
  readonly fullLists: number;
  /** Mean place, from 1, among all products by popularity, of what stands in the lists; `undefined` when nothing does. */
  readonly popularityRank: number | undefined;
}

/** What was added up, as one thread tells it to another; see `Tally`. */
export interface TallyCounts {
  readonly hits: Float64Array;
  readonly lists: Float64Array;
  readonly ranks: Float64Array;
  readonly bestPlaces: Uint32Array;
}

/** Adds up what one way of making lists shows and foresees. Memory: 4 bytes a product. */
export class Tally {
  /** By place, from 1: targets that stood there, lists with such a place, and the sum of the popularity ranks of what stands there. */
  readonly #hits: Float64Array;
  readonly #lists: Float64Array;
  readonly #ranks: Float64Array;
  /** The best place of each product in any list; `largest` where it has none. */
  readonly #bestPlaces: Uint32Array;
  readonly #popularityRanks: Uint32Array;

  /** @param popularityRanks place of each product by popularity, from 1 */
  constructor(longest: number, popularityRanks: Uint32Array) {
    this.#hits = new Float64Array(longest + 1);
    this.#lists = new Float64Array(longest + 1);
    this.#ranks = new Float64Array(longest + 1);
    this.#bestPlaces = new Uint32Array(popularityRanks.length).fill(longest + 1);
    this.#popularityRanks = popularityRanks;
  }

  get counts(): TallyCounts {
    return { hits: this.#hits, lists: this.#lists, ranks: this.#ranks, bestPlaces: this.#bestPlaces };
  }

  /** Adds what was added up of other products. Whole numbers below 2^53, so that the order does not matter. */
  add({ hits, lists, ranks, bestPlaces }: TallyCounts): void {
    hits.forEach((count, place) => {
      this.#hits[place]! += count;
      this.#lists[place]! += lists[place]!;
      this.#ranks[place]! += ranks[place]!;
    });
    bestPlaces.forEach((place, product) => {
      this.#bestPlaces[product] = Math.min(this.#bestPlaces[product]!, place);
    });
  }

  /** The list of a product that has one. */
  show(list: readonly number[]): void {
    list.forEach((target, at) => {
      this.#lists[at + 1]!++;
      this.#ranks[at + 1]! += this.#popularityRanks[target]!;
      this.#bestPlaces[target] = Math.min(this.#bestPlaces[target]!, at + 1);
    });
  }

  /** The targets of the steps whose source has the list. */
  judge(list: readonly number[], targets: Uint32Array): void {
    for (const target of targets) {
      const at = list.indexOf(target);
      if (at !== -1) {
        this.#hits[at + 1]!++;
      }
    }
  }

  /**
   * @param steps in all, and products that could have a list
   */
  figures(places: number, steps: number, products: number): Figures {
    const sum = (of: (place: number) => number): number =>
      Array.from({ length: places }, (_, at) => of(at + 1)).reduce((sum, each) => sum + each, 0);
    const hits = this.#hits;
    const shown = sum((place) => this.#lists[place]!);
    return {
      places,
      hitRate: sum((place) => hits[place]!) / steps,
      mrr: sum((place) => hits[place]! / place) / steps,
      ndcg: sum((place) => hits[place]! / Math.log2(1 + place)) / steps,
      coverage: this.#bestPlaces.reduce((count, best) => count + (best <= places ? 1 : 0), 0) / products,
      fullLists: this.#lists[places]! / products,
      popularityRank: shown === 0 ? undefined : sum((place) => this.#ranks[place]!) / shown,
    };
  }
}
