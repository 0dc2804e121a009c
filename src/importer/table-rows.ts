import { ExpectedFailure } from '../failure.ts';
import type { RowTaker } from '../mysql/binary-rows.ts';
import { integerBytes, textEnd, textStart } from '../mysql/binary-values.ts';
import type { Column } from '../mysql/columns.ts';
import { RelationBatch } from '../tsv/relation-rows.ts';
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

/**
 * Decodes the rows of the target table and hands them over in batches. One batch is being filled while another one waits to be fetched;
 * the reading from the server waits when both are full.
 */
export class TableRows implements RowTaker {
  readonly #options: TableRowsOptions;
  #filling = new RelationBatch();
  #source = '';
  #target = '';
  #from = 0;
  /** The batches that are ready, at most the rows of one chunk from the network more than one. */
  readonly #ready: RelationBatch[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeServer: ((error?: Error) => void) | undefined;

  constructor(options: TableRowsOptions) {
    this.#options = options;
  }

  row(bytes: Buffer, start: number): void {
    if ((bytes[start]! & nullBits) !== 0) {
      this.#fail('it holds a NULL', 'Delete such rows; relations have a source, a target and a weight.');
    }
    const { source: sourceColumn, target: targetColumn, weight: weightColumn, order } = this.#options;
    this.#from = start + 1;
    const source = this.#value(bytes, sourceColumn);
    const target = this.#value(bytes, targetColumn);
    const sameSource = source === this.#source;
    const previous = sameSource ? order.target(this.#target, target) : order.source(this.#source, source);
    if (previous >= 0 && this.#target !== '') {
      this.#fail(
        `it sorts ${JSON.stringify([this.#source, this.#target])} before ${JSON.stringify([source, target])}`,
        'Give the id columns a binary collation and a unique key.',
      );
    }
    // A list's rows share one string.
    this.#source = sameSource ? this.#source : source;
    this.#target = target;
    this.#filling.sources.push(this.#source);
    this.#filling.targets.push(target);
    this.#filling.weights.push(Number(this.#value(bytes, weightColumn)));
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
      this.#ready.push(this.#filling);
      this.#filling = new RelationBatch();
      this.#wakeReader?.();
    }
  }

  #value(bytes: Buffer, column: Column): string {
    const from = this.#from;
    if (column.kind !== 'integer') {
      return this.#text(bytes);
    }
    const width = integerBytes(column.dataType);
    this.#from += width;
    if (width < 8) {
      return String(column.unsigned ? bytes.readUIntLE(from, width) : bytes.readIntLE(from, width));
    }
    const high = bytes.readUInt32LE(from + 4);
    if (high < 2 ** 21) {
      return String(high * 2 ** 32 + bytes.readUInt32LE(from));
    }
    return String(column.unsigned ? bytes.readBigUInt64LE(from) : bytes.readBigInt64LE(from));
  }

  #text(bytes: Buffer): string {
    const from = this.#from;
    this.#from = textEnd(bytes, from);
    return bytes.toString('utf8', textStart(bytes, from), this.#from);
  }

  #fail(what: string, remedy: string): never {
    throw new ExpectedFailure('badData', `Cannot compare with table ${this.#options.table}: ${what}`, { remedy });
  }
}
