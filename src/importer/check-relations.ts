import { createHash } from 'node:crypto';
import type { Effects } from '../effects.ts';
import type { IdOrder } from '../relation/id-order.ts';
import { readBytes } from '../storage/input.ts';
import { storageOf } from '../storage/storage.ts';
import type { RelationBatch } from '../tsv/relation-batch.ts';
import { parseRelations } from '../tsv/relation-rows.ts';
import { withProgress } from '../with-progress.ts';
import type { IdFacts } from './id-facts.ts';
import { RowCheck } from './row-check.ts';
import { changedMeanwhile } from './unchanged.ts';

/** A file that is said to hold relations. */
export interface RelationsFile {
  /** Where it can be read, again and again. */
  readonly location: string;
  /** Its name for messages. */
  readonly name: string;
  /** How many relations it is said to hold, where anybody says so: for the progress. */
  readonly relations?: number | undefined;
  /** The digest of the content that it is to have, where that is known. */
  readonly sha256?: string | undefined;
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

  /**
   * Once all rows were read.
   *
   * @throws ExpectedFailure `badData` when the file has not the content that it is to have
   */
  checked(): CheckedRelations {
    const { relations, sources, largestWeight, ids, orders } = this.#check;
    const sha256 = this.#hash.digest('hex');
    if (sha256 !== (this.#file.sha256 ?? sha256)) {
      throw changedMeanwhile(this.#file);
    }
    return {
      ...this.#file,
      relations,
      sources,
      largestWeight,
      ids,
      orders,
      bytes: this.#bytes,
      sha256,
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
