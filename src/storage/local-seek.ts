import { type FileHandle, open, stat } from 'node:fs/promises';
import { fileFailure } from '../failure.ts';
import type { SeekableObject } from './storage.ts';

/** A file of this machine for reading at any place; `undefined` when it is a pipe or a device, which is not opened. */
export async function seekFile(location: string): Promise<SeekableObject | undefined> {
  try {
    const stats = await stat(location);
    return stats.isFile() ? seekable(await open(location, 'r'), stats.size, location) : undefined;
  } catch (error) {
    throw fileFailure('read', location, error);
  }
}

function seekable(handle: FileHandle, size: number, location: string): SeekableObject {
  return {
    size,
    read: async (from, to) => {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(to, size) - from));
      let filled = 0;
      try {
        while (filled < buffer.length) {
          const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, from + filled);
          if (bytesRead === 0) {
            break;
          }
          filled += bytesRead;
        }
      } catch (error) {
        throw fileFailure('read', location, error);
      }
      return buffer.subarray(0, filled);
    },
    close: () => handle.close(),
  };
}
