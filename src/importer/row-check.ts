import { ExpectedFailure } from '../failure.ts';
import { compareBytes, compareIntegers, type IdOrder } from '../relation/id-order.ts';
import { NumberBatch, type RelationBatch, type TextBatch } from '../tsv/relation-batch.ts';
import { relationsRemedy } from '../tsv/relation-rows.ts';
import { IdFactsCollector } from './id-facts.ts';

/** The ids of a row. */
interface NumberRow {
  readonly source: number;
  readonly target: number;
}

/** No row: less than any, also as text. */
const beforeAll: NumberRow = { source: -1, target: -1 };

/** Checks the rows of a relations file, batch by batch: the orders that they are in, and that none is double or of one product. Constant memory. */
export class RowCheck {
  readonly ids = new IdFactsCollector();
  relations = 0;
  sources = 0;
  largestWeight = 0;
  readonly #file: string;
  #integerOrder = true;
  /** The first line that is not in text order. */
  #notTextOrder: number | undefined;
  /** The last row, as long as all were numbers in the order of numbers. */
  #lastNumbers: NumberRow | undefined = beforeAll;
  /** The last row otherwise, and the bytes of its ids. */
  #bytes: Uint8Array = new Uint8Array(0);
  #sourceStart = 0;
  #sourceEnd = 0;
  #targetStart = 0;
  #targetEnd = 0;

  /** @param file its name for messages */
  constructor(file: string) {
    this.#file = file;
  }

  get orders(): IdOrder[] {
    return [
      ...(this.#integerOrder ? ['integer' as const] : []),
      ...(this.#notTextOrder === undefined ? ['text' as const] : []),
    ];
  }

  /** @throws ExpectedFailure `badData` with file and line at the first row that cannot be */
  add(batch: RelationBatch): void {
    if (!(batch instanceof NumberBatch) || !this.#addNumbers(batch)) {
      this.#addText(batch.asText());
    }
    this.relations += batch.length;
  }

  /** @returns false, having done nothing, unless the rows are sorted by number behind others that are */
  #addNumbers(batch: NumberBatch): boolean {
    const last = this.#lastNumbers;
    if (last === undefined) {
      return false;
    }
    const { length, sources, targets, weights } = batch;
    let { source, target } = last;
    let lists = 0;
    let smallest = Number.POSITIVE_INFINITY;
    let largest = 0;
    let { largestWeight } = this;
    // One pass that looks at numbers only: an import waits for it.
    for (let at = 0; at < length; at++) {
      const nextSource = sources[at]!;
      const nextTarget = targets[at]!;
      if (nextSource !== source) {
        if (nextSource < source) {
          return false;
        }
        lists++;
        smallest = Math.min(smallest, nextSource);
        largest = Math.max(largest, nextSource);
      } else if (nextTarget <= target) {
        return false;
      }
      if (nextSource === nextTarget) {
        this.#fail(batch.firstLine + at, 'a product is related to itself');
      }
      smallest = Math.min(smallest, nextTarget);
      largest = Math.max(largest, nextTarget);
      largestWeight = Math.max(largestWeight, weights[at]!);
      source = nextSource;
      target = nextTarget;
    }
    this.#lookAtNumbers(batch, last);
    if (length > 0) {
      this.ids.addNumber(smallest);
      this.ids.addNumber(largest);
    }
    this.sources += lists;
    this.largestWeight = largestWeight;
    this.#lastNumbers = { source, target };
    return true;
  }

  /** What the digits of the ids tell, for as long as they can tell anything. */
  #lookAtNumbers({ firstLine, length, sources, targets }: NumberBatch, last: NumberRow): void {
    let { source, target } = last;
    for (let at = 0; at < length && (this.ids.hex || this.#notTextOrder === undefined); at++) {
      const nextSource = sources[at]!;
      const nextTarget = targets[at]!;
      this.ids.addNumber(nextSource);
      this.ids.addNumber(nextTarget);
      if (nextSource === source ? String(target) > String(nextTarget) : String(source) > String(nextSource)) {
        this.#notTextOrder ??= firstLine + at;
      }
      source = nextSource;
      target = nextTarget;
    }
  }

  #addText(batch: TextBatch): void {
    this.#forgetNumbers();
    const { bytes, firstLine, length, sourceStarts, sourceEnds, targetStarts, targetEnds, weights } = batch;
    for (let at = 0; at < length; at++) {
      const sourceStart = sourceStarts[at]!;
      const sourceEnd = sourceEnds[at]!;
      const targetStart = targetStarts[at]!;
      const targetEnd = targetEnds[at]!;
      const line = firstLine + at;
      if (compareBytes(bytes, sourceStart, sourceEnd, bytes, targetStart, targetEnd) === 0) {
        this.#fail(line, 'a product is related to itself');
      }
      this.ids.add(bytes, targetStart, targetEnd);
      const sharesPlace = at > 0 && sourceStart === this.#sourceStart;
      if (sharesPlace || this.#compareSource(bytes, sourceStart, sourceEnd) === 0) {
        this.#order(this.#targetStart, this.#targetEnd, bytes, targetStart, targetEnd, line);
      } else {
        this.ids.add(bytes, sourceStart, sourceEnd);
        this.sources++;
        this.#order(this.#sourceStart, this.#sourceEnd, bytes, sourceStart, sourceEnd, line);
      }
      this.#bytes = bytes;
      this.#sourceStart = sourceStart;
      this.#sourceEnd = sourceEnd;
      this.#targetStart = targetStart;
      this.#targetEnd = targetEnd;
      const weight = weights[at]!;
      if (weight > this.largestWeight) {
        this.largestWeight = weight;
      }
    }
  }

  /** From here on the last row is kept as bytes. */
  #forgetNumbers(): void {
    const last = this.#lastNumbers;
    if (last !== undefined && last !== beforeAll) {
      const source = Buffer.from(String(last.source));
      const target = Buffer.from(String(last.target));
      this.#bytes = Buffer.concat([source, target]);
      this.#sourceEnd = source.length;
      this.#targetStart = source.length;
      this.#targetEnd = source.length + target.length;
    }
    this.#lastNumbers = undefined;
  }

  #compareSource(bytes: Uint8Array, start: number, end: number): number {
    return compareBytes(this.#bytes, this.#sourceStart, this.#sourceEnd, bytes, start, end);
  }

  /** The id `bytes[start, end)` follows one of the last row, which is empty before the first source. */
  #order(from: number, to: number, bytes: Uint8Array, start: number, end: number, line: number): void {
    if (this.#integerOrder) {
      this.#integerOrder = this.ids.integers && compareIntegers(this.#bytes, from, to, bytes, start, end) < 0;
    }
    if (this.#notTextOrder === undefined || !this.#integerOrder) {
      const step = compareBytes(this.#bytes, from, to, bytes, start, end);
      if (step === 0) {
        this.#fail(line, 'the relation is there twice');
      }
      if (step > 0) {
        this.#notTextOrder ??= line;
      }
    }
    if (!this.#integerOrder && this.#notTextOrder !== undefined) {
      this.#fail(
        this.ids.integers ? line : this.#notTextOrder,
        'rows out of order, neither by number (as they would be if every id was an integer) nor by the bytes of the ids',
      );
    }
  }

  #fail(line: number, reason: string): never {
    throw new ExpectedFailure('badData', `Cannot use ${this.#file}:${line}: ${reason}`, { remedy: relationsRemedy });
  }
}
