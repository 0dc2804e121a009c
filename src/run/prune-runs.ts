import type { Effects } from '../effects.ts';
import { ExpectedFailure, messageOf } from '../failure.ts';
import type { Target } from '../importer/import-relations.ts';
import { currentOf, publishedRuns } from '../importer/published-runs.ts';
import { beginOfRun } from '../importer/run-id.ts';
import { inFolder, storageOf } from '../storage/storage.ts';
import { untilAborted } from '../until-aborted.ts';
import { withLimit } from '../with-limit.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { neededRuns, type Told } from './needed-runs.ts';
import type { WorkLock } from './work-lock.ts';

/** How long runs are kept; the first limit that is reached holds. Without either all are. */
export interface Retention {
  /** The newest runs, failed ones included. */
  readonly keepRuns?: number | undefined;
  /** Days since the run began. */
  readonly keepDays?: number | undefined;
}

/** What a run knows that removes others. */
export interface Pruning extends Retention {
  /** Where it publishes. */
  readonly target: Target;
}

const dayMs = 24 * 3_600_000;

/** What asking a table may take, in milliseconds: its server may be what the run failed for. */
const askMs = 4000;

/**
 * Removes the folders of runs that are not to be kept any longer, but none that is needed, however old; and what is left of folders whose
 * removal was cut off. Of a run that failed the table is asked which run it holds: that may be one that was killed before its manifest said so.
 * The manifest goes first, so that none ever names files that are gone: a folder without one is no run any more, or not yet one, when it was
 * killed as it began.
 *
 * That it cannot be done is a warning: the run before it is not worse for it, and the next one tries again.
 *
 * @param run the one that does it, which is kept: an old one that failed again, as it was resumed, may be resumed once more
 */
export async function pruneRuns(
  work: string,
  run: string,
  { keepRuns, keepDays, target }: Pruning,
  lock: WorkLock,
  effects: Effects,
): Promise<void> {
  if (keepRuns === undefined && keepDays === undefined) {
    return;
  }
  const pruned: string[] = [];
  try {
    const removing = removeOver(work, run, { keepRuns, keepDays, target }, lock, effects, (id) => pruned.push(id));
    await untilAborted(removing, effects.signal);
  } catch (error) {
    effects.log.warn(`Could not remove runs that are not kept any longer: ${messageOf(error)}`);
  }
  if (pruned.length > 0) {
    effects.log.info(`Removed ${pruned.length} runs that are not kept any longer: ${pruned.join(', ')}`, {
      pruned: pruned.length,
    });
  }
}

/** @param removed is told of each run that is gone */
async function removeOver(
  work: string,
  run: string,
  { keepRuns, keepDays, target }: Pruning,
  lock: WorkLock,
  effects: Effects,
  removed: (id: string) => void,
): Promise<void> {
  const runs = inFolder(work, 'runs');
  const storage = await storageOf(runs, effects);
  // Whatever else somebody put there is not ours.
  const ids = (await storage.listFolders(runs)).filter((id) => beginOfRun(id) !== undefined).reverse();
  const manifests = new Map<string, Manifest | 'damaged' | undefined>();
  for (const id of ids) {
    manifests.set(id, await manifestOf(inFolder(runs, id), effects));
  }
  const whole = [...manifests.values()].filter((each) => each !== undefined && each !== 'damaged');
  const oldest = effects.now().getTime() - (keepDays ?? Number.POSITIVE_INFINITY) * dayMs;
  const kept = ids.filter((id) => manifests.get(id) !== undefined);
  const isOver = (id: string): boolean =>
    kept.indexOf(id) >= (keepRuns ?? Number.POSITIVE_INFINITY) || (beginOfRun(id) ?? oldest) < oldest;
  const by = whole.find((each) => each.run === run);
  const told = kept.some(isOver) && by?.state === 'failed' ? await ask(target, by, effects) : undefined;
  const needed = new Set([run, ...neededRuns(whole, told)]);
  for (const id of ids) {
    if (manifests.get(id) === undefined || (isOver(id) && !needed.has(id))) {
      await lock.confirm(run);
      await storage.remove(inFolder(runs, id, 'manifest.json'));
      await storage.removeFolder(inFolder(runs, id));
      removed(id);
    }
  }
}

/** Which run a table holds; `undefined` when the target is none, or cannot tell soon. */
async function ask(target: Target, by: Manifest, effects: Effects): Promise<Told | undefined> {
  if (target.kind !== 'table') {
    return undefined;
  }
  const { address } = target.table;
  const connectTimeout = Math.min(address.connectTimeout ?? askMs, askMs);
  const signal = withLimit(effects.signal, askMs);
  const log = { ...effects.log, warn: effects.log.debug };
  try {
    const asking = publishedRuns(
      { ...target.table, address: { ...address, connectTimeout } },
      { ...effects, log, signal },
    );
    const held = currentOf(await untilAborted(asking, signal))?.run;
    return held === undefined ? undefined : { by, held };
  } catch (error) {
    effects.signal.throwIfAborted();
    if (!signal.aborted && !(error instanceof ExpectedFailure)) {
      throw error;
    }
    log.debug(`Could not ask the table which run it holds: ${messageOf(error)}`);
    return undefined;
  }
}

/** `undefined` when there is none; one that nobody can read is kept as long as a run. */
async function manifestOf(folder: string, effects: Effects): Promise<Manifest | 'damaged' | undefined> {
  try {
    return await readManifest(folder, effects);
  } catch (error) {
    if (error instanceof ExpectedFailure && error.kind === 'noInput') {
      return undefined;
    }
    if (error instanceof ExpectedFailure && error.kind === 'badData') {
      return 'damaged';
    }
    throw error;
  }
}
