import { type FileHandle, open } from 'node:fs/promises';
import { comparisonOf, type IdOrder } from '../../relation/id-order.ts';
import { fieldEnd } from '../../streaming/lines.ts';

const readBytes = 1 << 18;
const blockBytes = 1 << 18;
const lineFeed = 0x0a;

/** Whole lines of relations, and how many. */
export interface MergedBlock {
  readonly bytes: Buffer;
  readonly lines: number;
}

/**
 * Merges part files that are each sorted by source, and in which all lines of a source are together in one part, to one sorted stream.
 * Memory: 256 KiB and one longest row a part.
 */
export async function* mergeParts(files: readonly string[], order: IdOrder): AsyncGenerator<MergedBlock> {
  const compare = comparisonOf(order);
  const parts = files.map((file) => new Part(file));
  try {
    let open: Part[] = [];
    for (const part of parts) {
      if (await part.next()) {
        open.push(part);
      }
    }
    let waiting: Buffer[] = [];
    let waitingBytes = 0;
    let lines = 0;
    while (open.length > 0) {
      const [first, ...others] = open;
      let least = first!;
      for (const part of others) {
        if (compare(part.source, 0, part.source.length, least.source, 0, least.source.length) < 0) {
          least = part;
        }
      }
      waiting.push(least.row);
      waitingBytes += least.row.length;
      lines += least.lines;
      if (waitingBytes >= blockBytes) {
        yield { bytes: Buffer.concat(waiting), lines };
        waiting = [];
        waitingBytes = 0;
        lines = 0;
      }
      if (!(await least.next())) {
        open = open.filter((part) => part !== least);
      }
    }
    if (lines > 0) {
      yield { bytes: Buffer.concat(waiting), lines };
    }
  } finally {
    await Promise.all(parts.map((part) => part.close()));
  }
}

/** One part file, read source by source. */
class Part {
  readonly #file: string;
  #handle: FileHandle | undefined;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  #ended = false;
  /** The source at hand, and all lines that it has. */
  source: Buffer = Buffer.alloc(0);
  row: Buffer = Buffer.alloc(0);
  lines = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Goes on to the next source; `false` at the end. */
  async next(): Promise<boolean> {
    if (this.#at === this.#buffer.length && !(await this.#more())) {
      return false;
    }
    let sourceEnd = fieldEnd(this.#buffer, this.#at, this.#buffer.length);
    while (sourceEnd === this.#buffer.length && (await this.#more())) {
      sourceEnd = fieldEnd(this.#buffer, this.#at, this.#buffer.length);
    }
    const length = sourceEnd - this.#at + 1;
    const key = Buffer.from(this.#buffer.subarray(this.#at, this.#at + length));
    this.source = key.subarray(0, length - 1);
    this.lines = 0;
    let end = 0;
    for (;;) {
      const start = this.#at + end;
      if (this.#buffer.length - start < length && (await this.#more())) {
        continue;
      }
      if (key.compare(this.#buffer, start, Math.min(start + length, this.#buffer.length)) !== 0) {
        break;
      }
      const lineEnd = this.#buffer.indexOf(lineFeed, start);
      if (lineEnd === -1) {
        if (!(await this.#more())) {
          throw new Error(`Cannot merge ${this.#file}: its last line has no end`);
        }
        continue;
      }
      end = lineEnd + 1 - this.#at;
      this.lines++;
    }
    this.row = this.#buffer.subarray(this.#at, this.#at + end);
    this.#at += end;
    return true;
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }

  /** Reads on behind what is at hand; rows that were handed out keep the old memory. */
  async #more(): Promise<boolean> {
    if (this.#ended) {
      return false;
    }
    this.#handle ??= await open(this.#file, 'r');
    const rest = this.#buffer.subarray(this.#at);
    const buffer = Buffer.allocUnsafe(rest.length + Math.max(readBytes, rest.length));
    rest.copy(buffer);
    const { bytesRead } = await this.#handle.read(buffer, rest.length, buffer.length - rest.length);
    this.#ended = bytesRead === 0;
    this.#buffer = buffer.subarray(0, rest.length + bytesRead);
    this.#at = 0;
    return bytesRead > 0;
  }
}
