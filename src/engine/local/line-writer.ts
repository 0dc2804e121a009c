import { BlockBuffer } from './block-buffer.ts';
import type { OutputIds } from './output-ids.ts';
import type { RowWriter } from './relate-block.ts';
import type { RowKernel } from './row-kernel.ts';
import { allocate8 } from './shared-kernel.ts';

/** Lines that the kernel writes at once; then they are copied while they are in the cache. */
const linesAtOnce = 1 << 10;
/** What the kernel writes beyond the end of a line. */
const slack = 16;

/** A weight and LF. */
const maxWeightBytes = 11;

/** Writes rows as the lines of a relations file. */
export class LineWriter implements RowWriter {
  readonly buffer: BlockBuffer = new BlockBuffer();
  readonly #kernel: RowKernel;
  /** The lines as the kernel writes them. */
  readonly #lines: Uint8Array;

  constructor(kernel: RowKernel, ids: OutputIds) {
    kernel.useIds(ids);
    this.#kernel = kernel;
    this.#lines = allocate8(kernel.memory, linesAtOnce * (2 * ids.longest + maxWeightBytes) + slack);
  }

  row(source: number, length: number): void {
    const { buffer } = this;
    const start = this.#lines.byteOffset;
    for (let from = 0; from < length; from += linesAtOnce) {
      const bytes = this.#kernel.lines(source, from, Math.min(length, from + linesAtOnce), start) - start;
      buffer.makeRoom(bytes);
      buffer.bytes.set(this.#lines.subarray(0, bytes), buffer.length);
      buffer.length += bytes;
    }
  }
}
