import { constants, createWriteStream, openSync } from 'node:fs';
import { open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { answered } from '../answered.ts';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode, fileFailure } from '../failure.ts';
import { type Room, roomIn } from './free-bytes.ts';
import { ioBytes, isFolder, isInPlace, openInPlace, type Target, targetOf } from './local-target.ts';
import { removeOldTemporaries, removeTemporaries, temporariesIn, temporaryName } from './local-temporaries.ts';
import { readLocalVersion, removeLocal, replaceLocal, writeLocalIfAbsent } from './local-versions.ts';
import { makeFolders } from './make-folders.ts';
import type { PendingObject, Storage } from './storage.ts';

/** Files and folders of this machine. */
export function localStorage(effects: Effects): Storage {
  const within = <T>(location: string, calls: Promise<T>): Promise<T> => answered(location, effects.signal, calls);
  return {
    open: async (location) => await within(location, openFile(location)),
    seek: async (location) => await (await import('./local-seek.ts')).seekFile(location),
    create: async (location) => await createFile(location, effects),
    writeIfAbsent: async (location, content) => await within(location, writeLocalIfAbsent(location, content, effects)),
    readVersion: async (location) => await within(location, readLocalVersion(location)),
    replaceIf: async (location, content, version) =>
      await within(location, replaceLocal(location, content, version, effects)),
    removeIf: async (location, version) => await within(location, removeLocal(location, version, effects)),
    standsInFolder: async (location) => !isInPlace(await within(location, targetOf(location))),
    list: listFiles,
    listFolders: async (folder) => await within(folder, listFolders(folder)),
    makeFolder: async (folder) => await within(folder, makeFolder(folder)),
    listUnfinished: async (folder) => await within(folder, unfinishedIn(folder)),
    removeUnfinished: async (folder, alone) => {
      if (alone) {
        await within(folder, removeUnfinished(folder, effects));
      }
    },
    room: async (location) => await within(location, room(location)),
    remove: async (location) => await within(location, removeFile(location)),
    removeFolder: async (folder) => await within(folder, removeFolder(folder)),
  };
}

async function unfinishedIn(folder: string): Promise<string[]> {
  return await temporariesIn(folder, await listFolders(folder));
}

async function removeUnfinished(folder: string, effects: Effects): Promise<void> {
  await removeTemporaries(folder, await listFolders(folder), effects);
}

async function openFile(location: string): Promise<Readable> {
  try {
    const stats = await stat(location);
    if (stats.isDirectory()) {
      throw isFolder();
    }
    if (stats.isFIFO()) {
      const { Socket } = await import('node:net');
      // Opened and read without blocking: a thread that waits for the other end of a pipe could not be stopped by a signal.
      return new Socket({ fd: openSync(location, constants.O_RDONLY | constants.O_NONBLOCK), writable: false });
    }
    const handle = await open(location, 'r');
    return handle.createReadStream({ highWaterMark: ioBytes });
  } catch (error) {
    throw fileFailure('read', location, error);
  }
}

async function createFile(location: string, effects: Effects): Promise<PendingObject> {
  const within = <T>(calls: Promise<T>): Promise<T> => answered(location, effects.signal, calls);
  const target = await within(targetOf(location));
  try {
    if (isInPlace(target)) {
      const stream = await openInPlace(target, effects.signal);
      return { stream, writesThrough: true, commit: async () => {}, abort: async () => {} };
    }
    const { stream, commit, abort } = await within(replaceFile(target, location, effects));
    return {
      stream,
      writesThrough: true,
      commit: async () => await within(commit()),
      abort: async () => await within(abort()),
    };
  } catch (error) {
    effects.signal.throwIfAborted();
    throw fileFailure('write', location, error);
  }
}

