/** Bytes of all ids together; their places are numbers of 32 bits. */
const maxArenaBytes = 2 ** 32 - 1;

/** Distinct ids as bytes, with their hashes: id `n` is `arena[ends[n - 1], ends[n])`. */
export interface IdList {
  readonly arena: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
  readonly hashes: Uint32Array<ArrayBuffer>;
}

/**
 * Numbers ids from 0 in the order in which they are first seen. Ids stay bytes, in one arena, found through an open-addressing hash
 * table of typed arrays: no string, no object an id, and no limit of 2^24 entries as a Map has.
 *
 * Memory: the bytes of the ids, and 16 to 24 bytes an id; up to twice that, and half as much again while a table grows.
 */
export class IdTable {
  #size = 0;
  #arena: Uint8Array<ArrayBuffer> = new Uint8Array(1 << 16);
  #ends: Uint32Array<ArrayBuffer> = new Uint32Array(1 << 12);
  #hashes: Uint32Array<ArrayBuffer> = new Uint32Array(1 << 12);
  /** Number + 1 of the id in each slot, 0 for none; at most half of the slots are taken. */
  #slots: Uint32Array = new Uint32Array(1 << 13);
  #last = -1;

  get size(): number {
    return this.#size;
  }

  /** Bytes of memory that the ids take at most. What the arrays hold beyond it was never touched, and so is not there yet. */
  get memory(): number {
    return this.start(this.#size) + 24 * this.#size;
  }

  /** Mean bytes of an id. */
  get meanLength(): number {
    return this.#size === 0 ? 0 : this.start(this.#size) / this.#size;
  }

  /** The bytes of all ids, one behind the other; id `n` is `arena[start(n), end(n))`. */
  get arena(): Uint8Array {
    return this.#arena;
  }

  start(number: number): number {
    return number === 0 ? 0 : this.#ends[number - 1]!;
  }

  end(number: number): number {
    return this.#ends[number]!;
  }

  /** The hash of an id, of 32 bits; the same in every table. */
  hash(number: number): number {
    return this.#hashes[number]!;
  }

  /** The number of the id `bytes[start, end)`, which is new or known. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    // Views come sorted by path more often than not.
    if (this.#last !== -1 && this.#equals(this.#last, bytes, start, end)) {
      return this.#last;
    }
    const hash = hashOf(bytes, start, end);
    const slot = this.#slotOf(hash, bytes, start, end);
    const found = this.#slots[slot]!;
    this.#last = found === 0 ? this.#add(slot, hash, bytes, start, end) : found - 1;
    return this.#last;
  }

  /**
   * Interns ids of another table.
   *
   * @returns their numbers in this one
   */
  internAll({ arena, ends, hashes }: IdList): Uint32Array {
    const numbers = new Uint32Array(ends.length);
    let start = 0;
    for (let at = 0; at < ends.length; at++) {
      const end = ends[at]!;
      const slot = this.#slotOf(hashes[at]!, arena, start, end);
      const found = this.#slots[slot]!;
      numbers[at] = found === 0 ? this.#add(slot, hashes[at]!, arena, start, end) : found - 1;
      start = end;
    }
    return numbers;
  }

  /** The number of an id, or -1 when it was never interned. */
  find(id: Uint8Array): number {
    return this.#slots[this.#slotOf(hashOf(id, 0, id.length), id, 0, id.length)]! - 1;
  }

  /** Forgets all ids; the memory stays for the next ones. */
  clear(): void {
    this.#size = 0;
    this.#last = -1;
    this.#slots.fill(0);
  }

  #slotOf(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const hashes = this.#hashes;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
      if (hashes[found - 1] === hash && this.#equals(found - 1, bytes, start, end)) {
        break;
      }
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #equals(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.start(number);
    const length = end - start;
    if (this.#ends[number]! - from !== length) {
      return false;
    }
    const arena = this.#arena;
    // Ids that differ mostly do so at their end.
    for (let at = length - 1; at >= 0; at--) {
      if (arena[from + at] !== bytes[start + at]) {
        return false;
      }
    }
    return true;
  }

  #add(slot: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const number = this.#size++;
    const from = this.start(number);
    const to = from + end - start;
    if (to > this.#arena.length) {
      this.#arena = grown(this.#arena, new Uint8Array(arenaBytes(to)));
    }
    if (number === this.#ends.length) {
      this.#ends = grown(this.#ends, new Uint32Array(2 * number));
      this.#hashes = grown(this.#hashes, new Uint32Array(2 * number));
    }
    const arena = this.#arena;
    // A loop, because ids are shorter than what a call of `set` costs.
    for (let at = start; at < end; at++) {
      arena[from + at - start] = bytes[at]!;
    }
    this.#ends[number] = to;
    this.#hashes[number] = hash;
    this.#slots[slot] = number + 1;
    if (2 * this.#size > this.#slots.length) {
      this.#rehash();
    }
    return number;
  }

  #rehash(): void {
    const slots = new Uint32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let slot = this.#hashes[number]! & mask;
      while (slots[slot] !== 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

function grown<T extends Uint8Array | Uint32Array>(old: T, into: T): T {
  into.set(old);
  return into;
}

function arenaBytes(needed: number): number {
  if (needed > maxArenaBytes) {
    throw new RangeError('The distinct ids take more than 4 GiB');
  }
  return Math.min(maxArenaBytes, 2 ** Math.ceil(Math.log2(needed)));
}

/** FNV-1a with a last mixing, since the low bits choose the slot. */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) {
    hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  }
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}
