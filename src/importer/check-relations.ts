import { createHash } from 'node:crypto';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import type { IdOrder } from '../relation/id-order.ts';
import { compareBytes, compareIntegers } from '../relation/id-order.ts';
import { readBytes } from '../storage/input.ts';
import { storageOf } from '../storage/storage.ts';
import { NumberBatch, type RelationBatch, type TextBatch } from '../tsv/relation-batch.ts';
import { parseRelations, relationsRemedy } from '../tsv/relation-rows.ts';
import { withProgress } from '../with-progress.ts';
import { type IdFacts, IdFactsCollector } from './id-facts.ts';

/** A file that is said to hold relations. */
export interface RelationsFile {
  /** Where it can be read, again and again. */
  readonly location: string;
  /** Its name for messages. */
  readonly name: string;
  /** How many relations it is said to hold, where anybody says so: for the progress. */
  readonly relations?: number | undefined;
}

/** A file that is whole and in order, and what is in it. */
export interface CheckedRelations extends RelationsFile {
  readonly relations: number;
  readonly sources: number;
  readonly largestWeight: number;
  /** Over sources and targets. */
  readonly ids: IdFacts;
  /** The orders that the rows are in; a file may be in both, for example when all ids have the same number of digits. */
  readonly orders: readonly IdOrder[];
  /** Of the uncompressed content. */
  readonly bytes: number;
  readonly sha256: string;
}

/** The rows of a file are not in the order that was expected; they may well be in the other one. */
export class OtherOrder extends Error {
  readonly location: string;

  constructor({ location, name }: RelationsFile, order: IdOrder) {
    super(`${name} is not in ${order} order`);
    this.location = location;
  }
}

/**
 * Reads a relations file to its end and checks it, in constant memory, before anything is done with it.
 *
 * @throws ExpectedFailure `badData` with file and line when it is not a relations file: a row is no relation, rows are double or out of
 *   order, or an id is related to itself
 */
export async function checkRelations(file: RelationsFile, effects: Effects): Promise<CheckedRelations> {
  const reading = new CheckedReading(file, undefined, effects);
  for await (const _ of withProgress(reading.rows(), 'Checking', 'relations', effects, reading.expected)) {
    // Each batch was checked before it came here.
  }
  return reading.checked();
}

/** One reading of a relations file that checks the rows as it hands them on. */
export class CheckedReading {
  readonly #file: RelationsFile;
  readonly #order: IdOrder | undefined;
  readonly #effects: Effects;
  readonly #hash = createHash('sha256');
  readonly #check: RowCheck;
  #bytes = 0;
  /** Bytes of the file, as it is stored, and how many of them were read; `undefined` of a pipe, and where they are not needed. */
  #size: number | undefined;
  #read = 0;

  /** @param order the one that the reader needs, if there is one */
  constructor(file: RelationsFile, order: IdOrder | undefined, effects: Effects) {
    this.#file = file;
    this.#order = order;
    this.#effects = effects;
    this.#check = new RowCheck(file.name);
  }

  /** How many relations there are: what is said, else as many as those so far let expect; `undefined` before the first. */
  readonly expected = (): number | undefined =>
    this.#file.relations ??
    (this.#size === undefined || this.#read === 0
      ? undefined
      : Math.round((this.#check.relations * this.#size) / this.#read));

  /** @throws ExpectedFailure as `checkRelations` does; OtherOrder at the first row that is not in the order asked for */
  async *rows(): AsyncGenerator<RelationBatch> {
    const { location, name, relations } = this.#file;
    this.#size = relations === undefined ? await sizeOf(location, this.#effects) : undefined;
    const read = readBytes(location, this.#effects, (bytes) => {
      this.#read += bytes;
    });
    const bytes = this.#hashed(read);
    for await (const rows of parseRelations(name, bytes, this.#order !== 'text')) {
      this.#check.add(rows);
      if (this.#order !== undefined && !this.#check.orders.includes(this.#order)) {
        throw new OtherOrder(this.#file, this.#order);
      }
      yield rows;
    }
  }

  /** Once all rows were read. */
  checked(): CheckedRelations {
    const { relations, sources, largestWeight, ids, orders } = this.#check;
    return {
      ...this.#file,
      relations,
      sources,
      largestWeight,
      ids,
      orders,
      bytes: this.#bytes,
      sha256: this.#hash.digest('hex'),
    };
  }

  async *#hashed(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.#hash.update(chunk);
      this.#bytes += chunk.length;
      yield chunk;
    }
  }
}

/** Bytes of a file as it is stored; `undefined` where that is not known, as of a pipe. */
async function sizeOf(location: string, effects: Effects): Promise<number | undefined> {
  try {
    const storage = await storageOf(location, effects);
    const file = await storage.seek?.(location);
    await file?.close();
    return file?.size;
  } catch {
    // What is wrong with it is said when it is read.
    return undefined;
  }
}

/** The ids of a row. */
interface NumberRow {
  readonly source: number;
  readonly target: number;
}

/** No row: less than any. */
const beforeAll: NumberRow = { source: -1, target: -1 };

function areSorted(sources: Float64Array, targets: Float64Array, length: number, last: NumberRow): boolean {
  let { source, target } = last;
  for (let at = 0; at < length; at++) {
    const nextSource = sources[at]!;
    const nextTarget = targets[at]!;
    if (nextSource < source || (nextSource === source && nextTarget <= target)) {
      return false;
    }
    source = nextSource;
    target = nextTarget;
  }
  return true;
}

class RowCheck {
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

  constructor(file: string) {
    this.#file = file;
  }

  get orders(): IdOrder[] {
    return [
      ...(this.#integerOrder ? ['integer' as const] : []),
      ...(this.#notTextOrder === undefined ? ['text' as const] : []),
    ];
  }

  add(batch: RelationBatch): void {
    if (!(batch instanceof NumberBatch) || !this.#addNumbers(batch)) {
      this.#addText(batch.asText());
    }
    this.relations += batch.length;
  }

  /** @returns false, having done nothing, unless the rows are sorted by number behind others that are */
  #addNumbers({ firstLine, length, sources, targets, weights }: NumberBatch): boolean {
    const last = this.#lastNumbers;
    if (last === undefined || !areSorted(sources, targets, length, last)) {
      return false;
    }
    let { source: lastSource, target: lastTarget } = last;
    for (let at = 0; at < length; at++) {
      const source = sources[at]!;
      const target = targets[at]!;
      if (source === target) {
        this.#fail(firstLine + at, 'a product is related to itself');
      }
      this.ids.addNumber(target);
      if (source !== lastSource) {
        this.ids.addNumber(source);
        this.sources++;
      }
      if (
        this.#notTextOrder === undefined &&
        (source === lastSource ? String(lastTarget) > String(target) : String(lastSource) > String(source))
      ) {
        this.#notTextOrder = firstLine + at;
      }
      lastSource = source;
      lastTarget = target;
      const weight = weights[at]!;
      if (weight > this.largestWeight) {
        this.largestWeight = weight;
      }
    }
    this.#lastNumbers = { source: lastSource, target: lastTarget };
    return true;
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
