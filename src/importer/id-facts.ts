import { compareIntegers } from '../relation/id-order.ts';

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

const zero = 0x30;
const nine = 0x39;
const dash = 0x2d;
const space = 0x20;
const largest64 = Buffer.from(String(2n ** 64n - 1n));

/** Where the dashes of a UUID stand. */
const uuidDashes: readonly number[] = [8, 13, 18, 23];

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
  /** As digits: BigInt arithmetic for every id would take longer than reading it. */
  #largest: Uint8Array = Buffer.from('0');

  /** Of those that came as numbers. */
  #largestNumber = -1;
  #smallestNumber = Number.POSITIVE_INFINITY;

  get largestInteger(): bigint {
    return BigInt(Buffer.from(this.#largest).toString('latin1'));
  }

  get characters(): string[] {
    const characters: string[] = [];
    for (let point = this.#seen.indexOf(1); point !== -1; point = this.#seen.indexOf(1, point + 1)) {
      characters.push(String.fromCodePoint(point));
    }
    return characters;
  }

  /** The same as `add` for an id of digits, below 2^53, as long as all ids were integers. */
  addNumber(id: number): void {
    if (id > this.#largestNumber || id < this.#smallestNumber) {
      this.#largestNumber = Math.max(id, this.#largestNumber);
      this.#smallestNumber = Math.min(id, this.#smallestNumber);
      const digits = Buffer.from(String(id));
      this.add(digits, 0, digits.length);
    } else if (this.hex) {
      this.hex = String(id).length % 2 === 0;
    }
  }

  /** The id is `bytes[start, end)`. */
  add(bytes: Uint8Array, start: number, end: number): void {
    let length = end - start;
    if (this.integers && isInteger(bytes, start, end)) {
      if (compareIntegers(bytes, start, end, this.#largest, 0, this.#largest.length) > 0) {
        this.#largest = bytes.slice(start, end);
      }
    } else {
      this.integers = false;
      length = this.#look(bytes, start, end);
      if (this.endsWithSpace === undefined && bytes[end - 1] === space) {
        this.endsWithSpace = text(bytes, start, end);
      }
    }
    if (this.hex) {
      this.hex = (end - start) % 2 === 0 && isHex(bytes, start, end);
    }
    if (this.uuids) {
      this.uuids = isUuid(bytes, start, end);
    }
    if (length < this.shortest || this.shortest === 0) {
      this.shortest = length;
    }
    if (length > this.longest) {
      this.longest = length;
    }
  }

  /** Remembers the characters of an id. @returns how many it has */
  #look(bytes: Uint8Array, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte >= 0x80) {
        return this.#lookAtText(text(bytes, start, end));
      }
      this.#seen[byte] = 1;
    }
    return end - start;
  }

  #lookAtText(id: string): number {
    let characters = 0;
    for (const character of id) {
      this.#seen[character.codePointAt(0)!] = 1;
      characters++;
    }
    return characters;
  }
}

/** As `isIntegerId` says it of a string. */
function isInteger(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 1 && bytes[start] === zero) {
    return false;
  }
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte < zero || byte > nine) {
      return false;
    }
  }
  return end - start < largest64.length || compareIntegers(bytes, start, end, largest64, 0, largest64.length) <= 0;
}

function isHex(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (!isHexDigit(bytes[at]!)) {
      return false;
    }
  }
  return true;
}

function isUuid(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 36) {
    return false;
  }
  for (let at = 0; at < 36; at++) {
    const byte = bytes[start + at]!;
    if (uuidDashes.includes(at) ? byte !== dash : !isHexDigit(byte)) {
      return false;
    }
  }
  return true;
}

function isHexDigit(byte: number): boolean {
  return (byte >= zero && byte <= nine) || (byte >= 0x61 && byte <= 0x66);
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}
