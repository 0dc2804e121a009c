import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { storageOf } from '../../storage/storage.ts';
import { isCsv } from '../../tsv/is-csv.ts';

/** The input of a job: what the cluster reads where it is, and files of this machine that it gets. */
export interface ClusterInput {
  readonly remote: readonly string[];
  readonly local: readonly string[];
}

/**
 * Sorts the locations of the views into those of the cluster and those of this machine.
 *
 * @param engine its name, for messages
 * @param ofCluster tells the addresses that the cluster reads by itself
 * @throws ExpectedFailure when a file is missing or is not TSV
 */
export async function sortInput(
  locations: readonly string[],
  engine: string,
  ofCluster: RegExp,
  effects: Effects,
): Promise<ClusterInput> {
  const remote: string[] = [];
  const local: string[] = [];
  for (const location of locations) {
    if (ofCluster.test(location)) {
      remote.push(location);
    } else {
      const storage = await storageOf(location, effects);
      local.push(...(await storage.list(location)));
    }
  }
  const unreadable = [...remote, ...local].find((file) => file === '-' || isCsv(file));
  if (unreadable !== undefined) {
    const what = unreadable === '-' ? 'standard input' : unreadable;
    throw new ExpectedFailure('usage', `Cannot use ${what} with the ${engine} engine: its mappers read TSV files`, {
      remedy: `Write a TSV first: also-viewed export --source ${unreadable} --out views.tsv.gz.`,
    });
  }
  return { remote, local };
}
