import { defaultEffects } from '../default-effects.ts';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { checkTarget, type Imported } from '../importer/import-relations.ts';
import { inFolder } from '../storage/storage.ts';
import { digestOf } from './digest-of.ts';
import { productOf } from './manifest.ts';
import { publishedAndEarlier } from './needed-runs.ts';
import { type PublishOptions, publishStage } from './publish-stage.ts';
import { relateCounts } from './relate-counts.ts';
import { RunRecord } from './run-record.ts';
import { type RunFolder, runsOf } from './runs.ts';
import { type WorkLock, withWorkLock } from './work-lock.ts';

export interface RollbackOptions extends Omit<PublishOptions, 'limits'> {
  /** The run to publish again; default: the last successful one with other relations before what is published now. */
  readonly run: string | undefined;
}

export interface RolledBack {
  readonly id: string;
  readonly folder: string;
  /** The run whose relations are published again. */
  readonly rollbackOf: string;
  readonly published: Imported;
}

/** Who goes back means to take away what the last night brought. */
const withoutShrinkAndChurn = { maxShrink: 1, maxChurn: 1 };

/**
 * Publishes the relations of an earlier run again, as a run of its own.
 *
 * @throws ExpectedFailure `noInput` when there is no such run or its relations are not kept, `badData` when they are not what its manifest
 *   describes, `tryLater` when another run holds the work folder, and as publishing does
 */
export async function rollback(options: RollbackOptions, given: Partial<Effects> = {}): Promise<RolledBack> {
  const effects = defaultEffects(given);
  checkTarget(options.target, options);
  return await withWorkLock(options.work, options.wait, effects, (lock, locked) =>
    rollbackLocked(options, lock, locked),
  );
}

async function rollbackLocked(options: RollbackOptions, lock: WorkLock, effects: Effects): Promise<RolledBack> {
  const earlier = await runToPublish(options.work, options.run, effects);
  const rollbackOf = earlier.manifest.run;
  const record = await RunRecord.start(
    options.work,
    { ...options, parameters: { ...options.parameters, rollback: rollbackOf } },
    lock,
    effects,
    rollbackOf,
  );
  effects.log.info(`Run ${record.id} publishes the relations of run ${rollbackOf} again`, {
    run: record.id,
    rollbackOf,
  });
  try {
    const related = await record.stage('check', async (stageEffects) => {
      const value = await keptRelations(earlier, stageEffects);
      const { relations, sources } = value;
      return { counts: { relations, sources }, artefacts: [], value };
    });
    const published = await publishStage(record, related, { ...options, limits: withoutShrinkAndChurn });
    await record.succeed();
    return { id: record.id, folder: record.folder, rollbackOf, published };
  } catch (error) {
    await record.fail(error);
    throw error;
  }
}

/** The run of that id; else the newest successful one with other relations before the run whose relations are published now. */
async function runToPublish(work: string, id: string | undefined, effects: Effects): Promise<RunFolder> {
  const runs: RunFolder[] = [];
  for await (const run of runsOf(work, id, effects)) {
    runs.push(run);
  }
  const wanted = id ?? publishedAndEarlier(runs.map(({ manifest }) => manifest))[1];
  const found = runs.find(({ manifest }) => manifest.run === wanted);
  if (found !== undefined) {
    return found;
  }
  throw new ExpectedFailure(
    'noInput',
    `Cannot roll back: ${work} holds no successful run before the published one that has other relations`,
    {
      remedy: 'See `also-viewed runs` for what is kept.',
    },
  );
}

/** The relations of a run, if they still are what its manifest describes. */
async function keptRelations(
  { folder, manifest }: RunFolder,
  effects: Effects,
): Promise<Parameters<typeof publishStage>[1]> {
  const name = 'relations.tsv.gz';
  const location = inFolder(folder, name);
  const artefact = manifest.artefacts.find((each) => each.name === name);
  const digest = artefact && (await digestOf(location, effects, artefact.bytes));
  if (artefact === undefined || digest === undefined) {
    throw new ExpectedFailure('noInput', `Cannot publish run ${manifest.run} again: its relations are not kept`, {
      remedy: 'See `also-viewed runs` for the runs whose relations are.',
    });
  }
  if (digest !== artefact.sha256) {
    throw new ExpectedFailure(
      'badData',
      `Cannot publish run ${manifest.run} again: ${location} is not the file that its manifest describes`,
      {
        remedy: 'Publish another run; `also-viewed runs` lists them.',
      },
    );
  }
  const { relations, sources, views } = relateCounts(manifest);
  return { artefact: { ...artefact, location }, relations, sources, views, product: productOf(manifest) };
}
