import { ExpectedFailure } from '../failure.ts';
import { comparisonOf, type IdComparison, type IdOrder } from '../relation/id-order.ts';

const blockBytes = 1 << 18;

const tab = 0x09;
const lineFeed = 0x0a;

/** A file of relations that is a part of one. */
export interface RelationsPart {
  /** For messages. */
  readonly name: string;
  readonly chunks: AsyncIterable<Buffer>;
}

/** Whole lines of relations, and how many. */
export interface MergedBlock {
  readonly bytes: Buffer;
  readonly lines: number;
}

/**
 * Merges parts of relations, each sorted by source and target, to one sorted stream. Memory: a chunk and a longest list of each part.
 *
 * @throws ExpectedFailure `badData` when two parts have the same relation, and when a last line has no end
 */
export async function* mergeParts(parts: readonly RelationsPart[], order: IdOrder): AsyncGenerator<MergedBlock> {
  const compare = comparisonOf(order);
  const cursors = parts.map((part) => new PartCursor(part));
  try {
    let open: PartCursor[] = [];
    for (const cursor of cursors) {
      if (await cursor.next()) {
        open.push(cursor);
      }
    }
    let waiting: Buffer[] = [];
    let waitingBytes = 0;
    let lines = 0;
    while (open.length > 0) {
      const least = withLeastSource(open, compare);
      for (const list of least.length === 1 ? [least[0]!.list] : mergeLists(least, compare)) {
        waiting.push(list);
        waitingBytes += list.length;
      }
      for (const cursor of least) {
        lines += cursor.lines;
        if (!(await cursor.next())) {
          open = open.filter((each) => each !== cursor);
        }
      }
      if (waitingBytes >= blockBytes) {
        yield { bytes: Buffer.concat(waiting), lines };
        waiting = [];
        waitingBytes = 0;
        lines = 0;
      }
    }
    if (lines > 0) {
      yield { bytes: Buffer.concat(waiting), lines };
    }
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }
}

/** The parts whose list at hand comes next; several where a list is in several parts. */
function withLeastSource(open: readonly PartCursor[], compare: IdComparison): PartCursor[] {
  let least: PartCursor[] = [];
  for (const cursor of open) {
    const { source } = cursor;
    const before = least[0]?.source;
    const step = before === undefined ? -1 : compare(source, 0, source.length, before, 0, before.length);
    if (step < 0) {
      least = [cursor];
    } else if (step === 0) {
      least.push(cursor);
    }
  }
  return least;
}

/** The lines of one source's lists in the order of their targets. */
function mergeLists(cursors: readonly PartCursor[], compare: IdComparison): Buffer[] {
  const lines = cursors.flatMap((cursor) => [...targetLines(cursor)]);
  lines.sort((a, b) => compare(a.target, 0, a.target.length, b.target, 0, b.target.length));
  for (const [at, line] of lines.entries()) {
    const before = lines[at - 1];
    if (before?.target.equals(line.target) === true) {
      throw new ExpectedFailure(
        'badData',
        `Cannot merge ${before.part} and ${line.part}: both have the relation of ${line.source} to ${line.target}`,
        { remedy: 'Leave out the part that does not belong to the others.' },
      );
    }
  }
  return lines.map(({ line }) => line);
}

interface TargetLine {
  readonly part: string;
  readonly source: Buffer;
  readonly target: Buffer;
  readonly line: Buffer;
}

function* targetLines({ name, source, list }: PartCursor): Generator<TargetLine> {
  for (let start = 0; start < list.length; ) {
    const end = list.indexOf(lineFeed, start) + 1;
    const targetStart = start + source.length + 1;
    const target = list.subarray(targetStart, list.indexOf(tab, targetStart));
    yield { part: name, source, target, line: list.subarray(start, end) };
    start = end;
  }
}

/** A place in a part, which is read list by list. */
class PartCursor {
  readonly name: string;
  readonly #chunks: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  #ended = false;
  /** The source at hand, and all lines that it has. */
  source: Buffer = Buffer.alloc(0);
  list: Buffer = Buffer.alloc(0);
  lines = 0;

  constructor({ name, chunks }: RelationsPart) {
    this.name = name;
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Goes on to the next source; `false` at the end. */
  async next(): Promise<boolean> {
    if (this.#at === this.#buffer.length && !(await this.#more())) {
      return false;
    }
    let keyEnd = this.#buffer.indexOf(tab, this.#at) + 1;
    while (keyEnd === 0 && (await this.#more())) {
      keyEnd = this.#buffer.indexOf(tab, this.#at) + 1;
    }
    if (keyEnd === 0) {
      throw this.#cutOff();
    }
    const length = keyEnd - this.#at;
    const key = Buffer.from(this.#buffer.subarray(this.#at, keyEnd));
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
          throw this.#cutOff();
        }
        continue;
      }
      end = lineEnd + 1 - this.#at;
      this.lines++;
    }
    this.list = this.#buffer.subarray(this.#at, this.#at + end);
    this.#at += end;
    return true;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #cutOff(): ExpectedFailure {
    return new ExpectedFailure('badData', `Cannot merge ${this.name}: its last line has no end`, {
      remedy: 'The file was cut off: copy or make it again.',
    });
  }

  /** Reads on behind what is at hand, at least as much again; lists that were handed out keep the old memory. */
  async #more(): Promise<boolean> {
    const rest = this.#buffer.subarray(this.#at);
    const pieces = [rest];
    let bytes = 0;
    while (!this.#ended && (bytes === 0 || bytes < rest.length)) {
      const next = await this.#chunks.next();
      this.#ended = next.done === true;
      if (next.done !== true) {
        pieces.push(next.value);
        bytes += next.value.length;
      }
    }
    if (bytes > 0) {
      this.#buffer = Buffer.concat(pieces);
      this.#at = 0;
    }
    return bytes > 0;
  }
}
