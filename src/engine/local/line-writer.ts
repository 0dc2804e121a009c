import { BlockBuffer } from './block-buffer.ts';
import type { OutputIds } from './output-ids.ts';
import type { RowWriter } from './relate-block.ts';
import type { RowKernel } from './row-kernel.ts';

/** Lines that the kernel writes at once, after a look whether there is room for them. */
const linesAtOnce = 1 << 10;
/** What the kernel writes beyond the end of a line. */
const slack = 16;

/** A weight and LF. */
const maxWeightBytes = 11;

/** Writes rows as the lines of a relations file. */
export class LineWriter implements RowWriter {
  readonly buffer: BlockBuffer;
  readonly #kernel: RowKernel;
  /** Bytes of so many lines at the most. */
  readonly #roomForLines: number;

  constructor(kernel: RowKernel, ids: OutputIds) {
    kernel.useIds(ids);
    this.#kernel = kernel;
    this.buffer = new BlockBuffer(kernel.memory);
    this.#roomForLines = linesAtOnce * (2 * ids.longest + maxWeightBytes) + slack;
  }

  row(source: number, length: number): void {
    const { buffer } = this;
    for (let from = 0; from < length; from += linesAtOnce) {
      buffer.makeRoom(this.#roomForLines);
      const { end } = buffer;
      buffer.length += this.#kernel.lines(source, from, Math.min(length, from + linesAtOnce), end) - end;
    }
  }
}
