import { isIntegerId } from '../tsv/relation-order.ts';

/** What a column must be able to hold. */
export interface IdFacts {
  /** Characters of the shortest and of the longest id; 0 without ids. */
  readonly shortest: number;
  readonly longest: number;
  /** Whether every id is a canonical unsigned integer of at most 64 bits. */
  readonly integers: boolean;
  /** The largest of these integers. */
  readonly largestInteger: bigint;
  /** Whether every id is an even number of lower-case hex digits: bytes. */
  readonly hex: boolean;
  /** An id that ends with a space, which a CHAR column takes away. */
  readonly endsWithSpace: string | undefined;
  /** An id with a character beyond U+FFFF, which a three-byte character set cannot hold. */
  readonly beyondBmp: string | undefined;
}

/** Gathers the facts about the ids of a file, one id after the other. */
export class IdFactsCollector implements IdFacts {
  shortest = 0;
  longest = 0;
  integers = true;
  hex = true;
  endsWithSpace: string | undefined;
  beyondBmp: string | undefined;
  /** As digits: a longer canonical integer is the larger one, and BigInt arithmetic for every id would take longer than reading it. */
  #largest = '0';

  get largestInteger(): bigint {
    return BigInt(this.#largest);
  }

  add(id: string): void {
    let characters = id.length;
    if (this.integers) {
      this.integers = isIntegerId(id);
      if (
        this.integers &&
        (id.length > this.#largest.length || (id.length === this.#largest.length && id > this.#largest))
      ) {
        this.#largest = id;
      }
    }
    if (!this.integers) {
      const pairs = id.match(/[\ud800-\udbff]/g)?.length ?? 0;
      characters -= pairs;
      if (pairs > 0) {
        this.beyondBmp ??= id;
      }
      if (id.endsWith(' ')) {
        this.endsWithSpace ??= id;
      }
    }
    this.hex &&= id.length % 2 === 0 && /^[0-9a-f]+$/.test(id);
    this.shortest = this.shortest === 0 ? characters : Math.min(this.shortest, characters);
    this.longest = Math.max(this.longest, characters);
  }
}
