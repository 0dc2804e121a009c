import { firstBufferBytes, wholeBuffer } from './buffer-bytes.ts';
import type { OutputIds } from './output-ids.ts';
import type { RowKernel } from './row-kernel.ts';
import { allocate8 } from './shared-kernel.ts';

/** Lines that the kernel writes at once; then they are copied while they are in the cache. */
const linesAtOnce = 1 << 10;
/** What the kernel writes beyond the end of a line. */
const slack = 16;

/** A weight and LF. */
const maxWeightBytes = 11;

/** Writes rows as the lines of a relations file. */
export class LineWriter {
  readonly #kernel: RowKernel;
  /** The lines as the kernel writes them. */
  readonly #lines: Uint8Array;
  #bytes: Uint8Array<ArrayBuffer> = Buffer.allocUnsafeSlow(0);
  #length = 0;
  /** The next buffer begins with the size of the last one: what a buffer outgrows stays in the memory of its thread for long. */
  #nextBytes = firstBufferBytes;

  constructor(kernel: RowKernel, ids: OutputIds) {
    kernel.useIds(ids);
    const { memory } = kernel;
    const bytes = linesAtOnce * (2 * ids.longest + maxWeightBytes) + slack;
    this.#kernel = kernel;
    this.#lines = allocate8(memory, bytes);
  }

  /** Writes the row of one source. */
  row(source: number, length: number): void {
    const start = this.#lines.byteOffset;
    for (let from = 0; from < length; from += linesAtOnce) {
      const end = this.#kernel.lines(source, from, Math.min(length, from + linesAtOnce), start);
      this.#makeRoom(end - start);
      this.#bytes.set(this.#lines.subarray(0, end - start), this.#length);
      this.#length += end - start;
    }
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
