import { type IntegerType, integerAt, integerType, textEnd, textStart } from '../mysql/binary-values.ts';
import type { Column } from '../mysql/columns.ts';
import { compareBytes } from '../relation/id-order.ts';
import { ByteWriter } from '../tsv/byte-writer.ts';
import { type RelationBatch, TextBatch, writeInteger } from '../tsv/relation-batch.ts';
import type { RowOrder } from './compare.ts';
import type { RelationColumns } from './create-tables.ts';
import type { Received, RowDecoder } from './table-rows.ts';

/** Bytes of ids that a batch has room for at first. */
const batchBytes = 1 << 17;

/** Decodes rows of any ids. */
export class TextRows implements RowDecoder {
  readonly #columns: RelationColumns;
  readonly #order: RowOrder;
  readonly #weight: IntegerType;
  #batch = new TextBatch();
  #ids = new ByteWriter(batchBytes);
  /** The batch before, for the order. */
  #last: TextBatch | undefined;
  /** The source of the last row as the server sent it; rows of a list are decoded once. */
  #sourceField: Uint8Array = new Uint8Array(0);

  /** @param last the rows that came before, if there were any */
  constructor(columns: RelationColumns, order: RowOrder, last: RelationBatch | undefined) {
    this.#columns = columns;
    this.#order = order;
    this.#weight = integerType(columns.weight);
    this.#last = last?.asText();
  }

  get length(): number {
    return this.#batch.length;
  }

  row(received: Received, start: number): 'taken' | 'unsorted' {
    const { source, target } = this.#columns;
    const { bytes, view } = received;
    const batch = this.#batch;
    const ids = this.#ids;
    const at = batch.length;
    const sourceEnd = fieldEnd(bytes, start, source);
    let sourceFrom = ids.length;
    let sourceTo: number;
    if (at > 0 && this.#isSameSource(bytes, start, sourceEnd)) {
      sourceFrom = batch.sourceStarts[at - 1]!;
      sourceTo = batch.sourceEnds[at - 1]!;
    } else {
      this.#sourceField = bytes.slice(start, sourceEnd);
      writeId(ids, received, start, sourceEnd, source);
      sourceTo = ids.length;
    }
    const targetEnd = fieldEnd(bytes, sourceEnd, target);
    const targetFrom = ids.length;
    writeId(ids, received, sourceEnd, targetEnd, target);
    batch.push(sourceFrom, sourceTo, targetFrom, ids.length, integerAt(view, targetEnd, this.#weight));
    return this.#isSorted(at) ? 'taken' : 'unsorted';
  }

  take(): RelationBatch {
    const batch = this.#batch;
    batch.bytes = this.#ids.bytes;
    this.#last = batch;
    this.#batch = new TextBatch();
    this.#ids = new ByteWriter(batchBytes);
    return batch;
  }

  #isSameSource(bytes: Uint8Array, start: number, end: number): boolean {
    const field = this.#sourceField;
    return compareBytes(field, 0, field.length, bytes, start, end) === 0;
  }

  /** Whether row `at` of the batch sorts behind the last one. */
  #isSorted(at: number): boolean {
    const batch = this.#batch;
    const { bytes } = this.#ids;
    const last = at > 0 ? batch : this.#last;
    if (last === undefined) {
      return true;
    }
    const was = at > 0 ? at - 1 : last.length - 1;
    const from = at > 0 ? bytes : last.bytes;
    const step =
      (at > 0 && batch.isSameSource(was, at)
        ? 0
        : this.#order.source(
            from,
            last.sourceStarts[was]!,
            last.sourceEnds[was]!,
            bytes,
            batch.sourceStarts[at]!,
            batch.sourceEnds[at]!,
          )) ||
      this.#order.target(
        from,
        last.targetStarts[was]!,
        last.targetEnds[was]!,
        bytes,
        batch.targetStarts[at]!,
        batch.targetEnds[at]!,
      );
    return step < 0;
  }
}

/** Where the value of `column` ends that begins at `start`. */
function fieldEnd(bytes: Uint8Array, start: number, column: Column): number {
  return column.kind === 'integer' ? start + integerType(column).bytes : textEnd(bytes, start);
}

/** Writes the id that the value `[start, end)` of `column` stands for. */
function writeId(ids: ByteWriter, { bytes, view }: Received, start: number, end: number, column: Column): void {
  if (column.kind !== 'integer') {
    ids.copy(bytes, textStart(bytes, start), end);
    return;
  }
  const value = integerAt(view, start, integerType(column));
  if (Number.isSafeInteger(value)) {
    writeInteger(ids, value);
  } else {
    const digits = Buffer.from(String(column.unsigned ? bytes.readBigUInt64LE(start) : bytes.readBigInt64LE(start)));
    ids.copy(digits, 0, digits.length);
  }
}
