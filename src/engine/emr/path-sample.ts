import { hashOf } from '../../relation/id-table.ts';

/** Distinct views that are kept at a time, some 60 bytes each. */
const keptViews = 1 << 20;

/** The distinct products of the paths that are in the sample. */
export class PathSample {
  readonly #paths = new Map<string, Set<number>>();
  readonly #maxPathProducts: number;
  #kept = 0;
  /** One path of so many is kept. */
  rate = 1;

  constructor(maxPathProducts: number) {
    this.#maxPathProducts = maxPathProducts;
  }

  get views(): number {
    return this.#kept * this.rate;
  }

  get paths(): number {
    return this.#paths.size * this.rate;
  }

  pairs(): number {
    let pairs = 0;
    for (const { size } of this.#paths.values()) {
      pairs += size > this.#maxPathProducts ? 0 : size * (size - 1);
    }
    return pairs * this.rate;
  }

  add(bytes: Uint8Array, pathStart: number, pathEnd: number, productStart: number, productEnd: number): void {
    const hash = spread(hashOf(bytes, pathStart, pathEnd));
    if (hash % this.rate !== 0) {
      return;
    }
    const path = Buffer.from(bytes.buffer, bytes.byteOffset + pathStart, pathEnd - pathStart).toString('latin1');
    let products = this.#paths.get(path);
    if (products === undefined) {
      products = new Set();
      this.#paths.set(path, products);
    }
    const before = products.size;
    // Two products of one path with the same hash of 32 bits are rare enough for an estimate.
    products.add(hashOf(bytes, productStart, productEnd));
    this.#kept += products.size - before;
    if (this.#kept > keptViews) {
      this.#halve();
    }
  }

  #halve(): void {
    this.rate *= 2;
    for (const [path, { size }] of this.#paths) {
      const bytes = Buffer.from(path, 'latin1');
      if (spread(hashOf(bytes, 0, bytes.length)) % this.rate !== 0) {
        this.#paths.delete(path);
        this.#kept -= size;
      }
    }
  }
}

/** Mixes all bits of a hash into its low ones (the finalizer of MurmurHash3). */
function spread(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
