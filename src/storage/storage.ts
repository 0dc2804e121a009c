import type { Readable, Writable } from 'node:stream';
import type { Effects } from '../effects.ts';

/** An object that is being written and cannot be seen under its name before `commit`. */
export interface PendingObject {
  readonly stream: Writable;
  /** Call after the stream has finished: the object appears under its name, whole. */
  commit(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

/** One kind of place for files. Every failure that can be expected is thrown as `ExpectedFailure`. */
export interface Storage {
  /** The bytes of one object, as they are stored. */
  open(location: string): Promise<Readable>;
  create(location: string): Promise<PendingObject>;
  /** The objects that a location stands for (itself, the files of a folder, the matches of a glob), in name order. */
  list(location: string): Promise<string[]>;
  /** The names of the folders directly inside a folder, in name order; none when there is no such folder. */
  listFolders(folder: string): Promise<string[]>;
  /** Makes sure that objects can be created in a folder. */
  makeFolder(folder: string): Promise<void>;
  /** Deletes an object; it is no error when it does not exist. */
  remove(location: string): Promise<void>;
}

type Open = (effects: Effects) => Promise<Storage>;

const storages: readonly { readonly holds: (location: string) => boolean; readonly open: Open }[] = [
  { holds: (location) => location === '-', open: async (effects) => (await import('./standard.ts')).standard(effects) },
  {
    holds: (location) => location.startsWith('s3://'),
    open: async (effects) => (await import('./s3.ts')).s3Storage(effects),
  },
  { holds: () => true, open: async (effects) => (await import('./local.ts')).localStorage(effects) },
];

/** The storage that holds `location`: a path, `-` for the standard streams, or `s3://bucket/key`. */
export async function storageOf(location: string, effects: Effects): Promise<Storage> {
  const storage = storages.find(({ holds }) => holds(location));
  if (storage === undefined) {
    throw new Error(`No storage holds ${location}`);
  }
  return await storage.open(effects);
}

/** Joins a folder (or `s3://` prefix) and the name of something in it. */
export function inFolder(folder: string, ...names: string[]): string {
  return [folder.replace(/(?<=.)\/+$/, ''), ...names].join('/').replace(/^\/\//, '/');
}