/** Written under a temporary name beside it, then renamed. A file that is replaced keeps its rights. */
async function replaceFile(
  { path: target, stats }: Target,
  location: string,
  effects: Effects,
): Promise<PendingObject> {
  await removeOldTemporaries(target, effects);
  const temporary = temporaryName(target, effects);
  const handle = await open(temporary, 'wx', stats && stats.mode & 0o7777);
  if (stats !== undefined) {
    // Only root may give a file away, and some file systems have neither owners nor modes: then there is nothing to keep.
    await handle.chown(stats.uid, stats.gid).catch(() => {});
    await handle.chmod(stats.mode & 0o7777).catch(() => {});
  }
  const stream = createWriteStream(temporary, { fd: handle, highWaterMark: ioBytes, flush: true });
  const failed = (error: unknown): never => {
    throw fileFailure('write', location, error);
  };
  return {
    stream,
    commit: async () => {
      await rename(temporary, target).catch(failed);
    },
    abort: async () => {
      await closed(stream);
      await rm(temporary, { force: true }).catch(failed);
    },
  };
}

/** A file is removed only once its descriptor is closed: a write under way would otherwise fail with EBADF. */
async function closed(stream: Writable): Promise<void> {
  if (!stream.closed) {
    await new Promise<void>((resolve) => {
      stream.once('close', resolve);
      stream.destroy();
    });
  }
}

async function room(location: string): Promise<Room | undefined> {
  const target = await targetOf(location);
  return isInPlace(target) ? undefined : roomIn(path.dirname(target.path));
}

async function makeFolder(folder: string): Promise<void> {
  await makeFolders(path.resolve(folder)).catch((error: unknown) => {
    throw errorCode(error) === 'EEXIST'
      ? new ExpectedFailure('cannotCreate', `Cannot write ${folder}: a file has the name of the folder`, {
          remedy: 'Name another folder.',
          cause: error,
        })
      : fileFailure('write', folder, error);
  });
}

async function removeFile(location: string): Promise<void> {
  await unlink(location).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') {
      throw fileFailure('write', location, error);
    }
  });
}

async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch((error: unknown) => {
    throw fileFailure('write', folder, error);
  });
}

async function listFiles(location: string): Promise<string[]> {
  const stats = await stat(location).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT' && /[*?[\]{}]/.test(location)) {
      return undefined;
    }
    throw fileFailure('read', location, error);
  });
  if (stats === undefined) {
    return await listGlob(location);
  }
  return stats.isDirectory() ? await listFolder(location) : [location];
}

async function listFolder(folder: string): Promise<string[]> {
  const files: string[] = [];
  const names = await readdir(folder).catch((error: unknown) => {
    throw fileFailure('read', folder, error);
  });
  for (const name of names.filter(isData).sort()) {
    const file = path.join(folder, name);
    const stats = await stat(file).catch((error: unknown) => {
      throw fileFailure('read', file, error);
    });
    if (stats.isFile() || stats.isFIFO()) {
      files.push(file);
    }
  }
  if (files.length === 0) {
    throw new ExpectedFailure('noInput', `Cannot read ${folder}: the folder holds no files`, {
      remedy: 'Name a folder with files directly in it; those whose names begin with "." or "_" do not count.',
    });
  }
  return files;
}

async function listFolders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return [];
    }
    throw fileFailure('read', folder, error);
  }
}

async function listGlob(pattern: string): Promise<string[]> {
  const { glob } = await import('tinyglobby');
  const files = (await glob(pattern, { absolute: path.isAbsolute(pattern), expandDirectories: false })).filter((file) =>
    isData(path.basename(file)),
  );
  if (files.length === 0) {
    throw new ExpectedFailure('noInput', `Cannot read ${pattern}: no file matches`, { remedy: 'Check the pattern.' });
  }
  return files.sort();
}

/** Hadoop's rule: names that begin with "." or "_" (checksums, `_SUCCESS`, files being written) are not data. */
function isData(name: string): boolean {
  return !name.startsWith('.') && !name.startsWith('_');
}
