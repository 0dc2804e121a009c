import { compareBytes } from '../relation/id-order.ts';
import { ByteWriter } from '../tsv/byte-writer.ts';
import { TextBatch } from '../tsv/relation-batch.ts';

const tab = 0x09;
const lineFeed = 0x0a;
const zero = 0x30;

/** An op, a tab and a source before it: where the source of a line begins. */
const sourceAt = 2;

/** Changes for one transaction: whole lists. */
export interface ChangeBatch {
  /** The first byte of each line, as `opBytes` has them. */
  readonly ops: Uint8Array;
  /** Ids with their escapes, as they stand in the file, and new weights; 0 for what is removed. */
  readonly rows: TextBatch;
}

/**
 * Reads the lines that a `ChangeWriter` wrote, given in chunks of any size, in batches that end where a source ends. In columns: an object
 * and five strings for every change took as much time as all else that is done to apply them.
 *
 * @param minRows of a batch, unless it is the last
 */
export async function* changeBatches(chunks: AsyncIterable<Uint8Array>, minRows: number): AsyncGenerator<ChangeBatch> {
  let batch = new BatchBuilder();
  let carry: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
      const sourceEnd = bytes.indexOf(tab, start + sourceAt);
      if (batch.length >= minRows && !batch.endsWithSource(bytes, start + sourceAt, sourceEnd)) {
        yield batch.take();
        batch = new BatchBuilder();
      }
      batch.add(bytes, start, sourceEnd, end);
      start = end + 1;
    }
    carry = bytes.subarray(start);
  }
  if (batch.length > 0) {
    yield batch.take();
  }
}

class BatchBuilder {
  readonly #rows = new TextBatch();
  readonly #ids = new ByteWriter(1 << 17);
  readonly #ops = new ByteWriter(1 << 13);

  get length(): number {
    return this.#rows.length;
  }

  /** Whether the last row is of the source `bytes[start, end)`. */
  endsWithSource(bytes: Uint8Array, start: number, end: number): boolean {
    const { length, sourceStarts, sourceEnds } = this.#rows;
    return (
      length > 0 &&
      compareBytes(this.#ids.bytes, sourceStarts[length - 1]!, sourceEnds[length - 1]!, bytes, start, end) === 0
    );
  }

  /** Adds the line `bytes[start, end)`, whose source ends at `sourceEnd`. */
  add(bytes: Uint8Array, start: number, sourceEnd: number, end: number): void {
    const ids = this.#ids;
    const rows = this.#rows;
    const last = rows.length - 1;
    let sourceFrom = ids.length;
    if (this.endsWithSource(bytes, start + sourceAt, sourceEnd)) {
      sourceFrom = rows.sourceStarts[last]!;
    } else {
      ids.copy(bytes, start + sourceAt, sourceEnd);
    }
    const sourceTo = sourceFrom + sourceEnd - start - sourceAt;
    const targetEnd = bytes.indexOf(tab, sourceEnd + 1);
    const targetFrom = ids.length;
    ids.copy(bytes, sourceEnd + 1, targetEnd);
    let weight = 0;
    for (let at = bytes.indexOf(tab, targetEnd + 1) + 1; at < end; at++) {
      weight = 10 * weight + bytes[at]! - zero;
    }
    rows.push(sourceFrom, sourceTo, targetFrom, ids.length, weight);
    this.#ops.byte(bytes[start]!);
  }

  take(): ChangeBatch {
    this.#rows.bytes = this.#ids.bytes;
    return { ops: this.#ops.bytes, rows: this.#rows };
  }
}
