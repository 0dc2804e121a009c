import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { readBytes } from '../storage/input.ts';
import { unescapeInto } from './escapes.ts';
import { isNull, maxIdBytes, maxIdCharacters, rejectReasonOf, rejectReasons } from './id-rules.ts';

/** Some relations, in columns: the ids with their escapes resolved, and the number of paths. */
export class RelationBatch {
  readonly sources: string[] = [];
  readonly targets: string[] = [];
  readonly weights: number[] = [];

  get length(): number {
    return this.weights.length;
  }
}

/** Consecutive lines of a relations file. */
export class RelationLines extends RelationBatch {
  /** The number, from 1, of the line that holds the first relation of the batch. */
  readonly firstLine: number;

  constructor(firstLine: number) {
    super();
    this.firstLine = firstLine;
  }
}

const tab = 0x09;
const lineFeed = 0x0a;
const backslash = 0x5c;
const zero = 0x30;

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
 * The relations of a file, a batch a chunk of input. Rows are checked one by one (fields, ids, weights); what holds between rows
 * (order, doubles) is not.
 *
 * @param location a path, `-` or an `s3://` address; `.gz` is inflated
 * @throws ExpectedFailure `badData` with file and line at the first row that is no relation, and when the file cannot be read
 */
export function readRelations(location: string, effects: Effects): AsyncGenerator<RelationLines> {
  return parseRelations(location, readBytes(location, effects));
}

/**
 * The same for bytes that are already at hand; a row may be cut anywhere between two chunks.
 *
 * @param file its name for messages
 */
export async function* parseRelations(file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<RelationLines> {
  const parser = new RelationParser(file);
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
  readonly #scratch = new Uint8Array(maxLineBytes);
  #carry: Buffer = Buffer.alloc(0);
  /** Lines so far. */
  #lines = 0;
  #batch: RelationLines = new RelationLines(1);
  /** The source of the row before, as its field and as an id: a list's rows share one string. */
  #sourceField: Uint8Array = this.#scratch.subarray(0, 0);
  #source = '';

  constructor(file: string) {
    this.#file = file;
  }

  push(chunk: Buffer): RelationLines {
    this.#batch = new RelationLines(this.#lines + 1);
    let from = 0;
    if (this.#carry.length > 0) {
      const end = chunk.indexOf(lineFeed);
      if (end === -1) {
        this.#keep(chunk);
        return this.#batch;
      }
      from = end + 1;
      const line = Buffer.concat([this.#carry, chunk.subarray(0, from)]);
      this.#carry = Buffer.alloc(0);
      this.#wholeLines(line, 0, line.length);
    }
    const to = chunk.lastIndexOf(lineFeed) + 1;
    if (to > from) {
      this.#wholeLines(chunk, from, to);
      from = to;
    }
    if (from < chunk.length) {
      this.#keep(chunk.subarray(from));
    }
    return this.#batch;
  }

  /** The file ends: a last line without a line end counts. */
  end(): RelationLines {
    this.#batch = new RelationLines(this.#lines + 1);
    if (this.#carry.length > 0) {
      const line = Buffer.concat([this.#carry, Buffer.of(lineFeed)]);
      this.#wholeLines(line, 0, line.length);
    }
    return this.#batch;
  }

  /** Keeps the beginning of a line until its end arrives. */
  #keep(part: Buffer): void {
    this.#carry = Buffer.concat([this.#carry, part]);
    if (this.#carry.length > maxLineBytes) {
      this.#lines++;
      this.#fail('the line is too long for a relation');
    }
  }

  /** `bytes[from, to)` are whole lines, the last line end included. */
  #wholeLines(bytes: Buffer, from: number, to: number): void {
    let start = from;
    let firstTab = 0;
    let secondTab = 0;
    let tabs = 0;
    let careful = false;
    for (let at = from; at < to; at++) {
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
        this.#row(bytes, start, firstTab, secondTab, at, careful);
        start = at + 1;
        tabs = 0;
        careful = false;
      }
    }
  }

  #row(bytes: Buffer, start: number, firstTab: number, secondTab: number, end: number, careful: boolean): void {
    if (!equals(this.#sourceField, bytes, start, firstTab)) {
      this.#source = this.#id(bytes, start, firstTab, careful);
      this.#sourceField = bytes.subarray(start, firstTab);
    }
    const weight = weightOf(bytes, secondTab + 1, end);
    if (weight === undefined) {
      this.#fail('the weight is not a positive integer of at most 2^53 - 1, written in digits alone');
    }
    this.#batch.sources.push(this.#source);
    this.#batch.targets.push(this.#id(bytes, firstTab + 1, secondTab, careful));
    this.#batch.weights.push(weight);
  }

  /** The id in a field; plain ASCII without escapes, as nearly all are, needs no decoding. */
  #id(bytes: Buffer, start: number, end: number, careful: boolean): string {
    const length = end - start;
    if (!careful && length > 0 && length <= maxIdCharacters && !isNull(bytes, start, end)) {
      return bytes.toString('latin1', start, end);
    }
    if (length > 2 * maxIdBytes) {
      this.#fail(rejectReasons.long);
    }
    const ids = this.#scratch;
    const unescaped = unescapeInto(bytes, start, end, ids);
    const reason = rejectReasonOf(ids, 0, unescaped);
    if (reason !== undefined) {
      this.#fail(reason);
    }
    return Buffer.from(ids.buffer, 0, unescaped).toString('utf8');
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
