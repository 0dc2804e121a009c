import { defaultEffects } from '../default-effects.ts';
import type { Effects } from '../effects.ts';
import type { Target } from '../importer/import-relations.ts';
import { currentOf, type PublishedRun, publishedRuns, replacing } from '../importer/published-runs.ts';
import { hasEnded } from '../process-identity.ts';
import { inFolder, storageOf } from '../storage/storage.ts';
import { parseHolder } from './lock-holder.ts';
import type { Manifest } from './manifest.ts';
import { runsOf } from './runs.ts';

/** A run as the work folder and the target's table of runs know it. */
export interface ListedRun {
  readonly run: string;
  readonly startedAt: Date;
  /** As its manifest says, but `killed` for one that runs no more and could not say so; `undefined` when the work folder does not hold it. */
  readonly state: Manifest['state'] | 'killed' | undefined;
  /**
   * As the table says, and `current` for the one that the target holds, if it holds no part of another; `undefined` when the table does not
   * know it.
   */
  readonly published: string | undefined;
  /** What it published, as far as it came. */
  readonly relations: number | undefined;
  readonly sources: number | undefined;
  readonly added: number | undefined;
  readonly changed: number | undefined;
  readonly removed: number | undefined;
  readonly sha256: string | undefined;
  /** Whether its relations are kept, so that it can be published again. */
  readonly kept: boolean;
  /** The run whose relations it published again, if it is a rollback. */
  readonly rollbackOf: string | undefined;
}

/**
 * The runs of a work folder beside those that the target's table names, the newest first.
 *
 * @param target without a table, only the work folder counts
 * @throws ExpectedFailure when the work folder or the server cannot be read
 */
export async function listRuns(
  work: string,
  target: Target | undefined,
  given: Partial<Effects> = {},
): Promise<ListedRun[]> {
  const effects = defaultEffects(given);
  const rows = target?.kind === 'table' ? await publishedRuns(target.table, effects) : [];
  const current = replacing(rows) === undefined ? currentOf(rows)?.run : undefined;
  const atWork = await runAtWork(work, effects);
  const listed: ListedRun[] = [];
  const local = new Set<string>();
  for await (const { manifest } of runsOf(work, undefined, effects)) {
    local.add(manifest.run);
    listed.push(
      line(
        manifest,
        rows.find(({ run }) => run === manifest.run),
        current,
        atWork,
      ),
    );
  }
  listed.push(...rows.filter(({ run }) => !local.has(run)).map((row) => line(undefined, row, current, atWork)));
  return listed.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
}

/** The run that holds the work folder, unless it is known to be dead. */
async function runAtWork(work: string, effects: Effects): Promise<string | undefined> {
  const location = inFolder(work, 'lock.json');
  const found = await (await storageOf(location, effects)).readVersion(location);
  const holder = found && parseHolder(found.content);
  return holder === undefined || hasEnded(holder) ? undefined : holder.run;
}

function line(
  manifest: Manifest | undefined,
  row: PublishedRun | undefined,
  current: string | undefined,
  atWork: string | undefined,
): ListedRun {
  const relations = manifest?.artefacts.find(({ name }) => name === 'relations.tsv.gz');
  const published = manifest?.stages.find(({ name }) => name === 'publish')?.counts;
  const figure = (name: 'relations' | 'sources' | 'added' | 'changed' | 'removed'): number | undefined => {
    const count = published?.[name];
    return typeof count === 'number' ? count : row?.[name];
  };
  return {
    run: manifest?.run ?? row?.run ?? '',
    startedAt: manifest === undefined ? (row?.startedAt ?? new Date(0)) : new Date(manifest.startedAt),
    state: manifest?.state === 'running' && manifest.run !== atWork ? 'killed' : manifest?.state,
    published: row !== undefined && row.run === current ? 'current' : row?.state,
    relations: figure('relations'),
    sources: figure('sources'),
    added: figure('added'),
    changed: figure('changed'),
    removed: figure('removed'),
    sha256: relations?.sha256 ?? row?.sha256,
    kept: relations !== undefined,
    rollbackOf: manifest?.rollbackOf,
  };
}
