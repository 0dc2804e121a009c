import type { Readable, Writable } from 'node:stream';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import type { Room } from './free-bytes.ts';

/** An object that is being written and cannot be seen under its name before `commit`. */
export interface PendingObject {
  readonly stream: Writable;
  /** Whether a chunk may be changed once its write has been called back; else somebody may still hold on to it. */
  readonly writesThrough?: boolean;
  /** Call after the stream has finished: the object appears under its name, whole. */
  commit(): Promise<void>;
  /** Leaves nothing behind, and takes no more than seconds. */
  abort(): Promise<void>;
}

/** An object that can be read from any place. */
export interface SeekableObject {
  /** Bytes in all. */
  readonly size: number;
  /** The bytes `[from, to)`; fewer where the object ends. */
  read(from: number, to: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** A small object, whole, and what tells this state of it from every other that it had or will have. */
export interface Version {
  readonly content: Buffer;
  readonly version: string;
}

/** One kind of place for files. Every failure that can be expected is thrown as `ExpectedFailure`, by the streams too. */
export interface Storage {
  /** The bytes of one object, as they are stored. */
  open(location: string): Promise<Readable>;
  /** The same for a reader who looks for something; `undefined` for what can only be read from its beginning, as a pipe, and without it. */
  seek?(location: string): Promise<SeekableObject | undefined>;
  create(location: string): Promise<PendingObject>;
  /**
   * Writes an object, whole, unless there is one under its name; of several who try at once one succeeds.
   *
   * @param content small enough for the memory
   * @returns false when there is one already; it was left as it is
   */
  writeIfAbsent(location: string, content: Uint8Array): Promise<boolean>;
  /** For whoever is to change it: `undefined` when there is no such object. */
  readVersion(location: string): Promise<Version | undefined>;
  /**
   * Replaces an object, whole, if it is in the state of that version; of several who try at once one succeeds.
   *
   * @param content one that it never had before
   * @returns its new version; `undefined` when it is in another state, or somebody else is changing it
   */
  replaceIf(location: string, content: Uint8Array, version: string): Promise<string | undefined>;
  /** Removes an object if it is in the state of that version: false when it was not, or somebody else is changing it. */
  removeIf(location: string, version: string): Promise<boolean>;
  /** Whether an output is a file, there or to be, beside which others can stand: no pipe, no device. Fails as `create` would. */
  standsInFolder(location: string): Promise<boolean>;
  /** The objects that a location stands for (itself, the files of a folder, the matches of a glob), in name order. */
  list(location: string): Promise<string[]>;
  /** The names of the folders directly inside a folder, in name order; none when there is no such folder. */
  listFolders(folder: string): Promise<string[]>;
  /** Makes sure that objects can be created in a folder. */
  makeFolder(folder: string): Promise<void>;
  /** What jobs, living or killed, have not finished in the folders of a folder. */
  listUnfinished(folder: string): Promise<string[]>;
  /**
   * Removes what killed jobs left unfinished in the folders of a folder, which only this program writes to. That it cannot be done is a warning.
   *
   * @param alone no other job writes there now; otherwise what somebody may still go on with stays
   */
  removeUnfinished(folder: string, alone: boolean): Promise<void>;
  /** The room for an output there; `undefined` where that is not known, or without a bound. Fails as `create` would. */
  room(location: string): Promise<Room | undefined>;
  /** Deletes an object; it is no error when it does not exist. */
  remove(location: string): Promise<void>;
  /** Deletes a folder with all that is in it; it is no error when it does not exist. */
  removeFolder(folder: string): Promise<void>;
}

type Open = (effects: Effects) => Promise<Storage>;

const storages: readonly { readonly holds: RegExp; readonly open: Open }[] = [
  { holds: /^-$/, open: async (effects) => (await import('./standard.ts')).standard(effects) },
  { holds: /^s3:\/\//i, open: async (effects) => (await import('./s3.ts')).s3Storage(effects) },
  // A path: anything without a scheme.
  {
    holds: /^(?![a-z][a-z\d+.-]*:\/\/)/i,
    open: async (effects) => (await import('./local.ts')).localStorage(effects),
  },
];

/**
 * The storage that holds `location`: a path, `-` for the standard streams, or `s3://bucket/key`.
 *
 * @throws ExpectedFailure `usage` for any other address, and for one with a NUL, which the manifest of a run may name
 */
export async function storageOf(location: string, effects: Effects): Promise<Storage> {
  if (location.includes('\0')) {
    throw new ExpectedFailure('usage', `Cannot use ${JSON.stringify(location)}: no path holds a NUL`);
  }
  const storage = storages.find(({ holds }) => holds.test(location));
  if (storage === undefined) {
    throw unknownScheme(location);
  }
  return await storage.open(effects);
}

/** Only the scheme is shown: the rest may hold a password. */
function unknownScheme(location: string): ExpectedFailure {
  const scheme = location.slice(0, location.indexOf(':')).toLowerCase();
  const remedy =
    scheme === 'mysql'
      ? 'Give the URI of a database to --source or --target.'
      : scheme === 'hdfs' || scheme === 's3a'
        ? `Only the hadoop engine reads and writes ${scheme}:// addresses.`
        : 'Write a path, - or s3://bucket/key.';
  return new ExpectedFailure('usage', `Cannot use a ${scheme}:// address as a file`, { remedy });
}

/** Joins a folder (or `s3://` prefix) and the name of something in it. */
export function inFolder(folder: string, ...names: string[]): string {
  return [folder.replace(/(?<=.)\/+$/, ''), ...names].join('/').replace(/^\/\//, '/');
}
