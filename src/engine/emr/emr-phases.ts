import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { StepSummary } from '@aws-sdk/client-emr';
import pLimit from 'p-limit';
import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { inFolder, storageOf } from '../../storage/storage.ts';
import type { Finished } from '../cluster/cluster.ts';
import { readReport } from '../cluster/job-report.ts';
import type { EmrApi } from './emr-api.ts';
import { isActive } from './emr-queries.ts';
import type { EmrPlace } from './emr-settings.ts';
import { detailsOf, diagnoseStep, stepFailure } from './explain-step.ts';
import { followStep, type StepEnd, stateOf } from './follow-step.ts';
import type { RunCluster } from './run-cluster.ts';
import { reportBeside, type Staging } from './staging.ts';
import { exitCodeOfReport, scriptStep, stepScript } from './step-script.ts';
import { longestStep, timeLimit } from './time-limit.ts';

/** Parts of the result that are fetched at a time. */
const partsInFlight = 4;

/** What the phases of a run work with. */
export interface PhaseContext {
  readonly emr: EmrApi;
  readonly run: string;
  /** The user's properties, as a configuration file of Hadoop. */
  readonly configuration: string;
  /** A digest of the views and of the targets. */
  readonly content: string;
  /** Whether an earlier client of the run may have begun. */
  readonly resumed: boolean;
  readonly staging: Staging;
  readonly cluster: RunCluster;
  /** Starts the cluster, unless there is one. */
  readonly start: () => Promise<void>;
  /** A folder of this machine. */
  readonly local: string;
  readonly place: EmrPlace;
  /** When this client began, in milliseconds of `performance.now()`. */
  readonly begun: number;
}

/**
 * Runs a phase as a step: a phase whose report on S3 says that it succeeded is not run again, and one that waits or runs on the cluster, which
 * an earlier client began, is followed.
 *
 * @throws ExpectedFailure when it fails, with the probable cause
 */
export async function runPhase(
  context: PhaseContext,
  phase: string,
  streaming: readonly string[],
  effects: Effects,
): Promise<Finished> {
  const { emr, staging, cluster, run, place } = context;
  const name = `${phase}.sh`;
  const address = inFolder(staging.run, name);
  const report = reportBeside(address);
  const title = `${phase} phase`;
  const step = `also-viewed ${phase} ${run}`;
  const { content, configuration } = context;
  const script = stepScript({ title: step, content, streaming, configuration, report, longest: longestStep(place) });

  let id: string | undefined;
  let earlier: readonly StepSummary[] = [];
  if (context.resumed) {
    const same = (await staging.read(name)) === script;
    const before = same ? await finishedPhase(staging, phase) : undefined;
    if (before !== undefined) {
      effects.log.info(`EMR: the ${title} was done before`);
      return before;
    }
    earlier = await cluster.stepsNamed(step);
    id = await goOn(context, earlier, same, title, effects);
  }
  if (id === undefined) {
    await staging.removeOutput(phase);
    await (await storageOf(report, effects)).remove(report);
    await staging.write(name, script);
    await context.start();
    id = await cluster.addStep(
      { Name: step, ActionOnFailure: 'CONTINUE', HadoopJarStep: scriptStep(address) },
      earlier,
    );
  }
  const end = await follow(context, id, title, effects);
  cluster.ended(id);
  if (stateOf(end.step) !== 'COMPLETED') {
    const details = detailsOf(end.step);
    effects.log.warn(`EMR: ${title} ${stateOf(end.step)}${details === undefined ? '' : `. ${details}`}`);
    // Nothing more is to run on it, and its end brings the logs.
    await cluster.end();
    throw stepFailure(title, await diagnoseStep(emr, end, Math.max(place.pollMs, 1000), effects));
  }
  const finished = await finishedPhase(staging, phase);
  if (finished === undefined) {
    throw new ExpectedFailure(
      'unavailable',
      `The ${title} ended well, but its report ${report} is not there or not whole`,
      {
        remedy: 'Run again.',
      },
    );
  }
  return finished;
}

function follow(
  { emr, cluster, place, begun }: PhaseContext,
  step: string,
  title: string,
  effects: Effects,
): Promise<StepEnd> {
  const limit = timeLimit(place, begun, cluster.created);
  return followStep(emr, { cluster: cluster.id ?? '', step, title, pollMs: place.pollMs, limit }, effects);
}

/**
 * Looks what earlier clients of the run have left of a phase that is not done. A step that does not do the same, or is to be cancelled, writes to
 * the same place: it must have ended before another one begins.
 *
 * @param steps all that were added for the phase, newest first
 * @param same whether they do what this client wants
 * @returns the step that goes on with the phase
 */
async function goOn(
  context: PhaseContext,
  steps: readonly StepSummary[],
  same: boolean,
  title: string,
  effects: Effects,
): Promise<string | undefined> {
  const { cluster } = context;
  const inState = (wanted: (state: string | undefined) => boolean): string[] =>
    steps.flatMap(({ Id, Status }) => (Id !== undefined && wanted(Status?.State) ? [Id] : []));
  const live = inState((state) => state === 'PENDING' || state === 'RUNNING');
  const [newest] = live;
  if (same && newest !== undefined) {
    cluster.adopt(newest);
    return newest;
  }
  if (live.length > 0) {
    await cluster.cancel(live);
  }
  for (const step of inState(isActive)) {
    await follow(context, step, `earlier ${title}`, effects);
  }
  return undefined;
}

/** The figures of a phase whose report says that it succeeded. */
async function finishedPhase(staging: Staging, phase: string): Promise<Finished | undefined> {
  const lines = (await staging.read(`${phase}.report.gz`))?.split('\n') ?? [];
  if (exitCodeOfReport(lines) !== 0) {
    return undefined;
  }
  const { counters, rejections } = readReport(lines);
  return { count: (counter) => counters.get(counter) ?? 0, rejections };
}

/** Copies the parts of a phase's output here: their paths, in the order of their names. */
export async function fetchParts({ staging, local }: PhaseContext, phase: string, effects: Effects): Promise<string[]> {
  const folder = inFolder(staging.run, phase, '');
  const storage = await storageOf(folder, effects);
  const parts = (await storage.list(folder)).filter((location) => /\/part-\d+$/.test(location)).sort();
  const here = path.join(local, phase);
  await mkdir(here, { recursive: true });
  effects.log.info(`EMR: fetching ${parts.length} parts`);
  const limit = pLimit(partsInFlight);
  return await Promise.all(
    parts.map((part) =>
      limit(async () => {
        const file = path.join(here, path.posix.basename(part));
        await pipeline(await storage.open(part), createWriteStream(file), { signal: effects.signal });
        return file;
      }),
    ),
  );
}
