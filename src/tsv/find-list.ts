import { compareBytes, compareIntegers, type IdComparison } from '../relation/id-order.ts';
import type { SeekableObject } from '../storage/storage.ts';
import { escapeBytes, unescapeInto } from './escapes.ts';
import { maxIdCharacters } from './id-rules.ts';
import type { RelationBatch } from './relation-batch.ts';
import { isIntegerId } from './relation-order.ts';
import { parseRelations } from './relation-rows.ts';

/** A relation of a list whose source is known. */
export interface ListRow {
  readonly target: string;
  readonly weight: number;
}

/** Holds the beginning of a line and its source, wherever it begins: a line of relations has at most 4.1 KB. */
export const probeBytes = 8 << 10;
/** Read at once where the list may begin, and from there on. */
const blockBytes = 32 << 10;

const tab = 0x09;
const lineFeed = 0x0a;

/** How ids compare in each order that a relations file with this id may be in. */
export function ordersOf(id: string): readonly IdComparison[] {
  return isIntegerId(id) ? [compareIntegers, compareBytes] : [compareBytes];
}

/**
 * The list of a source in a sorted relations file that is not packed, by binary search: some forty reads, whatever the file's size.
 *
 * A part of a file does not show which of the two orders it is in. A search in the wrong one finds nothing, and so both are tried.
 *
 * @param name of the file, for messages
 * @returns its rows; none when they are not where they would be
 * @throws ExpectedFailure `badData` when there is something else than relations
 */
export async function findList(file: SeekableObject, name: string, source: string): Promise<ListRow[]> {
  const id = Buffer.from(source);
  for (const compare of ordersOf(source)) {
    const from = await searchSource(file, id, compare);
    const list = from === undefined ? [] : await listAt(file, from, name, source);
    if (list.length > 0) {
      return list;
    }
  }
  return [];
}

/**
 * Where a line begins that has only lower sources before it, and less than a block before the first one that is not lower.
 *
 * @returns `undefined` when the file is not in this order: a list could be in several parts then
 */
export async function searchSource(
  file: SeekableObject,
  id: Buffer,
  compare: IdComparison,
): Promise<number | undefined> {
  let low = 0;
  let high = file.size;
  let lowest: Buffer = Buffer.alloc(0);
  let highest: Buffer | undefined;
  while (high - low > blockBytes / 2) {
    const middle = Math.floor((low + high) / 2);
    const bytes = await file.read(middle, middle + probeBytes);
    const start = bytes.indexOf(lineFeed) + 1;
    const source = sourceOf(bytes.subarray(start));
    if (start === 0 || source === undefined) {
      high = middle;
      continue;
    }
    if (compareIds(lowest, source, compare) > 0 || (highest && compareIds(source, highest, compare) > 0)) {
      return undefined;
    }
    if (compareIds(source, id, compare) < 0) {
      low = middle + start;
      lowest = source;
    } else {
      high = middle;
      highest = source;
    }
  }
  return low;
}

/** The source of the line that begins `bytes`, escapes resolved; `undefined` where there is none. */
export function sourceOf(bytes: Buffer): Buffer | undefined {
  const end = bytes.indexOf(tab);
  const source = Buffer.allocUnsafe(Math.max(end, 0));
  return end === -1 ? undefined : source.subarray(0, unescapeInto(bytes, 0, end, source));
}

export function compareIds(a: Buffer, b: Buffer, compare: IdComparison): number {
  return compare(a, 0, a.length, b, 0, b.length);
}

async function listAt(file: SeekableObject, from: number, name: string, source: string): Promise<ListRow[]> {
  const list: ListRow[] = [];
  const lists = new Map([[source, list]]);
  for await (const lines of linesOfList(file, from, source)) {
    const rows = plainRows(lines, source);
    if (rows !== undefined) {
      list.push(...rows);
      continue;
    }
    for await (const batch of parseRelations(`${name}, in the list of ${source}`, [lines])) {
      takeLists(batch, lists);
    }
  }
  return list;
}

/**
 * The rows of lines that hold plain ASCII without escapes and one list, as nearly all do; `undefined` for any other. A parser that goes byte by byte
 * is only fast once it has been compiled, which is later than the end of a list.
 */
function plainRows(lines: Buffer, source: string): ListRow[] | undefined {
  const text = lines.toString('latin1');
  if (!/^[\t\n -[\]-~]*\n$/.test(text)) {
    return undefined;
  }
  const rows: ListRow[] = [];
  for (const line of text.slice(0, -1).split('\n')) {
    const [from, target = '', weight = '', ...others] = line.split('\t');
    const isRow = from === source && /^[1-9]\d{0,14}$/.test(weight) && others.length === 0;
    if (!isRow || target === '' || target === 'NULL' || target.length > maxIdCharacters) {
      return undefined;
    }
    rows.push({ target, weight: Number(weight) });
  }
  return rows;
}

/** The lines of a list, and those of others only where they stand between them: to parse a whole block would take longer than the rest of the search. */
async function* linesOfList(file: SeekableObject, from: number, source: string): AsyncGenerator<Buffer> {
  const start = Buffer.concat([Buffer.of(lineFeed), escapeBytes(Buffer.from(source)), Buffer.of(tab)]);
  for (let at = from, isLast = false; !isLast; ) {
    const block = await file.read(at, at + blockBytes);
    isLast = block.length < blockBytes;
    const lines = isLast ? block : block.subarray(0, block.lastIndexOf(lineFeed) + 1);
    // A line feed before them, so that every line is found in the same way.
    const found = Buffer.concat([Buffer.of(lineFeed), lines]);
    const first = found.indexOf(start);
    const last = found.lastIndexOf(start);
    if (first === -1) {
      return;
    }
    const behind = lines.indexOf(lineFeed, last) + 1;
    const end = behind === 0 ? lines.length : behind;
    yield lines.subarray(first, end);
    isLast ||= end < lines.length;
    at += lines.length;
  }
}

/**
 * Adds the rows of wanted sources to their lists.
 *
 * @param others told every other source
 * @returns the last source of the batch, with which the next one may go on
 */
export function takeLists(
  batch: RelationBatch,
  lists: ReadonlyMap<string, ListRow[]>,
  others: (source: string) => void = () => {},
): string | undefined {
  let source: string | undefined;
  for (let from = 0, end = 0; from < batch.length; from = end) {
    end = batch.listEnd(from);
    source = batch.source(from);
    const list = lists.get(source);
    if (list === undefined) {
      others(source);
      continue;
    }
    for (let at = from; at < end; at++) {
      list.push({ target: batch.target(at), weight: batch.weights[at]! });
    }
  }
  return source;
}
