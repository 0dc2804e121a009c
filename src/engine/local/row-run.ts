import type { RowAccumulator } from '../../relation/row-accumulator.ts';
import { BlockBuffer } from './block-buffer.ts';
import type { RowWriter } from './relate-block.ts';
import type { RowKernel } from './row-kernel.ts';

/** Bytes of the longest number in a run: seven bits a byte. */
const maxNumberBytes = 5;

/**
 * Writes rows in the form in which they wait on disk: source, length, and target and weight of each relation, the targets as the distance to
 * the one before; numbers of one to five bytes of seven bits (LEB128). Most relations take two or three bytes.
 */
export class RunWriter implements RowWriter {
  readonly buffer: BlockBuffer;
  readonly #kernel: RowKernel;

  constructor(kernel: RowKernel) {
    this.#kernel = kernel;
    this.buffer = new BlockBuffer(kernel.memory);
  }

  row(source: number, length: number): void {
    const { targets, weights } = this.#kernel;
    this.buffer.makeRoom(2 * maxNumberBytes * (length + 1));
    const { bytes } = this.buffer;
    let end = writeNumber(bytes, writeNumber(bytes, this.buffer.length, source), length);
    let before = 0;
    for (let at = 0; at < length; at++) {
      const target = targets[at]!;
      end = writeNumber(bytes, writeNumber(bytes, end, target - before), weights[at]!);
      before = target;
    }
    this.buffer.length = end;
  }
}

function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** Reads the rows of a piece of a run in their order. */
export class RunReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #source = -1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#next();
  }

  /** Adds the row of a source, if there is one; the sources must be asked for in ascending order. */
  addRow(source: number, row: RowAccumulator): void {
    if (this.#source !== source) {
      return;
    }
    let target = 0;
    for (let left = this.#number(); left > 0; left--) {
      target += this.#number();
      row.add(target, this.#number());
    }
    this.#next();
  }

  #next(): void {
    this.#source = this.#at < this.#bytes.length ? this.#number() : -1;
  }

  #number(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++]!;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = bytes[this.#at++]!;
      value |= (byte & 0x7f) << shift;
    }
    return value >>> 0;
  }
}
