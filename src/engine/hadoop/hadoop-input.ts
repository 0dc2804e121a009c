import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { storageOf } from '../../storage/storage.ts';

/** Schemes of addresses that the cluster reads by itself. */
const ofCluster = /^(hdfs|s3a|s3n|wasbs?|abfss?|gs|viewfs):\/\//;

/** The input of a job: what the cluster reads where it is, and files of this machine that it gets. */
export interface HadoopInput {
  readonly remote: readonly string[];
  /** A folder of links to the files, or `undefined` when there are none. */
  readonly local: string | undefined;
}

/**
 * Sorts the locations of the views into those of the cluster and those of this machine.
 *
 * @param folder where the links may be made
 * @throws ExpectedFailure when a file is missing or is not TSV
 */
export async function sortInput(locations: readonly string[], folder: string, effects: Effects): Promise<HadoopInput> {
  const remote: string[] = [];
  const files: string[] = [];
  for (const location of locations) {
    if (ofCluster.test(location)) {
      remote.push(location);
    } else if (location.startsWith('s3://')) {
      // Plain Hadoop knows S3 by this name only; EMR knows it too.
      remote.push(location.replace(/^s3:/, 's3a:'));
    } else {
      const storage = await storageOf(location, effects);
      files.push(...(await storage.list(location)));
    }
  }
  const unreadable = [...remote, ...files].find((file) => file === '-' || /\.csv(\.gz)?$/i.test(file));
  if (unreadable !== undefined) {
    const what = unreadable === '-' ? 'standard input' : unreadable;
    throw new ExpectedFailure('usage', `Cannot use ${what} with the hadoop engine: its mappers read TSV files`, {
      remedy: `Write a TSV first: also-viewed export --source ${unreadable} --out views.tsv.gz.`,
    });
  }
  if (files.length === 0) {
    return { remote, local: undefined };
  }
  const local = path.join(folder, 'views');
  await mkdir(local);
  // Two files may have one name; the end of the name says how a file is packed.
  await Promise.all(
    files.map((file, at) => symlink(path.resolve(file), path.join(local, `${at}-${path.basename(file)}`))),
  );
  return { remote, local };
}
