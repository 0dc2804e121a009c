import { firstBufferBytes, wholeBuffer } from './buffer-bytes.ts';
import type { OutputIds } from './output-ids.ts';

/** Lines that are made room for at once. */
const linesAtOnce = 1 << 10;
/** What the copies of eight bytes write beyond the end of a line. */
const slack = 16;

const lineFeed = 0x0a;
const zero = 0x30;
const maxDigits = 10;

/** Weights below 1,000, nearly all of them, with the LF behind, as the four bytes of a little-endian integer. */
const shortWeights = Int32Array.from({ length: 1_000 }, (_, weight) =>
  Buffer.from(`${weight}\n`.padEnd(4, '\0'), 'latin1').readInt32LE(),
);

/**
 * Writes rows as the lines of a relations file. Ids are copied eight bytes at a time: a loop over bytes took most of the job's time.
 *
 * The copies are of floating-point numbers, the only type of eight bytes that costs no allocation. A number that is not one may change when
 * it is copied; it would have a byte 0x7F or 0xFF in the highest place, and neither stands in an id.
 */
export class LineWriter {
  readonly #ids: OutputIds;
  readonly #idView: DataView;
  #bytes: Uint8Array<ArrayBuffer> = Buffer.allocUnsafeSlow(0);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  /** The next buffer begins with the size of the last one: what a buffer outgrows stays in the memory of its thread for long. */
  #nextBytes = firstBufferBytes;

  constructor(ids: OutputIds) {
    this.#ids = ids;
    this.#idView = new DataView(ids.bytes.buffer);
  }

  /** Writes the row of one source. */
  row(source: number, targets: Uint32Array, weights: Uint32Array, length: number): void {
    for (let from = 0; from < length; from += linesAtOnce) {
      this.#lines(source, targets, weights, from, Math.min(length, from + linesAtOnce));
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

  #lines(source: number, targets: Uint32Array, weights: Uint32Array, from: number, to: number): void {
    const { stride, starts, longest } = this.#ids;
    const ids = this.#idView;
    const sourceSlot = stride === 0 ? 8 * starts[source]! : stride * source;
    const sourceLength = ids.getUint16(sourceSlot, true);
    const sourceHead = ids.getFloat64(sourceSlot + 2, true);
    this.#makeRoom((to - from) * (sourceLength + longest + maxDigits + 1) + slack);
    const view = this.#view;
    let end = this.#length;
    for (let at = from; at < to; at++) {
      view.setFloat64(end, sourceHead, true);
      for (let done = 8; done < sourceLength; done += 8) {
        view.setFloat64(end + done, ids.getFloat64(sourceSlot + 2 + done, true), true);
      }
      end += sourceLength;

      const target = targets[at]!;
      const slot = stride === 0 ? 8 * starts[target]! : stride * target;
      const length = ids.getUint16(slot, true);
      view.setFloat64(end, ids.getFloat64(slot + 2, true), true);
      for (let done = 8; done < length; done += 8) {
        view.setFloat64(end + done, ids.getFloat64(slot + 2 + done, true), true);
      }
      end += length;

      const weight = weights[at]!;
      if (weight < 1_000) {
        view.setInt32(end, shortWeights[weight]!, true);
        end += weight < 10 ? 2 : weight < 100 ? 3 : 4;
      } else {
        end = this.#longWeight(weight, end);
      }
    }
    this.#length = end;
  }

  #longWeight(weight: number, at: number): number {
    let end = at + 1;
    for (let bound = 10; weight >= bound; bound *= 10) {
      end++;
    }
    let rest = weight;
    for (let place = end - 1; place >= at; place--) {
      const quotient = Math.floor(rest / 10);
      this.#bytes[place] = zero + rest - 10 * quotient;
      rest = quotient;
    }
    this.#bytes[end] = lineFeed;
    return end + 1;
  }

  #makeRoom(needed: number): void {
    if (this.#length + needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.#nextBytes, wholeBuffer(this.#length + needed)));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
  }
}
