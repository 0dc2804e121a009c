import { type IntegerType, integerAt, integerType } from '../mysql/binary-values.ts';
import { largestNumber, NumberBatch, type RelationBatch } from '../tsv/relation-batch.ts';
import { relationKernel } from '../tsv/relation-kernel.ts';
import type { RelationColumns } from './create-tables.ts';
import type { Received, RowDecoder } from './table-rows.ts';

/** Decodes rows whose ids are integers, sorted by value, as long as a `NumberBatch` takes them. */
export class NumberRows implements RowDecoder {
  readonly #source: IntegerType;
  readonly #target: IntegerType;
  readonly #weight: IntegerType;
  #batch = new NumberBatch();
  readonly #spare: NumberBatch[] = [];
  readonly #kernel = relationKernel();
  readonly #last = { source: Number.NEGATIVE_INFINITY, target: 0 };

  constructor({ source, target, weight }: RelationColumns) {
    this.#source = integerType(source);
    this.#target = integerType(target);
    this.#weight = integerType(weight);
  }

  get length(): number {
    return this.#batch.length;
  }

  row({ view }: Received, start: number): 'taken' | 'unsorted' | 'other' {
    const source = integerAt(view, start, this.#source);
    const target = integerAt(view, start + this.#source.bytes, this.#target);
    if (Math.abs(source) > largestNumber || Math.abs(target) > largestNumber) {
      return 'other';
    }
    const last = this.#last;
    const isSorted = source === last.source ? target > last.target : source > last.source;
    this.#batch.push(source, target, integerAt(view, start + this.#source.bytes + this.#target.bytes, this.#weight));
    last.source = source;
    last.target = target;
    return isSorted ? 'taken' : 'unsorted';
  }

  plainRows(bytes: Buffer, start: number): number {
    return this.#kernel.packets(bytes, start, this.#batch, [this.#source, this.#target, this.#weight], this.#last);
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
