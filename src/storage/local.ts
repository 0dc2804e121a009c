import { type createReadStream, createWriteStream } from 'node:fs';
import { access, constants, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode, fileFailure } from '../failure.ts';
import type { PendingObject, Storage } from './storage.ts';

/** Large reads and writes cost fewer trips through the event loop; beyond 1 MiB nothing was gained. */
const ioBytes = 1 << 20;

/** Files and folders of this machine. */
export function localStorage(effects: Effects): Storage {
  return {
    open: openFile,
    create: (location) => createFile(location, effects),
    list: listFiles,
    listFolders,
    makeFolder: async (folder) => {
      await mkdir(folder, { recursive: true }).catch((error: unknown) => {
        throw fileFailure('write', folder, error);
      });
    },
    remove: (location) => rm(location, { force: true }),
  };
}

async function openFile(location: string): Promise<ReturnType<typeof createReadStream>> {
  try {
    if ((await stat(location)).isDirectory()) {
      throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    }
    const handle = await open(location, 'r');
    return handle.createReadStream({ highWaterMark: ioBytes });
  } catch (error) {
    throw fileFailure('read', location, error);
  }
}

async function createFile(location: string, effects: Effects): Promise<PendingObject> {
  try {
    const existing = await realpath(location).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') {
        return undefined;
      }
      throw error;
    });
    if (existing !== undefined) {
      const stats = await stat(existing);
      if (stats.isDirectory()) {
        throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
      }
      // A device or a named pipe is written to as it is: renaming a file over /dev/null would take it from the whole machine.
      if (!stats.isFile()) {
        const handle = await open(existing, 'w');
        return {
          stream: handle.createWriteStream({ highWaterMark: ioBytes }),
          commit: async () => {},
          abort: async () => {},
        };
      }
      await access(existing, constants.W_OK);
    }
    // Behind a symbolic link, the file that it points to is replaced, and the link stays.
    const target = existing ?? location;
    const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${effects.randomHex(4)}.tmp`);
    const handle = await open(temporary, 'wx');
    const stream = createWriteStream(temporary, { fd: handle, highWaterMark: ioBytes, flush: true });
    return {
      stream,
      commit: async () => {
        await rename(temporary, target);
      },
      abort: async () => {
        await closed(stream);
        await rm(temporary, { force: true });
      },
    };
  } catch (error) {
    throw fileFailure('write', location, error);
  }
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
  if (!stats.isDirectory()) {
    return [location];
  }
  const entries = await readdir(location, { withFileTypes: true }).catch((error: unknown) => {
    throw fileFailure('read', location, error);
  });
  const files = entries
    .filter((entry) => !entry.isDirectory() && isData(entry.name))
    .map((entry) => path.join(location, entry.name));
  if (files.length === 0) {
    throw new ExpectedFailure('noInput', `Cannot read ${location}: the folder holds no files`, {
      remedy: 'Name the folder that holds the views; files whose names begin with "." or "_" do not count.',
    });
  }
  return files.sort();
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
