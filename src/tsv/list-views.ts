import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { outputAmong } from '../storage/output-among.ts';
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
  const written = await outputAmong(files, outputs, effects);
  if (written !== undefined) {
    throw new ExpectedFailure('usage', `Cannot read ${written} as views: it is what the job is to write`, {
      remedy: 'Write to another place, or name the views so that it is not among them.',
    });
  }
  return files;
}
