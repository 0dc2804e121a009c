import { promisify } from 'node:util';
import { compareBytes } from '../relation/id-order.ts';
import type { SeekableObject } from '../storage/storage.ts';
import { compareIds, findList, type ListRow, ordersOf, sourceOf } from './find-list.ts';

/** A member has 1 MiB, or the list of one source where that is longer; an index that says more is not to be trusted with the memory. */
const maxMemberBytes = 256 << 20;
/** Of a member, about: by the 16 KiB that are the default, inflating it would take twice the processor time. */
const memberBytes = 1 << 20;

/** A gzip member and the source that it begins with. */
interface IndexedMember {
  readonly offset: number;
  readonly source: Buffer;
}

/** What the index of a packed relations file says. */
export interface RelationIndex {
  readonly members: readonly IndexedMember[];
  /** Bytes of the file that it belongs to. */
  readonly size: number;
  /** The file may be in the order of integers: each of these sources is one. */
  readonly integers: boolean;
}

/** @returns `undefined` when it is not an index, as `relate` writes it beside a packed file */
export function parseIndex(text: string): RelationIndex | undefined {
  const match = /^((?:\d+\t[^\t\n]+\n)+)(\d+)\n$/.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, lines = '', size] = match;
  const members = lines
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const at = line.indexOf('\t');
      // As a line of the member begins.
      const source = sourceOf(Buffer.from(`${line.slice(at + 1)}\t`)) ?? Buffer.alloc(0);
      return { offset: Number(line.slice(0, at)), source };
    });
  return { members, size: Number(size), integers: /^(?:\d+\t\d+\n)+$/.test(lines) };
}

/**
 * The list of a source in a packed relations file: the one gzip member that may hold it is inflated.
 *
 * @param name of the file, for messages
 * @returns its rows, none when they are not where they would be; `undefined` when the index does not belong to the file: neither its size nor
 *   what begins where a member should is enough to be sure, both together are
 */
export async function findPackedList(
  file: SeekableObject,
  { members, size, integers }: RelationIndex,
  name: string,
  source: string,
): Promise<ListRow[] | undefined> {
  if (size !== file.size) {
    return undefined;
  }
  for (const at of membersFor({ members, size, integers }, source)) {
    const bytes = await inflated(file, members[at]!, members[at + 1]?.offset ?? size);
    if (bytes === undefined) {
      return undefined;
    }
    const list = await findList(inMemory(bytes), `${name}, member ${at + 1}`, source);
    if (list.length > 0) {
      return list;
    }
  }
  return [];
}

/**
 * Sources of a packed relations file that `findPackedList` did not find this one in: those that begin a member, and all of the member that would
 * hold it.
 */
export async function sourcesAround(file: SeekableObject, index: RelationIndex, source: string): Promise<Set<string>> {
  const { members, size } = index;
  const around = new Set(members.map((member) => member.source.toString()));
  for (const at of membersFor(index, source)) {
    const bytes = await inflated(file, members[at]!, members[at + 1]?.offset ?? size);
    for (const other of bytes === undefined ? [] : sourcesIn(bytes)) {
      around.add(other);
    }
  }
  return around;
}

/** Places of the last members whose first source is not higher, one for each order that the file may be in. As in a plain file, the wrong order finds nothing. */
function membersFor({ members, integers }: RelationIndex, source: string): Set<number> {
  const id = Buffer.from(source);
  const places = new Set<number>();
  for (const compare of integers ? ordersOf(source) : [compareBytes]) {
    let low = 0;
    let high = members.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareIds(members[middle]!.source, id, compare) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low > 0) {
      places.add(low - 1);
    }
  }
  return places;
}

/** The source of each list. */
export function* sourcesIn(lines: Buffer): Generator<string> {
  for (let at = 0, last = ''; at < lines.length; at = lines.indexOf('\n', at) + 1 || lines.length) {
    const source = sourceOf(lines.subarray(at))?.toString() ?? last;
    if (source !== last) {
      yield source;
    }
    last = source;
  }
}

/** The content of a member; `undefined` when it is none, or not the one that the index means. */
async function inflated(
  file: SeekableObject,
  { offset, source }: IndexedMember,
  end: number,
): Promise<Buffer | undefined> {
  if (end - offset > maxMemberBytes) {
    return undefined;
  }
  const packed = await file.read(offset, end);
  const { gunzip } = await import('node:zlib');
  const limits = { chunkSize: memberBytes, maxOutputLength: maxMemberBytes };
  const bytes = await promisify(gunzip)(packed, limits).catch(() => undefined);
  return bytes !== undefined && sourceOf(bytes)?.equals(source) ? bytes : undefined;
}

function inMemory(bytes: Buffer): SeekableObject {
  return { size: bytes.length, read: async (from, to) => bytes.subarray(from, to), close: async () => {} };
}
