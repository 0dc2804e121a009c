import { createHash, type Hash } from 'node:crypto';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import type { IdOrder } from '../relation/id-order.ts';
import { readBytes } from '../storage/input.ts';
import { compareIntegerIds, compareTextIds } from '../tsv/relation-order.ts';
import { parseRelations, type RelationLines, relationsRemedy } from '../tsv/relation-rows.ts';
import { type IdFacts, IdFactsCollector } from './id-facts.ts';

/** A file that is whole and in order, and what is in it. */
export interface CheckedRelations {
  /** Where it can be read again. */
  readonly location: string;
  /** Its name for messages. */
  readonly name: string;
  readonly relations: number;
  readonly sources: number;
  readonly largestWeight: number;
  /** Over sources and targets. */
  readonly ids: IdFacts;
  /** The orders that the rows are in; a file may be in both, for example when all ids have the same number of digits. */
  readonly orders: readonly IdOrder[];
  /** Of the uncompressed content. */
  readonly sha256: string;
}

/**
 * Reads a relations file to its end and checks it, in constant memory, before anything is done with it.
 *
 * @param name the file's name for messages, when `location` is a copy
 * @throws ExpectedFailure `badData` with file and line when it is not a relations file: a row is no relation, rows are double or out of
 *   order, or an id is related to itself
 */
export async function checkRelations(location: string, effects: Effects, name = location): Promise<CheckedRelations> {
  const hash = createHash('sha256');
  const check = new RowCheck(name);
  for await (const lines of parseRelations(name, hashed(readBytes(location, effects), hash))) {
    check.add(lines);
  }
  return { location, name, ...check.result(), sha256: hash.digest('hex') };
}

async function* hashed(chunks: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

class RowCheck {
  readonly #file: string;
  readonly #ids = new IdFactsCollector();
  #relations = 0;
  #sources = 0;
  #largestWeight = 0;
  #source = '';
  #target = '';
  #integerOrder = true;
  /** The first line that is not in text order. */
  #notTextOrder: number | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  add(lines: RelationLines): void {
    const { sources, targets, weights, firstLine } = lines;
    for (let at = 0; at < lines.length; at++) {
      const source = sources[at]!;
      const target = targets[at]!;
      const line = firstLine + at;
      if (source === target) {
        this.#fail(line, 'a product is related to itself');
      }
      this.#ids.add(target);
      if (source !== this.#source) {
        this.#ids.add(source);
        this.#sources++;
        this.#order(this.#source, source, line);
        this.#source = source;
      } else if (target === this.#target) {
        this.#fail(line, 'the relation is there twice');
      } else {
        this.#order(this.#target, target, line);
      }
      this.#target = target;
      this.#largestWeight = Math.max(this.#largestWeight, weights[at]!);
    }
    this.#relations += lines.length;
  }

  result(): Omit<CheckedRelations, 'location' | 'name' | 'sha256'> {
    return {
      relations: this.#relations,
      sources: this.#sources,
      largestWeight: this.#largestWeight,
      ids: this.#ids,
      orders: [
        ...(this.#integerOrder ? (['integer'] as const) : []),
        ...(this.#notTextOrder === undefined ? (['text'] as const) : []),
      ],
    };
  }

  /** `id` follows `previous`, which is empty before the first source. */
  #order(previous: string, id: string, line: number): void {
    this.#integerOrder &&= this.#ids.integers && compareIntegerIds(previous, id) < 0;
    if (this.#notTextOrder === undefined && compareTextIds(previous, id) > 0) {
      this.#notTextOrder = line;
    }
    if (!this.#integerOrder && this.#notTextOrder !== undefined) {
      this.#fail(
        this.#notTextOrder,
        'rows out of order, neither by number (as they would be if every id was an integer) nor by the bytes of the ids',
      );
    }
  }

  #fail(line: number, reason: string): never {
    throw new ExpectedFailure('badData', `Cannot use ${this.#file}:${line}: ${reason}`, { remedy: relationsRemedy });
  }
}
