import type { RowTaker } from '../mysql/binary-rows.ts';
import { type IntegerType, textEnd, textStart } from '../mysql/binary-values.ts';
import type { Output } from '../storage/output.ts';
import { writeUnsigned32, writeUnsigned64 } from './decimal.ts';

/** How the server sends a value. */
export type Wire = IntegerType | 'text';

/** Written at once. 64 KiB to 1 MiB cost the same processor time, within 5 % (10 M rows, to a file and to gzip). */
const batchBytes = 1 << 18;

/** Two integers of twenty characters, a TAB and a LF. */
const longestIntegers = 42;

/** The bits of the two columns in the bitmap of NULLs, whose first two bits are reserved. */
const nullBits = 0b1100;

const minus = 0x2d;
const tab = 0x09;
const lineFeed = 0x0a;
const backslash = 0x5c;

/**
 * What stands behind a backslash for a byte; 0 for the bytes that stand for themselves. `mysql --batch` writes CR, BS and SUB as they are:
 * a reader takes a CR at the end of a line for a part of the line end, and would take two products for one.
 */
const letterOf = new Uint8Array(256);
letterOf[0x00] = 0x30;
letterOf[0x08] = 0x62;
letterOf[tab] = 0x74;
letterOf[lineFeed] = 0x6e;
letterOf[0x0d] = 0x72;
letterOf[0x1a] = 0x5a;
letterOf[backslash] = backslash;

/**
 * Turns rows of two columns into lines of TSV, with the escapes of `src/tsv/escapes.ts`. Rows with a NULL are left out and counted.
 */
export class ViewRows implements RowTaker {
  readonly #output: Output;
  readonly #path: Wire;
  readonly #product: Wire;
  readonly #progress: (rows: number) => void;
  #bytes: Buffer = Buffer.allocUnsafe(batchBytes);
  #at = 0;
  /** Rows in the batches before this one. */
  #rowsBefore = 0;
  /** How far the row has been read. */
  #from = 0;
  #writing: Promise<void> | undefined;
  #full: { readonly bytes: Buffer; readonly lines: number }[] = [];
  rows = 0;
  nulls = 0;

  /** @param progress told now and then how many rows came */
  constructor(output: Output, path: Wire, product: Wire, progress: (rows: number) => void) {
    this.#output = output;
    this.#path = path;
    this.#product = product;
    this.#progress = progress;
  }

  /** Rows that came. */
  get read(): number {
    return this.rows + this.nulls;
  }

  row(bytes: Buffer, start: number, end: number): void {
    if ((bytes[start]! & nullBits) !== 0) {
      this.nulls++;
      return;
    }
    // Escapes double a text at most.
    const most = 2 * (end - start) + longestIntegers;
    if (this.#bytes.length - this.#at < most) {
      this.#endBatch(most);
    }
    this.#from = start + 1;
    this.#value(bytes, this.#path, tab);
    this.#value(bytes, this.#product, lineFeed);
    if (this.#from !== end) {
      throw new Error(`The row has ${end - start} bytes, its two values ${this.#from - start}`);
    }
    this.rows++;
  }

  /**
   * Hands over the batches that are full. Reading goes on while one batch is being written and waits when the next is full before that:
   * compressing one and filling the next then share two cores, which took a tenth off the time of a `.gz`.
   */
  pace(): Promise<void> | undefined {
    this.#progress(this.read);
    if (this.#full.length === 0) {
      return undefined;
    }
    const before = this.#writing;
    this.#writing = this.#writeFull(before);
    // Whoever waits for it learns of a failure; after a lost connection nobody does.
    this.#writing.catch(() => {});
    return before;
  }

  /** Writes what is left of the last batch. */
  async end(): Promise<void> {
    this.#endBatch(0);
    await this.#writeFull(this.#writing);
  }

  async #writeFull(before: Promise<void> | undefined): Promise<void> {
    const full = this.#full;
    this.#full = [];
    await before;
    for (const { bytes, lines } of full) {
      await this.#output.write(bytes, lines);
    }
  }

  /** Begins a batch with room for `least` bytes. */
  #endBatch(least: number): void {
    this.#full.push({ bytes: this.#bytes.subarray(0, this.#at), lines: this.rows - this.#rowsBefore });
    this.#rowsBefore = this.rows;
    this.#bytes = Buffer.allocUnsafe(Math.max(batchBytes, least));
    this.#at = 0;
  }

  /** Copies the next value of the row, and `after` behind it. */
  #value(bytes: Buffer, wire: Wire, after: number): void {
    if (wire === 'text') {
      this.#text(bytes);
    } else {
      this.#integer(bytes, wire);
    }
    this.#bytes[this.#at++] = after;
  }

  #integer(bytes: Buffer, { bytes: width, unsigned }: IntegerType): void {
    const from = this.#from;
    this.#from = from + width;
    let low = bytes[from]!;
    let high = 0;
    if (width >= 4) {
      low = (low | (bytes[from + 1]! << 8) | (bytes[from + 2]! << 16) | (bytes[from + 3]! << 24)) >>> 0;
      if (width === 8) {
        high = (bytes[from + 4]! | (bytes[from + 5]! << 8) | (bytes[from + 6]! << 16) | (bytes[from + 7]! << 24)) >>> 0;
      }
    } else if (width === 2) {
      low |= bytes[from + 1]! << 8;
    }
    if (!unsigned && bytes[from + width - 1]! >= 0x80) {
      this.#bytes[this.#at++] = minus;
      if (width === 8) {
        high = (~high + (low === 0 ? 1 : 0)) >>> 0;
        low = -low >>> 0;
      } else {
        low = 2 ** (8 * width) - low;
      }
    }
    this.#at =
      high === 0 ? writeUnsigned32(this.#bytes, this.#at, low) : writeUnsigned64(this.#bytes, this.#at, high, low);
  }

  #text(bytes: Buffer): void {
    const end = textEnd(bytes, this.#from);
    const out = this.#bytes;
    let at = this.#at;
    for (let from = textStart(bytes, this.#from); from < end; from++) {
      const byte = bytes[from]!;
      const letter = letterOf[byte]!;
      if (letter === 0) {
        out[at++] = byte;
      } else {
        out[at++] = backslash;
        out[at++] = letter;
      }
    }
    this.#at = at;
    this.#from = end;
  }
}
