import { readSync } from 'node:fs';
import { compareBytes, type IdComparison } from '../relation/id-order.ts';
import type { TemporaryFile } from '../storage/temporary-file.ts';
import { ByteWriter } from '../tsv/byte-writer.ts';
import { fieldEnd } from './lines.ts';

const tab = 0x09;
const lineFeed = 0x0a;
const zero = 0x30;

const writeBytes = 1 << 16;
const leastReadBytes = 1 << 12;
const mostReadBytes = 1 << 18;

/** Takes an id, `bytes[start, end)`, and its count. The bytes are valid during the call. */
export type CountHandler = (bytes: Uint8Array, start: number, end: number, count: number) => void;

/** Counts of ids in a temporary file: runs of lines `id TAB count`, each in the order of ids. */
export class SortedRuns {
  readonly #file: TemporaryFile;
  readonly #writer: ByteWriter;
  /** Where each run ends. */
  readonly #ends: number[] = [];

  constructor(file: TemporaryFile) {
    this.#file = file;
    this.#writer = new ByteWriter(writeBytes, (bytes) => void file.append(bytes));
  }

  /** Adds an id to the run at hand, behind those that sort before it. */
  add(bytes: Uint8Array, start: number, end: number, count: number): void {
    this.#writer.copy(bytes, start, end);
    this.#writer.byte(tab);
    this.#writer.number(count);
    this.#writer.byte(lineFeed);
  }

  endRun(): void {
    this.#writer.flush();
    this.#ends.push(this.#file.length);
  }

  /**
   * Tells all ids in order, each once, with the counts of all runs added up.
   *
   * @param memory bytes for reading, shared by the runs; each takes 4 KiB at least
   */
  merge(compare: IdComparison, memory: number, tell: CountHandler): void {
    const bytes = Math.min(mostReadBytes, Math.max(leastReadBytes, Math.floor(memory / this.#ends.length)));
    const heap = new RunHeap(compare);
    this.#ends.forEach((end, at) => {
      heap.push(new RunReader(this.#file.descriptor, this.#ends[at - 1] ?? 0, end, bytes));
    });
    let id = Buffer.alloc(leastReadBytes);
    for (let least = heap.least; least !== undefined; least = heap.least) {
      const length = least.idEnd - least.start;
      if (length > id.length) {
        id = Buffer.alloc(2 * length);
      }
      least.bytes.copy(id, 0, least.start, least.idEnd);
      let count = 0;
      for (
        let next: RunReader | undefined = least;
        next !== undefined && compareBytes(next.bytes, next.start, next.idEnd, id, 0, length) === 0;
        next = heap.least
      ) {
        count += next.count;
        heap.advance();
      }
      tell(id, 0, length, count);
    }
  }

  close(): void {
    this.#file.close();
  }
}

/** Reads a run line by line. */
class RunReader {
  readonly #descriptor: number;
  readonly #end: number;
  #position: number;
  #filled = 0;
  #next = 0;
  bytes: Buffer;
  /** The id of the line at hand is `bytes[start, idEnd)`. */
  start = 0;
  idEnd = 0;
  count = 0;

  constructor(descriptor: number, position: number, end: number, bytes: number) {
    this.#descriptor = descriptor;
    this.#position = position;
    this.#end = end;
    this.bytes = Buffer.allocUnsafeSlow(Math.min(bytes, end - position));
  }

  /** Goes on to the next line; `false` at the end. */
  next(): boolean {
    let lineEnd = this.bytes.subarray(0, this.#filled).indexOf(lineFeed, this.#next);
    while (lineEnd === -1) {
      if (this.#position === this.#end) {
        return false;
      }
      this.#fill();
      lineEnd = this.bytes.subarray(0, this.#filled).indexOf(lineFeed, this.#next);
    }
    this.start = this.#next;
    this.idEnd = fieldEnd(this.bytes, this.start, lineEnd);
    this.count = 0;
    for (let at = this.idEnd + 1; at < lineEnd; at++) {
      this.count = 10 * this.count + this.bytes[at]! - zero;
    }
    this.#next = lineEnd + 1;
    return true;
  }

  /** Reads on behind what is left. */
  #fill(): void {
    const rest = this.#filled - this.#next;
    if (rest === this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * rest);
      this.bytes.copy(larger);
      this.bytes = larger;
    } else {
      this.bytes.copyWithin(0, this.#next, this.#filled);
    }
    this.#next = 0;
    const room = Math.min(this.bytes.length - rest, this.#end - this.#position);
    const read = readSync(this.#descriptor, this.bytes, rest, room, this.#position);
    if (read === 0) {
      throw new Error(`A temporary file ends before ${this.#end}`);
    }
    this.#filled = rest + read;
    this.#position += read;
  }
}

/** The runs that have a line left; the one with the least id is at the top of a binary heap. */
class RunHeap {
  readonly #compare: IdComparison;
  readonly #runs: RunReader[] = [];

  constructor(compare: IdComparison) {
    this.#compare = compare;
  }

  get least(): RunReader | undefined {
    return this.#runs[0];
  }

  push(run: RunReader): void {
    if (run.next()) {
      let at = this.#runs.push(run) - 1;
      for (let above = (at - 1) >> 1; at > 0 && this.#isBefore(run, this.#runs[above]!); above = (at - 1) >> 1) {
        this.#runs[at] = this.#runs[above]!;
        at = above;
      }
      this.#runs[at] = run;
    }
  }

  /** Goes on to the next line of the least one. */
  advance(): void {
    const runs = this.#runs;
    let moved = runs[0]!;
    if (!moved.next()) {
      const last = runs.pop()!;
      if (last === moved) {
        return;
      }
      moved = last;
    }
    let at = 0;
    for (let below = 1; below < runs.length; below = 2 * at + 1) {
      if (below + 1 < runs.length && this.#isBefore(runs[below + 1]!, runs[below]!)) {
        below++;
      }
      if (!this.#isBefore(runs[below]!, moved)) {
        break;
      }
      runs[at] = runs[below]!;
      at = below;
    }
    runs[at] = moved;
  }

  #isBefore(a: RunReader, b: RunReader): boolean {
    return this.#compare(a.bytes, a.start, a.idEnd, b.bytes, b.start, b.idEnd) < 0;
  }
}
