import { compiled } from '../compiled.ts';
import type { IntegerType } from '../mysql/binary-values.ts';
import type { NumberBatch } from './relation-batch.ts';

/** What `assembly/relation-kernel.ts` exports. Addresses are bytes of its memory. */
interface Exports {
  inputAt(): number;
  inputSize(): number;
  sourcesAt(): number;
  targetsAt(): number;
  weightsAt(): number;
  mostRows(): number;
  rowCount(): number;
  lines(length: number): number;
  packets(
    length: number,
    sourceType: number,
    targetType: number,
    weightType: number,
    lastSource: number,
    lastTarget: number,
  ): number;
}

/** Pages of 64 KiB that its input and columns take. */
const pages = 11;

/** Reads relations whose ids are integers in WebAssembly. There is one for all who read, since nothing is left in it between two calls. */
class RelationKernel {
  readonly #exports: Exports;
  readonly #input: Uint8Array;
  readonly #sources: Float64Array;
  readonly #targets: Float64Array;
  readonly #weights: Float64Array;

  constructor() {
    const memory = new WebAssembly.Memory<ArrayBuffer>({ initial: pages, maximum: pages });
    this.#exports = new WebAssembly.Instance<Exports>(compiled('tsv/relation-kernel'), { env: { memory } }).exports;
    const { inputAt, inputSize, sourcesAt, targetsAt, weightsAt, mostRows } = this.#exports;
    this.#input = new Uint8Array(memory.buffer, inputAt(), inputSize());
    this.#sources = new Float64Array(memory.buffer, sourcesAt(), mostRows());
    this.#targets = new Float64Array(memory.buffer, targetsAt(), mostRows());
    this.#weights = new Float64Array(memory.buffer, weightsAt(), mostRows());
  }

  /**
   * Adds lines to a batch for as long as they are three canonical integers that it can hold, with a weight of more than zero.
   *
   * @returns where the first line begins that is none, or has no end
   */
  lines(bytes: Uint8Array, start: number, batch: NumberBatch): number {
    return this.#take(bytes, start, batch, (length) => this.#exports.lines(length));
  }

  /**
   * Adds rows to a batch, given as packets of three integers in the binary protocol, for as long as they are whole, hold no NULL and sort
   * behind the one before.
   *
   * @param types of source, target and weight
   * @param last the row before the first one
   * @returns where the first packet begins that is something else
   */
  packets(
    bytes: Uint8Array,
    start: number,
    batch: NumberBatch,
    [source, target, weight]: readonly [IntegerType, IntegerType, IntegerType],
    last: { source: number; target: number },
  ): number {
    return this.#take(bytes, start, batch, (length) => {
      const taken = this.#exports.packets(
        length,
        codeOf(source),
        codeOf(target),
        codeOf(weight),
        last.source,
        last.target,
      );
      const rows = this.#exports.rowCount();
      if (rows > 0) {
        last.source = this.#sources[rows - 1]!;
        last.target = this.#targets[rows - 1]!;
      }
      return taken;
    });
  }

  /** @param work takes bytes from the beginning of the input, and says how many */
  #take(bytes: Uint8Array, start: number, batch: NumberBatch, work: (length: number) => number): number {
    let at = start;
    for (let taken = -1; taken !== 0 && at < bytes.length; at += taken) {
      const piece = bytes.subarray(at, at + this.#input.length);
      this.#input.set(piece);
      taken = work(piece.length);
      batch.append(this.#sources, this.#targets, this.#weights, this.#exports.rowCount());
    }
    return at;
  }
}

function codeOf({ bytes, unsigned }: IntegerType): number {
  return unsigned ? bytes : bytes + 16;
}

let kernel: RelationKernel | undefined;

export function relationKernel(): RelationKernel {
  kernel ??= new RelationKernel();
  return kernel;
}
