import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { type SeekableObject, type Storage, storageOf } from '../storage/storage.ts';
import { findList, type ListRow, takeLists } from '../tsv/find-list.ts';
import { findPackedList, parseIndex, sourcesAround } from '../tsv/find-packed-list.ts';
import { readRelations } from '../tsv/relation-rows.ts';
import { withProgress } from '../with-progress.ts';

/** Files below this size, in bytes, are read sooner than searched. */
const worthSearching = 256 << 10;

/**
 * The lists of some sources in a relations file. A large file is searched, a packed one with the help of its index. A source that is not found
 * has no list in a file with an index, which only a sorted one has, nor in one that is sorted wherever it is looked at; of any other file the
 * whole is read.
 *
 * @param sources distinct
 * @param others told other sources when one is not found: those around it, or all when the whole file is read
 * @returns a list for each source, empty for one that has none; rows in the order of the file
 * @throws ExpectedFailure when the file cannot be read or holds something else than relations
 */
export async function readLists(
  location: string,
  sources: readonly string[],
  others: (source: string) => void,
  effects: Effects,
): Promise<Map<string, ListRow[]>> {
  const lists = await searchLists(location, sources, others, effects);
  const missing = new Map<string, ListRow[]>(
    sources.filter((source) => !lists.has(source)).map((source) => [source, []]),
  );
  if (missing.size > 0) {
    for await (const batch of withProgress(
      readRelations(location, effects),
      'Reading the relations',
      'relations',
      effects,
    )) {
      takeLists(batch, missing, others);
    }
  }
  return new Map([...lists, ...missing]);
}

/** The lists that are known without reading the whole file. */
async function searchLists(
  location: string,
  sources: readonly string[],
  others: (source: string) => void,
  effects: Effects,
): Promise<Map<string, ListRow[]>> {
  const lists = new Map<string, ListRow[]>();
  const storage = await storageOf(location, effects);
  const file = await storage.seek?.(location);
  if (file === undefined) {
    return lists;
  }
  try {
    const search = file.size < worthSearching ? undefined : await searchOf(file, storage, location);
    if (search === undefined) {
      return lists;
    }
    for (const source of sources) {
      const list = await search.find(source);
      if (list === undefined) {
        effects.log.warn(`${location}.idx does not belong to ${location}: all of the file is read`);
        return new Map();
      }
      const near = list.length > 0 ? new Set<string>() : await search.around(source);
      if (near === undefined) {
        effects.log.debug(`${location} is not sorted: all of it is read to find ${source}`);
      } else {
        lists.set(source, list);
        near.forEach(others);
      }
    }
  } finally {
    await file.close();
  }
  return lists;
}

/** How lists are found in a file. */
interface Search {
  /** The list of a source, empty when it is not where it would be; `undefined` when the index is of another file. */
  readonly find: (source: string) => Promise<ListRow[] | undefined>;
  /** Sources around one that is not there; `undefined` when it may still be elsewhere. */
  readonly around: (source: string) => Promise<ReadonlySet<string> | undefined>;
}

/** @returns `undefined` for a packed file without an index */
async function searchOf(file: SeekableObject, storage: Storage, location: string): Promise<Search | undefined> {
  if (!location.endsWith('.gz')) {
    return {
      find: (source) => findList(file, location, source),
      around: async (source) => (await import('../tsv/sources-near.ts')).sourcesNear(file, source),
    };
  }
  const text = await indexText(storage, `${location}.idx`);
  if (text === undefined) {
    return undefined;
  }
  const index = parseIndex(text);
  return index === undefined
    ? { find: async () => undefined, around: async () => undefined }
    : {
        find: (source) => findPackedList(file, index, location, source),
        around: (source) => sourcesAround(file, index, source),
      };
}

async function indexText(storage: Storage, location: string): Promise<string | undefined> {
  try {
    const index = await storage.seek?.(location);
    const text = await index?.read(0, index.size);
    await index?.close();
    return text?.toString('utf8');
  } catch (error) {
    // S3 says 403 for an object that is not there to whoever may not list the bucket.
    if (error instanceof ExpectedFailure && (error.kind === 'noInput' || error.kind === 'noPermission')) {
      return undefined;
    }
    throw error;
  }
}
