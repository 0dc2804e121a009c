import type { IdTable } from '../relation/id-table.ts';
import { sortNumbers } from '../relation/sort-numbers.ts';

/** The ranks are made again when so many more ids are known: all the sorting together then costs five sorts of all ids. */
const rankGrowth = 1.25;

/** Bytes an id: four numbers. */
export const rankBytes = 16;

/** Puts some of the ids of a table in order, list after list, faster than by comparing: most ids have a rank from before. */
export class IdRanks {
  readonly #order: (a: number, b: number) => number;
  readonly #ids: IdTable;
  /** Place in the order of ids, for the first `#ranked`, and the ids in order. */
  #ranks = new Uint32Array(1 << 10);
  #byRank = new Uint32Array(1 << 10);
  #ranked = 0;
  /** The list at hand: a million of them should not allocate each. */
  #sorted = new Uint32Array(1 << 10);
  #scratch = new Uint32Array(1 << 10);

  /** @param order compares two ids by their numbers */
  constructor(ids: IdTable, order: (a: number, b: number) => number) {
    this.#ids = ids;
    this.#order = order;
  }

  /** Ids have other numbers from now on. */
  forget(): void {
    this.#ranked = 0;
  }

  /**
   * The numbers in the order of their ids: those with a rank by their ranks, the few others by comparing, and both merged.
   *
   * @param numbers each once
   * @returns valid until the next call
   */
  sort(numbers: Uint32Array): Uint32Array {
    this.#makeRoom();
    if (this.#ids.size > rankGrowth * this.#ranked) {
      this.#rank();
    }
    const sorted = this.#sorted;
    const others = this.#scratch;
    let length = 0;
    let unranked = 0;
    for (let at = 0; at < numbers.length; at++) {
      const number = numbers[at]!;
      if (number < this.#ranked) {
        sorted[length++] = this.#ranks[number]!;
      } else {
        others[unranked++] = number;
      }
    }
    sorted.subarray(0, length).sort();
    for (let at = 0; at < length; at++) {
      sorted[at] = this.#byRank[sorted[at]!]!;
    }
    sortNumbers(others.subarray(0, unranked), sorted.subarray(length), this.#order);
    // From the end, so that what is moved makes the room.
    for (let at = numbers.length - 1, from = length - 1, other = unranked - 1; other >= 0; at--) {
      const last = others[other]!;
      if (from >= 0 && this.#order(sorted[from]!, last) > 0) {
        sorted[at] = sorted[from--]!;
      } else {
        sorted[at] = last;
        other--;
      }
    }
    return sorted.subarray(0, numbers.length);
  }

  #rank(): void {
    this.#ranked = this.#ids.size;
    const byRank = this.#byRank.subarray(0, this.#ranked);
    for (let number = 0; number < byRank.length; number++) {
      byRank[number] = number;
    }
    sortNumbers(byRank, this.#scratch, this.#order);
    for (let rank = 0; rank < byRank.length; rank++) {
      this.#ranks[byRank[rank]!] = rank;
    }
  }

  #makeRoom(): void {
    const { size } = this.#ids;
    if (size > this.#ranks.length) {
      const length = 2 ** Math.ceil(Math.log2(size));
      this.#ranks = new Uint32Array(length);
      this.#byRank = new Uint32Array(length);
      this.#sorted = new Uint32Array(length);
      this.#scratch = new Uint32Array(length);
      this.#ranked = 0;
    }
  }
}
