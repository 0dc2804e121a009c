import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';

/** What the largest outputs take, and some more. */
const neededBytes = 8 * 2 ** 30;

/** A folder on the disk. */
export const diskFolder: string = tmpdir();

/**
 * Where the bench writes: BENCH_DIR, else a memory file system when it has room, since a disk would take a good part of the time of whoever
 * is fast.
 */
export async function benchFolder(): Promise<string> {
  if (process.env['BENCH_DIR'] !== undefined) {
    return process.env['BENCH_DIR'];
  }
  const memory = await statfs('/dev/shm').catch(() => undefined);
  return memory !== undefined && memory.bavail * memory.bsize > neededBytes ? '/dev/shm' : diskFolder;
}
