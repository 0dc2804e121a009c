import type { Manifest } from './manifest.ts';

/**
 * The run whose relations a target holds, and the last successful one before it with other relations, which a rollback publishes; `undefined`
 * where there is none. One with the same relations would take nothing back: a bad night may have been run twice.
 *
 * @param manifests of the runs that published to it, the newest first
 */
export function publishedAndEarlier(manifests: readonly Manifest[]): readonly [string | undefined, string | undefined] {
  const succeeded = manifests.filter(({ state }) => state === 'succeeded');
  const [newest] = succeeded;
  const published = newest?.rollbackOf ?? newest?.run ?? '';
  const held = digestOfRelations(succeeded.find(({ run }) => run === published));
  const earlier = succeeded.find(
    (each) =>
      each.rollbackOf === undefined && each.run < published && (held === undefined || digestOfRelations(each) !== held),
  );
  return [newest && published, earlier?.run];
}

/** `undefined` where they are not recorded. */
function digestOfRelations(manifest: Manifest | undefined): string | undefined {
  return manifest?.artefacts.find(({ name }) => name === 'relations.tsv.gz')?.sha256;
}

/** What a table says that was asked. */
export interface Told {
  /** A run that publishes to it. */
  readonly by: Manifest;
  /** The run whose relations it holds. */
  readonly held: string;
}

/**
 * The runs that are needed: for each target the one that it holds, the rollback that says so if there was one, and the one that it can be
 * rolled back to; and the newest, which may be resumed. A run that was killed while it published may be what the target holds; which one is, a
 * table tells.
 *
 * @param manifests of all runs, the newest first
 * @param told what a table says, if one could be asked
 */
export function neededRuns(manifests: readonly Manifest[], told?: Told): ReadonlySet<string | undefined> {
  const targetOf = ({ parameters }: Manifest): string =>
    JSON.stringify([parameters['target'], parameters['target-table']]);
  const targets = [...new Set(manifests.map(targetOf))];
  return new Set([
    manifests[0]?.run,
    ...targets.flatMap((target) => {
      const published = manifests.filter((each) => targetOf(each) === target);
      const success = published.findIndex(({ state }) => state === 'succeeded');
      const since = success === -1 ? published : published.slice(0, success);
      const held =
        told !== undefined && targetOf(told.by) === target
          ? published.filter(({ run }) => run === told.held)
          : since.filter(mayHavePublished);
      return [
        published[success]?.run,
        ...publishedAndEarlier(published),
        ...held.flatMap(({ run, rollbackOf }) => [run, rollbackOf]),
      ];
    }),
  ]);
}

/** Whether a run may have published although it did not succeed: its manifest could not say how that ended, or that the run did. */
function mayHavePublished({ stages }: Manifest): boolean {
  return stages.some(({ name, state }) => name === 'publish' && state !== 'failed');
}
