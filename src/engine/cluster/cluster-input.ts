import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { isCsv } from '../../tsv/is-csv.ts';
import { listViews } from '../../tsv/list-views.ts';
import type { ViewSource } from '../../tsv/read-views.ts';

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
 * @throws ExpectedFailure when a file is missing, is not TSV, or is an output of the job
 */
export async function sortInput(
  { locations, outputs = [] }: ViewSource,
  engine: string,
  ofCluster: RegExp,
  effects: Effects,
): Promise<ClusterInput> {
  const remote = locations.filter((location) => ofCluster.test(location));
  const local = await listViews(
    locations.filter((location) => !ofCluster.test(location)),
    outputs,
    effects,
  );
  const unreadable = [...remote, ...local].find((file) => file === '-' || isCsv(file));
  if (unreadable !== undefined) {
    const what = unreadable === '-' ? 'standard input' : unreadable;
    throw new ExpectedFailure('usage', `Cannot use ${what} with the ${engine} engine: its mappers read TSV files`, {
      remedy: `Write a TSV first: also-viewed export --source ${unreadable} --out views.tsv.gz.`,
    });
  }
  return { remote, local };
}
