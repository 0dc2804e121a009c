import type { RelationSums } from '../../relation/identities.ts';
import type { Graph } from './graph.ts';
import type { OutputIds } from './output-ids.ts';
import { allocate, type SharedKernel } from './shared-kernel.ts';

/** What `assembly/row-kernel.ts` exports. Addresses are bytes of its memory. */
interface Exports {
  scratchBytes(products: number): number;
  useScratch(products: number, at: number): void;
  targetsAt(): number;
  weightsAt(): number;
  useGraph(pathStarts: number, pathProducts: number, productStarts: number, productPaths: number): void;
  useIds(at: number, stride: number, starts: number): void;
  relate(source: number, nextEnd: number): number;
  addUp(source: number, length: number): void;
  readonly weight: WebAssembly.Global;
  readonly lower: WebAssembly.Global;
  readonly lowerMixed: WebAssembly.Global;
  readonly higher: WebAssembly.Global;
  readonly higherMixed: WebAssembly.Global;
  lines(source: number, from: number, to: number, at: number): number;
}

/**
 * One row of the matrix of relations at a time, all weights of one source: accumulated, added up for the identities, and written as lines by
 * the kernel in WebAssembly. A thread has one of its own.
 *
 * Memory: 12 bytes and 1 bit a product, and 300 KB.
 */
export class RowKernel {
  /** The targets of the row, ascending. */
  readonly targets: Uint32Array;
  /** The weight of each. */
  readonly weights: Uint32Array;
  readonly memory: WebAssembly.Memory;
  readonly #exports: Exports;

  constructor({ module, memory }: SharedKernel, products: number) {
    this.memory = memory;
    this.#exports = new WebAssembly.Instance<Exports>(module, { env: { memory } }).exports;
    this.#exports.useScratch(products, allocate(memory, this.#exports.scratchBytes(products) >>> 0));
    this.targets = new Uint32Array(memory.buffer, this.#exports.targetsAt() >>> 0, products);
    this.weights = new Uint32Array(memory.buffer, this.#exports.weightsAt() >>> 0, products);
  }

  useGraph({ pathStarts, pathProducts, productStarts, productPaths }: Graph): void {
    this.#exports.useGraph(
      pathStarts.byteOffset,
      pathProducts.byteOffset,
      productStarts.byteOffset,
      productPaths.byteOffset,
    );
  }

  useIds({ bytes, stride, starts }: OutputIds): void {
    this.#exports.useIds(bytes.byteOffset, stride, starts.byteOffset);
  }

  /**
   * Accumulates the row of a source of the graph. A product is not related to itself.
   *
   * @param nextEnd the sources before it are wanted next, which is faster
   * @returns the length of the row
   */
  relate(source: number, nextEnd: number = source + 1): number {
    return this.#exports.relate(source, nextEnd);
  }

  /** Adds the row of a source to the sums. */
  addTo(sums: RelationSums, source: number, length: number): void {
    const { weight, lower, lowerMixed, higher, higherMixed, addUp } = this.#exports;
    addUp(source, length);
    sums.weight += weight.value;
    sums.backward[0] = (sums.backward[0] + lower.value) | 0;
    sums.backward[1] = (sums.backward[1] + lowerMixed.value) | 0;
    sums.forward[0] = (sums.forward[0] + higher.value) | 0;
    sums.forward[1] = (sums.forward[1] + higherMixed.value) | 0;
  }

  /**
   * Writes `targets[from, to)` of a source as lines, with up to 16 bytes behind them that are overwritten.
   *
   * @param at address in the memory
   * @returns where they end
   */
  lines(source: number, from: number, to: number, at: number): number {
    return this.#exports.lines(source, from, to, at) >>> 0;
  }
}
