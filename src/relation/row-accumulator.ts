/**
 * One row of the matrix of relations, all weights of one source, accumulated in a dense array ("sparse accumulator": Gustavson, Two Fast
 * Algorithms for Sparse Matrices, 1978). Which targets were touched is kept in a bitmap of three levels, so that they come out in order
 * without being sorted: a row costs a look at one bit of each 32,768 products, whatever its length.
 *
 * Memory: 12 bytes and 1 bit a product.
 */
export class RowAccumulator {
  /** After `drain`: the touched targets, ascending. */
  readonly targets: Uint32Array;
  /** After `drain`: the weight of each. */
  readonly weights: Uint32Array;
  readonly #sums: Uint32Array;
  readonly #words: Int32Array;
  readonly #groups: Int32Array;
  readonly #summary: Int32Array;

  /**
   * @param products how many products there are; targets are numbers below it
   * @param into where `drain` moves rows to
   */
  constructor(
    products: number,
    into: { readonly targets: Uint32Array; readonly weights: Uint32Array } = {
      targets: new Uint32Array(products),
      weights: new Uint32Array(products),
    },
  ) {
    this.targets = into.targets;
    this.weights = into.weights;
    this.#sums = new Uint32Array(products);
    this.#words = new Int32Array((products >>> 5) + 1);
    this.#groups = new Int32Array((products >>> 10) + 1);
    this.#summary = new Int32Array((products >>> 15) + 1);
  }

  /**
   * Adds one to the weight of each target in `targets[from, to)`. Four at a time with one question, whether one of them is new: a third
   * faster than a question each, also where most are, since touching a target again is harmless.
   */
  count(targets: Uint32Array, from: number, to: number): void {
    const sums = this.#sums;
    let at = from;
    for (; at + 3 < to; at += 4) {
      const a = targets[at]!;
      const b = targets[at + 1]!;
      const c = targets[at + 2]!;
      const d = targets[at + 3]!;
      const sumA = sums[a]!;
      sums[a] = sumA + 1;
      const sumB = sums[b]!;
      sums[b] = sumB + 1;
      const sumC = sums[c]!;
      sums[c] = sumC + 1;
      const sumD = sums[d]!;
      sums[d] = sumD + 1;
      if (sumA === 0 || sumB === 0 || sumC === 0 || sumD === 0) {
        this.#touch(a);
        this.#touch(b);
        this.#touch(c);
        this.#touch(d);
      }
    }
    for (; at < to; at++) {
      this.add(targets[at]!, 1);
    }
  }

  /** Adds to the weight of one target. */
  add(target: number, weight: number): void {
    const sum = this.#sums[target]!;
    this.#sums[target] = sum + weight;
    if (sum === 0) {
      this.#touch(target);
    }
  }

  #touch(target: number): void {
    this.#words[target >>> 5]! |= 1 << (target & 31);
    this.#groups[target >>> 10]! |= 1 << ((target >>> 5) & 31);
    this.#summary[target >>> 15]! |= 1 << ((target >>> 10) & 31);
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
    const groups = this.#groups;
    const summary = this.#summary;
    let length = 0;
    for (let top = 0; top < summary.length; top++) {
      for (let topBits = summary[top]!; topBits !== 0; topBits &= topBits - 1) {
        const group = (top << 5) | (31 - Math.clz32(topBits & -topBits));
        for (let groupBits = groups[group]!; groupBits !== 0; groupBits &= groupBits - 1) {
          const word = (group << 5) | (31 - Math.clz32(groupBits & -groupBits));
          for (let bits = words[word]!; bits !== 0; bits &= bits - 1) {
            const target = (word << 5) | (31 - Math.clz32(bits & -bits));
            targets[length] = target;
            weights[length] = sums[target]!;
            sums[target] = 0;
            length += target === source ? 0 : 1;
          }
          words[word] = 0;
        }
        groups[group] = 0;
      }
      summary[top] = 0;
    }
    return length;
  }
}
