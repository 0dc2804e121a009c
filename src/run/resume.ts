import * as v from 'valibot';
import type { Effects } from '../effects.ts';
import type { Related } from '../engine/engine.ts';
import type { RelateSettings } from '../engine/relate.ts';
import type { Exported } from '../exporter/export-source.ts';
import { ExpectedFailure } from '../failure.ts';
import { isMysqlUri } from '../mysql/address.ts';
import type { Artefact } from '../storage/output.ts';
import { inFolder } from '../storage/storage.ts';
import { isQuery } from '../tsv/catalogue.ts';
import { decidingParameters } from './deciding-parameters.ts';
import { digestOf } from './digest-of.ts';
import { catalogueName, type Figure, type Manifest, productOf, type StageName } from './manifest.ts';
import { sameTarget } from './published-views.ts';
import { relateCounts } from './relate-counts.ts';
import { type RecordSettings, RunRecord, recorded, stageOf } from './run-record.ts';
import { type RunFolder, runsOf } from './runs.ts';
import type { WorkLock } from './work-lock.ts';

/** A run to go on with, and what its earlier stages left. */
export interface Resumed {
  readonly record: RunRecord;
  readonly exported: Exported | undefined;
  readonly related: Related | undefined;
}

const exportCounts = v.object({ rows: v.number(), nulls: v.number(), rejected: v.number() });

/**
 * Finds the run to go on with, and which of its stages need not be done again: those that ended, with the same parameters, and whose files
 * still have their digests.
 *
 * @param id the run, or `undefined` for the newest: to the same target, where there is one
 * @throws ExpectedFailure when there is no such run, when it succeeded, or when a later one did
 */
export async function resume(
  work: string,
  id: string | undefined,
  settings: RecordSettings & Pick<RelateSettings, 'products'>,
  lock: WorkLock,
  effects: Effects,
): Promise<Resumed> {
  const { parameters, products } = settings;
  const run = await unfinishedRun(work, id, parameters, effects);
  await refuseOlder(work, run, parameters, effects);
  const exported = await finished(run, 'export', parameters, effects, exportOf);
  const related =
    exported &&
    (await finished(run, 'relate', parameters, effects, relateOf, exported.catalogue?.location ?? products));
  const kept: StageName[] = [...(exported ? (['export'] as const) : []), ...(related ? (['relate'] as const) : [])];
  const record = await RunRecord.resume(run, kept, settings, lock, effects);
  return { record, exported, related };
}

async function unfinishedRun(
  work: string,
  id: string | undefined,
  parameters: RecordSettings['parameters'],
  effects: Effects,
): Promise<RunFolder> {
  const found = await runToResume(work, id, parameters, effects);
  const { run, rollbackOf, state, parameters: then } = found.manifest;
  if (rollbackOf !== undefined) {
    throw new ExpectedFailure('noInput', `Cannot resume run ${run}: it is a rollback`, {
      remedy: `Do that again: also-viewed rollback ${rollbackOf}.`,
    });
  }
  if (state === 'succeeded') {
    throw new ExpectedFailure('noInput', `Cannot resume run ${run}: it succeeded`, {
      remedy: 'Start a new one: leave out --resume.',
    });
  }
  if (!sameTarget(found.manifest, parameters)) {
    effects.log.info(`Resuming run ${run}, whose target was ${then['target'] ?? 'not set'}`, { run });
  }
  return found;
}

/** The run of that id, or the newest that is no rollback: of those to the same target, where there are any. */
async function runToResume(
  work: string,
  id: string | undefined,
  parameters: RecordSettings['parameters'],
  effects: Effects,
): Promise<RunFolder> {
  let other: RunFolder | undefined;
  for await (const run of runsOf(work, id, effects)) {
    if (id !== undefined || (run.manifest.rollbackOf === undefined && sameTarget(run.manifest, parameters))) {
      return run;
    }
    other ??= run.manifest.rollbackOf === undefined ? run : undefined;
  }
  if (other !== undefined) {
    return other;
  }
  throw new ExpectedFailure('noInput', `Cannot resume a run: there is none in ${work}`, {
    remedy: 'Start one: leave out --resume.',
  });
}

