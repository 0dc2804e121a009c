import { defaultEffects } from '../default-effects.ts';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { checkTarget, type Imported } from '../importer/import-relations.ts';
import { currentOf, publishedRuns, replacing } from '../importer/published-runs.ts';
import { inFolder } from '../storage/storage.ts';
import { decidingParameters } from './deciding-parameters.ts';
import { digestOf } from './digest-of.ts';
import { type Figure, type Manifest, productOf } from './manifest.ts';
import { publishedAndEarlier } from './needed-runs.ts';
import { type PublishOptions, publishStage } from './publish-stage.ts';
import { sameTarget } from './published-views.ts';
import { relateCounts } from './relate-counts.ts';
import { RunRecord } from './run-record.ts';
import { findRun, type RunFolder, runsOf } from './runs.ts';
import { withinLimit } from './stage-limit.ts';
import { type WorkLock, withWorkLock } from './work-lock.ts';

/** Of the limits, only the one on what grows counts. */
export interface RollbackOptions extends PublishOptions {
  /** The run to publish again; default: the last successful one to this target with other relations than it holds now. */
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
  await checkTarget(options.target, options);
  return await withWorkLock(options.work, options.wait, effects, (lock, locked) =>
    rollbackLocked(options, lock, locked),
  );
}

async function rollbackLocked(options: RollbackOptions, lock: WorkLock, effects: Effects): Promise<RolledBack> {
  const earlier = await runToPublish(options, effects);
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
    const limits = { ...options.limits, ...withoutShrinkAndChurn };
    const parameters = { ...madeWith(earlier.manifest), ...options.parameters, rollback: rollbackOf };
    const published = await publishStage(record, related, { ...options, parameters, limits });
    await record.succeed();
    return { id: record.id, folder: record.folder, rollbackOf, published };
  } catch (error) {
    await record.fail(error);
    throw error;
  }
}

/**
 * The run of that id; else, of the successful ones to the same target, the newest with other relations before the one that is published now, or that
 * one itself where the target holds something else.
 */
async function runToPublish(options: RollbackOptions, effects: Effects): Promise<RunFolder> {
  const { work, run, parameters } = options;
  if (run !== undefined) {
    return await findRun(work, run, effects);
  }
  const manifests: Manifest[] = [];
  for await (const { manifest } of runsOf(work, undefined, effects)) {
    if (sameTarget(manifest, parameters)) {
      manifests.push(manifest);
    }
  }
  const [published, earlier] = publishedAndEarlier(manifests);
  const wanted = (await holdsAnother(options, manifests, effects)) ? published : earlier;
  if (wanted !== undefined) {
    return await findRun(work, wanted, effects);
  }
  throw new ExpectedFailure(
    'noInput',
    `Cannot roll back: ${work} holds no successful run before the published one that has other relations and went to this target`,
    {
      remedy: 'See `also-viewed runs` for what is kept; any of these can be named.',
    },
  );
}

/**
 * Whether a table holds something else than the newest successful run left there: a part of one that broke off, what one published that was killed
 * before it could say so, or what was imported by hand.
 */
async function holdsAnother(
  { target, stageTimeout }: RollbackOptions,
  manifests: readonly Manifest[],
  effects: Effects,
): Promise<boolean> {
  if (target.kind !== 'table') {
    return false;
  }
  const rows = await withinLimit('check', stageTimeout, effects, (limited) => publishedRuns(target.table, limited));
  const succeeded = manifests.find(({ state }) => state === 'succeeded');
  return rows.length > 0 && (replacing(rows) !== undefined || currentOf(rows)?.run !== succeeded?.run);
}

/** What the table of runs is to say of relations that are published again: when they were made, from which views, and how. */
function madeWith({ startedAt, parameters }: Manifest): Record<string, Figure> {
  const names: readonly string[] = Object.values(decidingParameters).flat();
  return {
    ...Object.fromEntries(Object.entries(parameters).filter(([name]) => names.includes(name))),
    'made-at': startedAt,
  };
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
