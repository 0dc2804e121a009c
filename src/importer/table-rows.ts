import { ExpectedFailure } from '../failure.ts';
import type { RowTaker } from '../mysql/binary-rows.ts';
import type { Column } from '../mysql/columns.ts';
import type { RelationBatch } from '../tsv/relation-batch.ts';
import type { RowOrder } from './compare.ts';
import type { RelationColumns } from './create-tables.ts';
import { NumberRows } from './number-rows.ts';
import { TextRows } from './text-rows.ts';

/** What a result has, in its three columns: source, target, weight. */
export interface TableRowsOptions extends RelationColumns {
  /** For messages. */
  readonly table: string;
  readonly order: RowOrder;
}

/** Bytes from the network, in two views. */
export interface Received {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** Fills batches with rows as the server sends them. */
export interface RowDecoder {
  /** Rows of the batch that is being filled. */
  readonly length: number;
  /**
   * Adds the row whose values begin at `start`.
   *
   * @returns `unsorted` when it does not sort behind the one before, `other` when it was not added, because it needs another decoder
   */
  row(received: Received, start: number): 'taken' | 'unsorted' | 'other';
  /**
   * Adds rows that stand in packets from `start` on, as many as need no look of their own.
   *
   * @returns where the first packet begins that was not taken
   */
  plainRows?(bytes: Buffer, start: number): number;
  /** The rows so far; others go to the next batch. */
  take(): RelationBatch;
  /** Nobody reads this batch any more: it may be filled again. */
  recycle?(batch: RelationBatch): void;
}

/** Rows of a batch, before those of the same chunk: large enough that handing one over costs nothing, small enough to wait in memory. */
const batchRows = 4096;

/** The bits of the three columns in the bitmap of NULLs, whose first two bits are reserved. */
const nullBits = 0b11100;

/**
 * Decodes the rows of the target table and hands them over in batches. One batch is being filled while another one waits to be fetched;
 * the reading from the server waits when both are full.
 */
export class TableRows implements RowTaker {
  readonly #options: TableRowsOptions;
  #decoder: RowDecoder;
  #received: Received = { bytes: Buffer.alloc(0), view: new DataView(new ArrayBuffer(0)) };
  /** The batch that is being read, and the one that was handed over last, which may be the same. */
  #reading: RelationBatch | undefined;
  #last: RelationBatch | undefined;
  /** The batches that are ready, at most the rows of one chunk from the network more than one. */
  readonly #ready: RelationBatch[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeServer: ((error?: Error) => void) | undefined;

  constructor(options: TableRowsOptions) {
    const { order, source, target } = options;
    this.#options = options;
    this.#decoder =
      order.ids === 'integer' && isInteger(source) && isInteger(target)
        ? new NumberRows(options)
        : new TextRows(options, order, undefined);
  }

  row(bytes: Buffer, start: number): void {
    if ((bytes[start]! & nullBits) !== 0) {
      this.#fail('it holds a NULL', 'Delete such rows; relations have a source, a target and a weight.');
    }
    if (bytes !== this.#received.bytes) {
      this.#received = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
    }
    const outcome = this.#decoder.row(this.#received, start + 1);
    if (outcome === 'other') {
      this.#handOver();
      this.#decoder = new TextRows(this.#options, this.#options.order, this.#last);
      this.row(bytes, start);
    } else if (outcome === 'unsorted') {
      const last = this.#last;
      const batch = this.#decoder.take();
      const at = batch.length - 1;
      const before = at > 0 ? nameOf(batch, at - 1) : last === undefined ? '' : nameOf(last, last.length - 1);
      this.#fail(
        `it sorts ${before} before ${nameOf(batch, at)}`,
        'Give the id columns a binary collation and a unique key.',
      );
    }
  }

  plainRows(bytes: Buffer, start: number): number {
    return this.#decoder.plainRows?.(bytes, start) ?? start;
  }

  pace(): Promise<void> | undefined {
    if (this.#ended) {
      throw new Error('The rows of the table are not wanted any more');
    }
    if (this.#decoder.length < batchRows) {
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

  /** The next rows, or `undefined` at the end; those before may then change. */
  async next(): Promise<RelationBatch | undefined> {
    while (this.#ready.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
    if (this.#reading !== undefined && this.#reading !== this.#last) {
      this.#decoder.recycle?.(this.#reading);
    }
    const batch = this.#ready.shift();
    this.#reading = batch;
    this.#wakeServer?.();
    this.#wakeServer = undefined;
    return batch;
  }

  #handOver(): void {
    if (this.#decoder.length > 0) {
      this.#last = this.#decoder.take();
      this.#ready.push(this.#last);
      this.#wakeReader?.();
    }
  }

  #fail(what: string, remedy: string): never {
    throw new ExpectedFailure('badData', `Cannot compare with table ${this.#options.table}: ${what}`, { remedy });
  }
}

function isInteger(column: Column): boolean {
  return column.kind === 'integer';
}

function nameOf(batch: RelationBatch, at: number): string {
  return JSON.stringify([batch.source(at), batch.target(at)]);
}
