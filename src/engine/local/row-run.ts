import type { RowAccumulator } from '../../relation/row-accumulator.ts';
import { firstBufferBytes, wholeBuffer } from './buffer-bytes.ts';
import type { RowKernel } from './row-kernel.ts';

/** Bytes of the longest number in a run: seven bits a byte. */
const maxNumberBytes = 5;

/**
 * Writes rows in the form in which they wait on disk: source, length, and target and weight of each relation, the targets as the distance to
 * the one before; numbers of one to five bytes of seven bits (LEB128). Most relations take two or three bytes.
 */
export class RunWriter {
  readonly #kernel: RowKernel;
  #bytes: Uint8Array<ArrayBuffer> = Buffer.allocUnsafeSlow(0);
  #length = 0;
  /** The next buffer begins with the size of the last one: what a buffer outgrows stays in the memory of its thread for long. */
  #nextBytes = firstBufferBytes;

  constructor(kernel: RowKernel) {
    this.#kernel = kernel;
  }

  row(source: number, length: number): void {
    const { targets, weights } = this.#kernel;
    this.#makeRoom(2 * maxNumberBytes * (length + 1));
    const bytes = this.#bytes;
    let end = writeNumber(bytes, writeNumber(bytes, this.#length, source), length);
    let before = 0;
    for (let at = 0; at < length; at++) {
      const target = targets[at]!;
      end = writeNumber(bytes, writeNumber(bytes, end, target - before), weights[at]!);
      before = target;
    }
    this.#length = end;
  }

  /** What was written since the last time: `bytes[0, length)`, for the caller to keep. */
  take(): { readonly bytes: Uint8Array<ArrayBuffer>; readonly length: number } {
    const taken = { bytes: this.#bytes, length: this.#length };
    this.#nextBytes = wholeBuffer(this.#length);
    this.#bytes = Buffer.allocUnsafeSlow(0);
    this.#length = 0;
    return taken;
  }

  #makeRoom(needed: number): void {
    if (this.#length + needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.#nextBytes, wholeBuffer(this.#length + needed)));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
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
