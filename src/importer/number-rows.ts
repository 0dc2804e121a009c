import { type IntegerBytes, integerAt, integerBytes } from '../mysql/binary-values.ts';
import { largestNumber, NumberBatch, type RelationBatch } from '../tsv/relation-batch.ts';
import type { RelationColumns } from './create-tables.ts';
import type { Received, RowDecoder } from './table-rows.ts';

/** Decodes rows whose ids are integers, sorted by value, as long as a `NumberBatch` takes them. */
export class NumberRows implements RowDecoder {
  readonly #columns: RelationColumns;
  readonly #sourceBytes: IntegerBytes;
  readonly #targetBytes: IntegerBytes;
  readonly #weightBytes: IntegerBytes;
  #batch = new NumberBatch();
  readonly #spare: NumberBatch[] = [];
  #lastSource = Number.NEGATIVE_INFINITY;
  #lastTarget = 0;

  constructor(columns: RelationColumns) {
    this.#columns = columns;
    this.#sourceBytes = integerBytes(columns.source.dataType);
    this.#targetBytes = integerBytes(columns.target.dataType);
    this.#weightBytes = integerBytes(columns.weight.dataType);
  }

  get length(): number {
    return this.#batch.length;
  }

  row({ view }: Received, start: number): 'taken' | 'unsorted' | 'other' {
    const { source, target, weight } = this.#columns;
    const sourceId = integerAt(view, start, this.#sourceBytes, source.unsigned);
    const targetStart = start + this.#sourceBytes;
    const targetId = integerAt(view, targetStart, this.#targetBytes, target.unsigned);
    if (Math.abs(sourceId) > largestNumber || Math.abs(targetId) > largestNumber) {
      return 'other';
    }
    const isSorted = sourceId === this.#lastSource ? targetId > this.#lastTarget : sourceId > this.#lastSource;
    const weightStart = targetStart + this.#targetBytes;
    this.#batch.push(sourceId, targetId, integerAt(view, weightStart, this.#weightBytes, weight.unsigned));
    this.#lastSource = sourceId;
    this.#lastTarget = targetId;
    return isSorted ? 'taken' : 'unsorted';
  }

  take(): RelationBatch {
    const batch = this.#batch;
    this.#batch = this.#spare.pop() ?? new NumberBatch();
    this.#batch.length = 0;
    return batch;
  }

  recycle(batch: RelationBatch): void {
    if (batch instanceof NumberBatch) {
      this.#spare.push(batch);
    }
  }
}
