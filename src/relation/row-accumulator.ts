/**
 * One row of the matrix of relations, all weights of one source, accumulated in a dense array ("sparse accumulator": Gustavson, Two Fast
 * Algorithms for Sparse Matrices, 1978). Which targets were touched is kept in a bitmap of two levels, so that they come out in order
 * without being sorted: a row costs a look at one bit of each 1,024 products, whatever its length.
 *
 * Memory: 12 bytes and 1 bit a product.
 */
export class RowAccumulator {
  /** After `drain`: the touched targets, ascending. */
  readonly targets: Uint32Array;
  /** After `drain`: the weight of each. */
  readonly weights: Uint32Array;
  readonly #sums: Uint32Array;
  readonly #words: Uint32Array;
  readonly #summary: Uint32Array;

  /** @param products how many products there are; targets are numbers below it */
  constructor(products: number) {
    this.targets = new Uint32Array(products);
    this.weights = new Uint32Array(products);
    this.#sums = new Uint32Array(products);
    this.#words = new Uint32Array((products >>> 5) + 1);
    this.#summary = new Uint32Array((products >>> 10) + 1);
  }

  /** Adds one to the weight of each target in `targets[from, to)`. */
  count(targets: Uint32Array, from: number, to: number): void {
    const sums = this.#sums;
    for (let at = from; at < to; at++) {
      const target = targets[at]!;
      const sum = sums[target]!;
      if (sum === 0) {
        this.#words[target >>> 5]! |= 1 << (target & 31);
        this.#summary[target >>> 10]! |= 1 << ((target >>> 5) & 31);
      }
      sums[target] = sum + 1;
    }
  }

  /**
   * Moves the row to `targets` and `weights` and is empty again.
   *
   * @param source left out: a product is not related to itself
   * @returns the length of the row
   */
  drain(source: number): number {
    const { targets, weights } = this;
    const sums = this.#sums;
    const words = this.#words;
    const summary = this.#summary;
    let length = 0;
    for (let group = 0; group < summary.length; group++) {
      for (let groupBits = summary[group]!; groupBits !== 0; groupBits &= groupBits - 1) {
        const word = (group << 5) | (31 - Math.clz32(groupBits & -groupBits));
        for (let bits = words[word]!; bits !== 0; bits &= bits - 1) {
          const target = (word << 5) | (31 - Math.clz32(bits & -bits));
          if (target !== source) {
            targets[length] = target;
            weights[length++] = sums[target]!;
          }
          sums[target] = 0;
        }
        words[word] = 0;
      }
      summary[group] = 0;
    }
    return length;
  }
}
