import { ByteWriter } from './byte-writer.ts';
import { writeEscapedId } from './escapes.ts';

/** Rows that a batch has room for at first. */
const initialRows = 8192;

/** The largest id, either side of zero, that a `NumberBatch` takes: every integer of 15 digits is a number of its own. */
export const largestNumber = 10 ** 15 - 1;

const tab = 0x09;
const lineFeed = 0x0a;
const minus = 0x2d;

/**
 * Some relations, in columns, because an object for every row is what comparing millions of them would wait for. Their ids are numbers or
 * bytes.
 */
export abstract class RelationBatch {
  /** Rows. */
  length = 0;
  /** Numbers of paths. */
  weights: Float64Array = new Float64Array(initialRows);
  /** The number, from 1, of the line that holds the first row; 0 when the rows are not from a file. */
  firstLine = 0;

  abstract source(at: number): string;
  abstract target(at: number): string;
  /** The row behind the last one of this batch that belongs to the list of row `at`. */
  abstract listEnd(at: number): number;
  /** Writes an id as a field of a TSV line. */
  abstract writeSource(text: ByteWriter, at: number): void;
  abstract writeTarget(text: ByteWriter, at: number): void;
  /** The same rows with their ids as bytes. */
  abstract asText(): TextBatch;

  /** Writes a row as the line of a relations file. */
  writeLine(text: ByteWriter, at: number): void {
    this.writeSource(text, at);
    text.byte(tab);
    this.writeTarget(text, at);
    text.byte(tab);
    writeInteger(text, this.weights[at]!);
    text.byte(lineFeed);
  }
}

/** Relations whose ids are integers up to `largestNumber`: they are compared in one step. 24 bytes a row. */
export class NumberBatch extends RelationBatch {
  sources: Float64Array = new Float64Array(initialRows);
  targets: Float64Array = new Float64Array(initialRows);

  push(source: number, target: number, weight: number): void {
    const at = this.length;
    if (at === this.weights.length) {
      this.#grow();
    }
    this.sources[at] = source;
    this.targets[at] = target;
    this.weights[at] = weight;
    this.length = at + 1;
  }

  /** Adds the first `rows` of these columns. */
  append(sources: Float64Array, targets: Float64Array, weights: Float64Array, rows: number): void {
    const at = this.length;
    while (at + rows > this.weights.length) {
      this.#grow();
    }
    this.sources.set(sources.subarray(0, rows), at);
    this.targets.set(targets.subarray(0, rows), at);
    this.weights.set(weights.subarray(0, rows), at);
    this.length = at + rows;
  }

  override source(at: number): string {
    return String(this.sources[at]);
  }

  override target(at: number): string {
    return String(this.targets[at]);
  }

  override listEnd(at: number): number {
    const source = this.sources[at];
    let end = at + 1;
    while (end < this.length && this.sources[end] === source) {
      end++;
    }
    return end;
  }

  override writeSource(text: ByteWriter, at: number): void {
    writeInteger(text, this.sources[at]!);
  }

  override writeTarget(text: ByteWriter, at: number): void {
    writeInteger(text, this.targets[at]!);
  }

  override asText(): TextBatch {
    const batch = new TextBatch();
    const ids = new ByteWriter(16 * this.length);
    for (let from = 0, end = 0; from < this.length; from = end) {
      end = this.listEnd(from);
      const sourceStart = ids.length;
      this.writeSource(ids, from);
      const sourceEnd = ids.length;
      for (let at = from; at < end; at++) {
        const targetStart = ids.length;
        this.writeTarget(ids, at);
        batch.push(sourceStart, sourceEnd, targetStart, ids.length, this.weights[at]!);
      }
    }
    batch.bytes = ids.bytes;
    batch.firstLine = this.firstLine;
    return batch;
  }

  #grow(): void {
    const rows = 2 * this.weights.length;
    this.sources = longer(this.sources, new Float64Array(rows));
    this.targets = longer(this.targets, new Float64Array(rows));
    this.weights = longer(this.weights, new Float64Array(rows));
  }
}

/**
 * Relations of any ids: bytes of UTF-8, escapes resolved, all in one buffer. Rows of one list that follow each other share the place of
 * their source. 24 bytes a row, and the ids.
 */
export class TextBatch extends RelationBatch {
  /** Holds the ids. */
  bytes: Uint8Array = new Uint8Array(0);
  sourceStarts: Int32Array = new Int32Array(initialRows);
  sourceEnds: Int32Array = new Int32Array(initialRows);
  targetStarts: Int32Array = new Int32Array(initialRows);
  targetEnds: Int32Array = new Int32Array(initialRows);

  push(sourceStart: number, sourceEnd: number, targetStart: number, targetEnd: number, weight: number): void {
    const at = this.length;
    if (at === this.weights.length) {
      this.#grow();
    }
    this.sourceStarts[at] = sourceStart;
    this.sourceEnds[at] = sourceEnd;
    this.targetStarts[at] = targetStart;
    this.targetEnds[at] = targetEnd;
    this.weights[at] = weight;
    this.length = at + 1;
  }

  override source(at: number): string {
    return this.#text(this.sourceStarts[at]!, this.sourceEnds[at]!);
  }

  override target(at: number): string {
    return this.#text(this.targetStarts[at]!, this.targetEnds[at]!);
  }

  override listEnd(at: number): number {
    let end = at + 1;
    while (end < this.length && this.isSameSource(at, end)) {
      end++;
    }
    return end;
  }

  /** Whether two rows that follow each other are of one list, whose source is kept once. An empty id begins where the next one does. */
  isSameSource(at: number, next: number): boolean {
    return this.sourceStarts[at] === this.sourceStarts[next] && this.sourceEnds[at] === this.sourceEnds[next];
  }

  override writeSource(text: ByteWriter, at: number): void {
    writeEscapedId(text, this.bytes, this.sourceStarts[at]!, this.sourceEnds[at]!);
  }

  override writeTarget(text: ByteWriter, at: number): void {
    writeEscapedId(text, this.bytes, this.targetStarts[at]!, this.targetEnds[at]!);
  }

  override asText(): TextBatch {
    return this;
  }

  #text(start: number, end: number): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, end - start).toString('utf8');
  }

  #grow(): void {
    const rows = 2 * this.length;
    this.sourceStarts = longer(this.sourceStarts, new Int32Array(rows));
    this.sourceEnds = longer(this.sourceEnds, new Int32Array(rows));
    this.targetStarts = longer(this.targetStarts, new Int32Array(rows));
    this.targetEnds = longer(this.targetEnds, new Int32Array(rows));
    this.weights = longer(this.weights, new Float64Array(rows));
  }
}

/** The decimal digits of an integer, which a table may hold below zero. */
export function writeInteger(text: ByteWriter, value: number): void {
  if (value < 0) {
    text.byte(minus);
  }
  text.number(Math.abs(value));
}

function longer<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
