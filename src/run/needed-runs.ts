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

/**
 * The runs that are needed: for each target the one that it holds, the rollback that says so if there was one, and the one that it can be
 * rolled back to; and the newest, which may be resumed.
 *
 * @param manifests of all runs, the newest first
 */
export function neededRuns(manifests: readonly Manifest[]): ReadonlySet<string | undefined> {
  const targetOf = ({ parameters }: Manifest): string =>
    JSON.stringify([parameters['target'], parameters['target-table']]);
  const targets = [...new Set(manifests.map(targetOf))];
  return new Set([
    manifests[0]?.run,
    ...targets.flatMap((target) => {
      const published = manifests.filter((each) => targetOf(each) === target);
      return [published.find(({ state }) => state === 'succeeded')?.run, ...publishedAndEarlier(published)];
    }),
  ]);
}