/** An earlier night must not take the place of a later one: its views are older, and what is published is known by the newest run that succeeded. */
async function refuseOlder(
  work: string,
  { manifest: { run, artefacts } }: RunFolder,
  parameters: RecordSettings['parameters'],
  effects: Effects,
): Promise<void> {
  const older = artefacts.some(({ name }) => name === 'relations.tsv.gz')
    ? ` To publish the older relations all the same: also-viewed rollback ${run}.`
    : '';
  for await (const { manifest } of runsOf(work, undefined, effects)) {
    if (manifest.run <= run) {
      return;
    }
    if (manifest.state === 'succeeded' && sameTarget(manifest, parameters)) {
      throw new ExpectedFailure('noInput', `Cannot resume run ${run}: run ${manifest.run} has published since`, {
        remedy: `Start a new one: leave out --resume.${older}`,
      });
    }
  }
}

/**
 * What a stage left, or `undefined`, after saying why, when the stage is to be done again.
 *
 * @param products the file of the active catalogue, whose content must be that of then
 */
async function finished<T>(
  { folder, manifest }: RunFolder,
  name: keyof typeof decidingParameters,
  parameters: Readonly<Record<string, Figure>>,
  effects: Effects,
  resultOf: (manifest: Manifest, artefact: Artefact, catalogue: Artefact | undefined) => T,
  products?: string,
): Promise<T | undefined> {
  const again = (why: string): undefined => {
    effects.log.info(`Resuming run ${manifest.run} with the ${name} stage: ${why}`, { run: manifest.run, stage: name });
    return undefined;
  };
  const stage = manifest.stages.find((each) => each.name === name);
  if (stage?.state !== 'done') {
    return again(stage === undefined ? 'it had not begun' : 'it had not ended');
  }
  const now = recorded(parameters);
  // A file of products is read by the relate stage, a query is asked by the export.
  const asks = name === 'export' && [manifest.parameters, now].some(({ products }) => isQuery(String(products)));
  const names = asks ? [...decidingParameters[name], 'products'] : decidingParameters[name];
  const changed = names.find((parameter) => manifest.parameters[parameter] !== now[parameter]);
  if (changed !== undefined) {
    return again(`--${changed} was ${manifest.parameters[changed] ?? 'not set'} and is ${now[changed] ?? 'not set'}`);
  }
  // What the URI of a database may hide is how to get in, not where.
  const hidden = names.find(
    (parameter) => now[parameter] !== parameters[parameter] && !isMysqlUri(String(now[parameter])),
  );
  if (hidden !== undefined) {
    return again(`--${hidden} may be another one: the manifest does not show all of it`);
  }
  if (products !== undefined && stage.counts['productsSha256'] !== (await digestOf(products, effects))) {
    return again(`${products} has changed`);
  }
  const left = new Map<string, Artefact>();
  for (const { name: file, ...described } of manifest.artefacts) {
    if (stageOf(manifest, file) === name) {
      const location = inFolder(folder, file);
      if ((await digestOf(location, effects, described.bytes)) !== described.sha256) {
        return again(`${file} is not the file that the manifest describes`);
      }
      left.set(file, { ...described, location });
    }
  }
  const artefact = left.get(name === 'export' ? 'views.tsv.gz' : 'relations.tsv.gz');
  const catalogue = left.get(catalogueName);
  if (artefact === undefined || (asks && catalogue === undefined)) {
    return again('the manifest does not name what it left');
  }
  return resultOf(manifest, artefact, catalogue);
}

function exportOf(manifest: Manifest, artefact: Artefact, catalogue: Artefact | undefined): Exported {
  const counts = v.safeParse(exportCounts, manifest.stages.find(({ name }) => name === 'export')?.counts);
  if (!counts.success) {
    throw new ExpectedFailure(
      'badData',
      `Cannot resume run ${manifest.run}: its manifest lacks the figures of the export stage`,
    );
  }
  const { rows, nulls } = counts.output;
  return { artefact, rows, nulls, product: productOf(manifest), catalogue };
}

function relateOf(manifest: Manifest, artefact: Artefact): Related {
  const { leftOutPaths, leftOutPairs, ...figures } = relateCounts(manifest);
  return { ...figures, files: 1, leftOut: { paths: leftOutPaths, pairs: leftOutPairs }, artefact };
}
