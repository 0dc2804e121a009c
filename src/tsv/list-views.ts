import { stat } from 'node:fs/promises';
import { answered } from '../answered.ts';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { storageOf } from '../storage/storage.ts';

/**
 * The files of views, in the order in which they are read.
 *
 * @param locations files, folders, globs, `-` or `s3://` addresses
 * @param outputs what the job writes: a glob may find what it wrote yesterday
 * @throws ExpectedFailure when one of the locations does not exist or cannot be read, and `usage` when one of the files is an output
 */
export async function listViews(
  locations: readonly string[],
  outputs: readonly string[],
  effects: Effects,
): Promise<string[]> {
  const files: string[] = [];
  for (const location of locations) {
    const storage = await storageOf(location, effects);
    files.push(...(await storage.list(location)));
  }
  const written = (await Promise.all(outputs.map((output) => fileOf(output, effects)))).filter(
    (file) => file !== undefined,
  );
  for (const file of written.length === 0 ? [] : files) {
    const read = await fileOf(file, effects);
    if (read !== undefined && written.includes(read)) {
      throw new ExpectedFailure('usage', `Cannot read ${file} as views: it is what the job is to write`, {
        remedy: 'Write to another place, or name the views so that it is not among them.',
      });
    }
  }
  return files;
}

/** What tells a file from others, under whatever names; `undefined` of one that is not there, and of a pipe or a device. */
async function fileOf(location: string, { signal }: Effects): Promise<string | undefined> {
  if (/^s3:/i.test(location)) {
    return location.replace(/^s3:/i, 's3:');
  }
  const looking = stat(location, { bigint: true }).catch(() => undefined);
  const stats = await answered(location, signal, looking);
  return stats?.isFile() ? `${stats.dev} ${stats.ino}` : undefined;
}
