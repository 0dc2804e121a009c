import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { readBytes } from '../storage/input.ts';
import { unescapeInto } from './escapes.ts';
import { isNull, maxIdBytes, maxIdCharacters, rejectReasonOf, rejectReasons } from './id-rules.ts';
import { NumberBatch, type RelationBatch, TextBatch } from './relation-batch.ts';
import { relationKernel } from './relation-kernel.ts';

const tab = 0x09;
const lineFeed = 0x0a;
const backslash = 0x5c;
const zero = 0x30;

const noBytes = Buffer.alloc(0);

/** Two ids, each byte of which may be escaped, two tabs, and the 16 digits of 2^53 − 1. */
const maxLineBytes = 2 * 2 * maxIdBytes + 2 + 16;

const plain = 0;
const odd = 1;
/** The class of each byte: plain, one that needs the careful path, TAB or LF. */
const classOf = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === tab || byte === lineFeed ? byte : byte < 0x20 || byte >= 0x7f || byte === backslash ? odd : plain,
);

export const relationsRemedy =
  'A relations file holds lines of source, TAB, target, TAB, weight, sorted by source then target, as `also-viewed relate` writes it.';

/**
 * The relations of a file, a batch a chunk of input; the columns of a batch are used again for the next one, its bytes are not. Rows are checked one by one (fields, ids, weights); what holds between rows
 * (order, doubles) is not. Ids are numbers as long as all of a chunk can be, and bytes from then on.
 *
 * @param location a path, `-` or an `s3://` address; `.gz` is inflated
 * @throws ExpectedFailure `badData` with file and line at the first row that is no relation, and when the file cannot be read
 */
export function readRelations(location: string, effects: Effects): AsyncGenerator<RelationBatch> {
  return parseRelations(location, readBytes(location, effects));
}

/**
 * The same for bytes that are already at hand; a row may be cut anywhere between two chunks.
 *
 * @param file its name for messages
 * @param numbers false where ids are needed as bytes
 */
export async function* parseRelations(
  file: string,
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  numbers = true,
): AsyncGenerator<RelationBatch> {
  const parser = new RelationParser(file, numbers);
  for await (const chunk of chunks) {
    const lines = parser.push(chunk);
    if (lines.length > 0) {
      yield lines;
    }
  }
  const rest = parser.end();
  if (rest.length > 0) {
    yield rest;
  }
}

/** Parses one relations file, given in chunks of any size. */
class RelationParser {
  readonly #file: string;
  /** `undefined` once something was there that is no number. */
  #numbers: NumberBatch | undefined;
  readonly #batch = new TextBatch();
  #carry: Buffer = noBytes;
  /** Lines so far. */
  #lines = 0;
  /** The source of the row before as it stands in the file, and where its id begins in the batch. */
  #field: Uint8Array = new Uint8Array(0);
  #sourceStart = 0;
  #sourceEnd = 0;

  constructor(file: string, numbers: boolean) {
    this.#file = file;
    this.#numbers = numbers ? new NumberBatch() : undefined;
  }

  push(chunk: Buffer): RelationBatch {
    const end = chunk.lastIndexOf(lineFeed) + 1;
    const batch = this.#parse(chunk.subarray(0, end));
    this.#carry = end === 0 ? Buffer.concat([this.#carry, chunk]) : chunk.subarray(end);
    if (this.#carry.length > maxLineBytes) {
      this.#lines++;
      this.#fail('the line is too long for a relation');
    }
    return batch;
  }

  /** The file ends: a last line without a line end counts. */
  end(): RelationBatch {
    return this.#parse(this.#carry.length === 0 ? this.#carry : Buffer.of(lineFeed));
  }

