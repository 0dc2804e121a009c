import { ExpectedFailure } from '../failure.ts';
import type { RowTaker } from '../mysql/binary-rows.ts';
import { type IntegerBytes, integerBytes, textEnd, textStart } from '../mysql/binary-values.ts';
import type { Column } from '../mysql/columns.ts';
import { compareBytes } from '../relation/id-order.ts';
import { ByteWriter } from '../tsv/byte-writer.ts';
import { RelationBatch } from '../tsv/relation-batch.ts';
import type { RowOrder } from './compare.ts';
import type { IdColumn } from './create-tables.ts';

/** What a result has, in its three columns: source, target, weight. */
export interface TableRowsOptions {
  /** For messages. */
  readonly table: string;
  readonly source: IdColumn;
  readonly target: IdColumn;
  readonly weight: Column;
  readonly order: RowOrder;
}

/** Rows of a batch: large enough that handing one over costs nothing, small enough (1 MB) to wait in memory. */
const batchRows = 8192;

/** The bits of the three columns in the bitmap of NULLs, whose first two bits are reserved. */
const nullBits = 0b11100;

/** Bytes of ids that a batch has room for at first. */
const batchBytes = 1 << 17;

const minus = 0x2d;

/**
 * Decodes the rows of the target table and hands them over in batches. One batch is being filled while another one waits to be fetched;
 * the reading from the server waits when both are full.
 */
export class TableRows implements RowTaker {
  readonly #options: TableRowsOptions;
  readonly #weightBytes: IntegerBytes;
  #filling = new RelationBatch();
  #ids = new ByteWriter(batchBytes);
  /** The batch before, for the order. */
  #last: RelationBatch | undefined;
  /** The source of the last row as the server sent it; rows of a list are decoded once. */
  #sourceField = new Uint8Array(0);
  /** The batches that are ready, at most the rows of one chunk from the network more than one. */
  readonly #ready: RelationBatch[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeServer: ((error?: Error) => void) | undefined;

  constructor(options: TableRowsOptions) {
    this.#options = options;
    this.#weightBytes = integerBytes(options.weight.dataType);
  }

  row(bytes: Buffer, start: number): void {
    if ((bytes[start]! & nullBits) !== 0) {
      this.#fail('it holds a NULL', 'Delete such rows; relations have a source, a target and a weight.');
    }
    const { source, target, weight } = this.#options;
    const batch = this.#filling;
    const ids = this.#ids;
    const at = batch.length;
    const sourceEnd = fieldEnd(bytes, start + 1, source);
    let sourceFrom = ids.length;
    let sourceTo: number;
    if (at > 0 && this.#isSameSource(bytes, start + 1, sourceEnd)) {
      sourceFrom = batch.sourceStarts[at - 1]!;
      sourceTo = batch.sourceEnds[at - 1]!;
    } else {
      this.#sourceField = bytes.slice(start + 1, sourceEnd);
      writeId(ids, bytes, start + 1, sourceEnd, source);
      sourceTo = ids.length;
    }
    const targetEnd = fieldEnd(bytes, sourceEnd, target);
    const targetFrom = ids.length;
    writeId(ids, bytes, sourceEnd, targetEnd, target);
    batch.push(
      sourceFrom,
      sourceTo,
      targetFrom,
      ids.length,
      integer(bytes, targetEnd, this.#weightBytes, weight.unsigned),
    );
    this.#checkOrder(at);
  }

  pace(): Promise<void> | undefined {
    if (this.#ended) {
      throw new Error('The rows of the table are not wanted any more');
    }
    if (this.#filling.length < batchRows) {
      return undefined;
    }
    this.#handOver();
    if (this.#ready.length < 2) {
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#wakeServer = (error) => (error === undefined ? resolve() : reject(error));
    });
  }

  /** The result has ended, or failed with `failure`. */
  end(failure?: { readonly error: unknown }): void {
    this.#handOver();
    this.#ended = true;
    this.#failure = failure;
    this.#wakeReader?.();
  }

