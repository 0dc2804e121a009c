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
  /** Whether every id is a UUID as MariaDB writes it, in lower case. */
  readonly uuids: boolean;
  /** The distinct characters of the ids, in the order of their code points; those of integers may be left out. */
  readonly characters: readonly string[];
}

/** Gathers the facts about the ids of a file, one id after the other. */
export class IdFactsCollector implements IdFacts {
  shortest = 0;
  longest = 0;
  integers = true;
  hex = true;
  endsWithSpace: string | undefined;
  uuids = true;
  /** By code point: 1 for those that were seen. 1 MiB, whatever the number of ids. */
  readonly #seen = new Uint8Array(0x110000);
  /** As digits: a longer canonical integer is the larger one, and BigInt arithmetic for every id would take longer than reading it. */
  #largest = '0';

  get largestInteger(): bigint {
    return BigInt(this.#largest);
  }

  get characters(): string[] {
    const characters: string[] = [];
    for (let point = this.#seen.indexOf(1); point !== -1; point = this.#seen.indexOf(1, point + 1)) {
      characters.push(String.fromCodePoint(point));
    }
    return characters;
  }

  add(id: string): void {
    let length = id.length;
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
      length = this.#look(id);
      if (id.endsWith(' ')) {
        this.endsWithSpace ??= id;
      }
    }
    this.hex &&= id.length % 2 === 0 && /^[0-9a-f]+$/.test(id);
    this.uuids &&= id.length === 36 && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
    this.shortest = this.shortest === 0 ? length : Math.min(this.shortest, length);
    this.longest = Math.max(this.longest, length);
  }

  /** Remembers the characters of an id. @returns how many it has */
  #look(id: string): number {
    let characters = 0;
    for (let at = 0; at < id.length; at++) {
      const point = id.codePointAt(at)!;
      if (point > 0xffff) {
        at++;
      }
      this.#seen[point] = 1;
      characters++;
    }
    return characters;
  }
}