  /** @param lines the rest of the line that was begun, and whole ones; or nothing */
  #parse(lines: Buffer): RelationBatch {
    const numbers = this.#numbers;
    if (numbers !== undefined) {
      numbers.length = 0;
      numbers.firstLine = this.#lines + 1;
      const firstEnd = lines.indexOf(lineFeed) + 1;
      const first = Buffer.concat([lines.length === 0 ? noBytes : this.#carry, lines.subarray(0, firstEnd)]);
      const kernel = relationKernel();
      if (kernel.lines(first, 0, numbers) === first.length && kernel.lines(lines, firstEnd, numbers) === lines.length) {
        this.#lines += numbers.length;
        return numbers;
      }
      this.#numbers = undefined;
    }
    this.#batch.length = 0;
    this.#batch.firstLine = this.#lines + 1;
    this.#parseText(lines.length === 0 ? lines : Buffer.concat([this.#carry, lines]));
    return this.#batch;
  }

  /** @param lines whole ones, the last line end included */
  #parseText(lines: Buffer): void {
    // Escapes are resolved in place, and the bytes are the caller's.
    const bytes = lines.includes(backslash) ? Buffer.from(lines) : lines;
    this.#batch.bytes = bytes;
    let start = 0;
    let firstTab = 0;
    let secondTab = 0;
    let tabs = 0;
    let careful = false;
    for (let at = 0; at < bytes.length; at++) {
      const kind = classOf[bytes[at]!];
      if (kind === plain) {
        continue;
      }
      if (kind === tab) {
        tabs++;
        if (tabs === 1) {
          firstTab = at;
        } else {
          secondTab = at;
        }
      } else if (kind === odd) {
        careful = true;
      } else {
        this.#lines++;
        if (tabs !== 2) {
          this.#fail(rejectReasons.fields);
        }
        this.#row(bytes, lines, start, firstTab, secondTab, at, careful);
        start = at + 1;
        tabs = 0;
        careful = false;
      }
    }
  }

  /** @param lines the bytes as they stand in the file */
  #row(
    bytes: Buffer,
    lines: Buffer,
    start: number,
    firstTab: number,
    secondTab: number,
    end: number,
    careful: boolean,
  ): void {
    const isFirst = this.#batch.length === 0;
    if (isFirst || !equals(this.#field, lines, start, firstTab)) {
      this.#sourceStart = start;
      this.#sourceEnd = this.#idEnd(bytes, start, firstTab, careful);
      this.#field = lines.subarray(start, firstTab);
    }
    const weight = weightOf(bytes, secondTab + 1, end);
    if (weight === undefined) {
      this.#fail('the weight is not a positive integer of at most 2^53 - 1, written in digits alone');
    }
    const targetEnd = this.#idEnd(bytes, firstTab + 1, secondTab, careful);
    this.#batch.push(this.#sourceStart, this.#sourceEnd, firstTab + 1, targetEnd, weight);
  }

  /** Where the id in a field ends once its escapes are resolved; plain ASCII without escapes, as nearly all are, stays as it is. */
  #idEnd(bytes: Buffer, start: number, end: number, careful: boolean): number {
    const length = end - start;
    if (!careful && length > 0 && length <= maxIdCharacters && !isNull(bytes, start, end)) {
      return end;
    }
    if (length > 2 * maxIdBytes) {
      this.#fail(rejectReasons.long);
    }
    const unescaped = start + unescapeInto(bytes, start, end, bytes.subarray(start));
    const reason = rejectReasonOf(bytes, start, unescaped);
    if (reason !== undefined) {
      this.#fail(reason);
    }
    return unescaped;
  }

  #fail(reason: string): never {
    throw new ExpectedFailure('badData', `Cannot use ${this.#file}:${this.#lines}: ${reason}`, {
      remedy: relationsRemedy,
    });
  }
}

function equals(field: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (field.length !== end - start || field.length === 0) {
    return false;
  }
  for (let at = 0; at < field.length; at++) {
    if (field[at] !== bytes[start + at]) {
      return false;
    }
  }
  return true;
}

function weightOf(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end === start || end - start > 16 || bytes[start] === zero) {
    return undefined;
  }
  let weight = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - zero;
    if (digit < 0 || digit > 9) {
      return undefined;
    }
    weight = 10 * weight + digit;
  }
  return Number.isSafeInteger(weight) ? weight : undefined;
}
