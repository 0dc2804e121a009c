import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { inFolder, storageOf } from '../storage/storage.ts';
import { type Manifest, readManifest } from './manifest.ts';

const seeRuns = 'See `also-viewed runs` for what is kept.';

/** A finished run and where its files are. */
export interface RunFolder {
  readonly folder: string;
  readonly manifest: Manifest;
}

/**
 * The run of that id, or the newest one whose relations are finished. For a rollback it is the run whose relations were published again.
 *
 * @throws ExpectedFailure when there is none
 */
export async function findRun(
  work: string,
  id: string | undefined,
  effects: Effects,
  isRolledBackTo = false,
): Promise<RunFolder> {
  for await (const run of runsOf(work, id, effects)) {
    // What is published again are the relations of a run that related: the manifests of two rollbacks could name each other.
    if (run.manifest.rollbackOf !== undefined && !isRolledBackTo) {
      return await findRun(work, run.manifest.rollbackOf, effects, true);
    }
    if (run.manifest.artefacts.some(({ name }) => name === 'relations.tsv.gz')) {
      return run;
    }
  }
  if (id !== undefined) {
    throw new ExpectedFailure('noInput', `Cannot use run ${id} in ${work}: it has no relations`, { remedy: seeRuns });
  }
  throw new ExpectedFailure('noInput', `Cannot find a finished run in ${work}`, {
    remedy: 'Start one with `also-viewed run`, or name a relations file with --relations.',
  });
}

/**
 * The run of that id, or all runs, the newest first.
 *
 * @throws ExpectedFailure `noInput` when there is no run of that id, `usage` when it would lead out of the folder of runs
 */
export async function* runsOf(work: string, id: string | undefined, effects: Effects): AsyncGenerator<RunFolder> {
  if (id !== undefined && /[/\\]|^\.*$/.test(id)) {
    throw new ExpectedFailure('usage', `Cannot use ${id} as the id of a run: it is no name of a folder`, {
      remedy: seeRuns,
    });
  }
  const runs = inFolder(work, 'runs');
  const ids = id === undefined ? (await (await storageOf(runs, effects)).listFolders(runs)).reverse() : [id];
  for (const each of ids) {
    const folder = inFolder(runs, each);
    const manifest = await readManifest(folder, effects).catch((error: unknown) => {
      if (id !== undefined && error instanceof ExpectedFailure && error.kind === 'noInput') {
        throw new ExpectedFailure('noInput', `Cannot find run ${id} in ${work}`, { remedy: seeRuns, cause: error });
      }
      effects.signal.throwIfAborted();
      // Where the service is away, the other runs would be waited for in turn.
      if (id !== undefined || !(error instanceof ExpectedFailure) || error.kind === 'unavailable') {
        throw error;
      }
      // A run that was killed at its very beginning has a folder and no more.
      effects.log.warn(`Passed over ${folder}: ${error.message}`);
      return undefined;
    });
    if (manifest !== undefined) {
      yield { folder, manifest };
    }
  }
}
