/**
 * Frees what nobody refers to any more, at once. V8 would not: shared memory does not count as pressure, so that the adjacency lists of one
 * part after the other would stay. Takes some 5 ms.
 */
export function collectGarbage(): void {
  // Loaded here, since most jobs are over before there is anything to free.
  process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc');
  const collect: unknown = process.getBuiltinModule('node:vm').runInNewContext('gc');
  if (typeof collect === 'function') {
    collect();
  }
}

/** V8 lets 64 MB gather before it frees them by itself; where memory is short that is too much: more than so many bytes, and this share of it. */
const leastGarbage = 1 << 24;
const garbageShare = 1 / 32;

/**
 * Keeps account of bytes that are left to be freed, and frees them when they are many.
 *
 * @param memory that the whole job may take
 */
export class Garbage {
  readonly #most: number;
  #bytes = 0;

  constructor(memory: number) {
    this.#most = Math.max(leastGarbage, garbageShare * memory);
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#most) {
      collectGarbage();
      this.#bytes = 0;
    }
  }
}