  /** No more rows are wanted: a reading that waits is broken off. */
  cancel(): void {
    this.#ended = true;
    this.#wakeServer?.(new Error('The rows of the table are not wanted any more'));
  }

  /** The next rows, or `undefined` at the end. */
  async next(): Promise<RelationBatch | undefined> {
    while (this.#ready.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
    const batch = this.#ready.shift();
    this.#wakeServer?.();
    this.#wakeServer = undefined;
    return batch;
  }

  #handOver(): void {
    if (this.#filling.length > 0) {
      this.#filling.bytes = this.#ids.bytes;
      this.#ready.push(this.#filling);
      this.#last = this.#filling;
      this.#filling = new RelationBatch();
      this.#ids = new ByteWriter(batchBytes);
      this.#wakeReader?.();
    }
  }

  #isSameSource(bytes: Uint8Array, start: number, end: number): boolean {
    const field = this.#sourceField;
    return compareBytes(field, 0, field.length, bytes, start, end) === 0;
  }

  /** Row `at` of the batch must sort behind the last one. */
  #checkOrder(at: number): void {
    const { order } = this.#options;
    const batch = this.#filling;
    const { bytes } = this.#ids;
    const last = at > 0 ? batch : this.#last;
    if (last !== undefined) {
      const was = last.length - (at > 0 ? 2 : 1);
      const from = at > 0 ? bytes : last.bytes;
      const step =
        (at > 0 && batch.sourceStarts[was] === batch.sourceStarts[at]
          ? 0
          : order.source(
              from,
              last.sourceStarts[was]!,
              last.sourceEnds[was]!,
              bytes,
              batch.sourceStarts[at]!,
              batch.sourceEnds[at]!,
            )) ||
        order.target(
          from,
          last.targetStarts[was]!,
          last.targetEnds[was]!,
          bytes,
          batch.targetStarts[at]!,
          batch.targetEnds[at]!,
        );
      if (step >= 0) {
        batch.bytes = bytes;
        const names = [
          JSON.stringify([last.source(was), last.target(was)]),
          JSON.stringify([batch.source(at), batch.target(at)]),
        ];
        this.#fail(`it sorts ${names.join(' before ')}`, 'Give the id columns a binary collation and a unique key.');
      }
    }
  }

  #fail(what: string, remedy: string): never {
    throw new ExpectedFailure('badData', `Cannot compare with table ${this.#options.table}: ${what}`, { remedy });
  }
}

/** Where the value of `column` ends that begins at `start`. */
function fieldEnd(bytes: Uint8Array, start: number, column: Column): number {
  return column.kind === 'integer' ? start + integerBytes(column.dataType) : textEnd(bytes, start);
}

/** Writes the id that the value `bytes[start, end)` of `column` stands for. */
function writeId(ids: ByteWriter, bytes: Buffer, start: number, end: number, column: Column): void {
  if (column.kind !== 'integer') {
    ids.copy(bytes, textStart(bytes, start), end);
    return;
  }
  const value = integer(bytes, start, integerBytes(column.dataType), column.unsigned);
  if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) {
    ids.number(value);
  } else if (value < 0 && value >= Number.MIN_SAFE_INTEGER) {
    ids.byte(minus);
    ids.number(-value);
  } else {
    const digits = Buffer.from(String(column.unsigned ? bytes.readBigUInt64LE(start) : bytes.readBigInt64LE(start)));
    ids.copy(digits, 0, digits.length);
  }
}

/** A little-endian integer; beyond 2^53 the nearest number. */
function integer(bytes: Buffer, at: number, width: IntegerBytes, unsigned: boolean): number {
  if (width === 4) {
    const value = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    return unsigned ? value >>> 0 : value;
  }
  if (width < 8) {
    return unsigned ? bytes.readUIntLE(at, width) : bytes.readIntLE(at, width);
  }
  const low = bytes.readUInt32LE(at);
  return low + 2 ** 32 * (unsigned ? bytes.readUInt32LE(at + 4) : bytes.readInt32LE(at + 4));
}
