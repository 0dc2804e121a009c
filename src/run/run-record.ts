import type { Effects } from '../effects.ts';
import { ExpectedFailure, exitCodeOf, Interrupted, messageOf } from '../failure.ts';
import { beginOfRun, newRunId } from '../importer/run-id.ts';
import { logWith } from '../log-with.ts';
import type { Column } from '../mysql/columns.ts';
import { outlasting } from '../outlasting.ts';
import { redact } from '../redact.ts';
import type { Artefact } from '../storage/output.ts';
import { inFolder, storageOf } from '../storage/storage.ts';
import { untilAborted } from '../until-aborted.ts';
import { version } from '../version.ts';
import {
  catalogueName,
  type Figure,
  type Manifest,
  pathCountsName,
  type StageName,
  type StageRecord,
  writeManifest,
} from './manifest.ts';
import type { RunFolder } from './runs.ts';
import { recordedSourceFolder } from './source-folder.ts';
import { withinLimit } from './stage-limit.ts';
import type { WorkLock } from './work-lock.ts';

/** What a stage leaves: figures for the manifest, finished files, and a value for the stages behind it. */
export interface StageResult<T> {
  readonly counts: Readonly<Record<string, Figure>>;
  readonly artefacts: readonly Artefact[];
  readonly value: T;
}

/** What a run is started or resumed with. */
export interface RecordSettings {
  /** What the manifest and the table of runs record as the parameters; never a secret. */
  readonly parameters: Readonly<Record<string, Figure>>;
  /** Milliseconds without progress after which a stage fails; default: an hour. */
  readonly stageTimeout?: number | undefined;
}

/**
 * When the last writing of the manifest is given up, in milliseconds after the job was told to stop: a stage that does not hear that has taken 2500
 * of them (stage-limit.ts), and the end is expected within 5 s.
 */
const interruptedSaveMs = 3500;

/** What the manifest of a failed run may take, in milliseconds: S3 may be what it failed for. */
const failedSaveMs = 30_000;

/** Parameters as the manifest shows them: without the secrets that somebody wrote where they do not belong. */
export function recorded(parameters: Readonly<Record<string, Figure>>): Record<string, Figure> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, typeof value === 'string' ? redact(value) : value]),
  );
}

/** The stage that leaves a file of the run. */
export function stageOf({ stages }: Manifest, file: string): StageName {
  // Rows of files are rejected when they are exported, those of a table when they are related.
  const rejecting = stages.find(({ name }) => name === 'export')?.counts['rejected'] ? 'export' : 'relate';
  const leaves: Readonly<Record<string, StageName>> = {
    'views.tsv.gz': 'export',
    [catalogueName]: 'export',
    'relations.tsv.gz': 'relate',
    [pathCountsName]: 'relate',
    'rejected.tsv': rejecting,
  };
  return leaves[file] ?? 'publish';
}

/** A run under way: its folder, and its manifest, which is written again after every change. */
export class RunRecord {
  readonly id: string;
  readonly folder: string;
  readonly startedAt: Date;
  readonly #lock: WorkLock;
  readonly #effects: Effects;
  readonly #manifest: Manifest;
  readonly #stageTimeout: number | undefined;
  /** When this execution of the job began; a resumed run was started earlier. */
  readonly #begun: Date;
  /** For what is still to be recorded when the job was told to stop. */
  readonly #late: ReturnType<typeof outlasting>;

  private constructor(
    folder: string,
    manifest: Manifest,
    { stageTimeout }: RecordSettings,
    lock: WorkLock,
    effects: Effects,
  ) {
    this.id = manifest.run;
    this.folder = folder;
    this.startedAt = new Date(manifest.startedAt);
    this.#manifest = manifest;
    this.#stageTimeout = stageTimeout;
    this.#lock = lock;
    this.#effects = { ...effects, log: logWith(effects.log, { run: this.id }) };
    this.#begun = effects.now();
    this.#late = outlasting(this.#effects, interruptedSaveMs);
  }

  /**
   * Makes the folder of a new run and its first manifest.
   *
   * @param rollbackOf the run whose relations it publishes again, instead of its own
   */
  static async start(
    work: string,
    settings: RecordSettings,
    lock: WorkLock,
    effects: Effects,
    rollbackOf?: string,
  ): Promise<RunRecord> {
    const startedAt = await nowOrLater(work, effects);
    const id = newRunId(startedAt, effects);
    const folder = inFolder(work, 'runs', id);
    await (await storageOf(folder, effects)).makeFolder(folder);
    const manifest: Manifest = {
      version,
      run: id,
      state: 'running',
      startedAt: startedAt.toISOString(),
      ...(rollbackOf === undefined ? {} : { rollbackOf }),
      parameters: recorded(settings.parameters),
      ...recordedSourceFolder(folder, settings.parameters),
      stages: [],
      artefacts: [],
    };
    const record = new RunRecord(folder, manifest, settings, lock, effects);
    await record.#save();
    return record;
  }

  /** Goes on with an earlier run: the stages that are not `kept`, and their files, are forgotten. */
  static async resume(
    { folder, manifest }: RunFolder,
    kept: readonly StageName[],
    settings: RecordSettings,
    lock: WorkLock,
    effects: Effects,
  ): Promise<RunRecord> {
    const { error: _, finishedAt: __, ...before } = manifest;
    const resumed: Manifest = {
      ...before,
      version,
      state: 'running',
      resumedAt: effects.now().toISOString(),
      parameters: recorded(settings.parameters),
      stages: manifest.stages.filter(({ name }) => kept.includes(name)),
      artefacts: manifest.artefacts.filter(({ name }) => kept.includes(stageOf(manifest, name))),
    };
    const record = new RunRecord(folder, resumed, settings, lock, effects);
    await record.#save();
    return record;
  }

  /** The location of a file of the run. */
  file(name: string): string {
    return inFolder(this.folder, name);
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  /**
   * Does the work of a stage and records its begin, its end and what it leaves.
   *
   * @param work gets effects that name run and stage in every line of the log
   * @throws ExpectedFailure `unavailable` when it hangs; whatever `work` throws
   */
  async stage<T>(name: StageName, work: (effects: Effects) => Promise<StageResult<T>>): Promise<T> {
    const log = logWith(this.#effects.log, { stage: name });
    const begun = this.#effects.now();
    const stage: StageRecord = { name, state: 'running', startedAt: begun.toISOString(), counts: {} };
    this.#manifest.stages.push(stage);
    log.info(`${name}: begins`, { state: stage.state });
    try {
      await this.#save();
      const { counts, artefacts, value } = await withinLimit(name, this.#stageTimeout, { ...this.#effects, log }, work);
      stage.counts = { ...counts };
      this.#manifest.artefacts.push(...artefacts.map((each) => this.#described(each)));
      const seconds = this.#endStage(stage, 'done', begun);
      const { number } = this.#effects;
      const figures = Object.entries(counts).map(
        ([key, count]) => `${key} ${typeof count === 'number' ? number(count) : count}`,
      );
      log.info(`${name}: ${figures.join(', ')} (${seconds.toFixed(1)} s)`, { state: stage.state, seconds, ...counts });
      await this.#save();
      return value;
    } catch (error) {
      const seconds = this.#endStage(stage, 'failed', begun);
      log.info(`${name}: failed (${seconds.toFixed(1)} s)`, { state: stage.state, seconds });
      throw error;
    }
  }

  /** Keeps the work folder until some work has settled, even if its stage was given up before. */
  keepFolderFor(work: Promise<unknown>): void {
    this.#lock.keepFor(work);
  }

  /** @returns the seconds that it took */
  #endStage(stage: StageRecord, state: StageRecord['state'], begun: Date): number {
    const now = this.#effects.now();
    stage.state = state;
    stage.finishedAt = now.toISOString();
    return secondsBetween(begun, now);
  }

  /** Records the column of the product, which a resumed run cannot ask for any more. */
  keepProduct(product: Column | undefined): void {
    if (product !== undefined) {
      this.#manifest.product = product;
    }
  }

  /** Records a finished file, whether or not its stage fails. */
  keep(artefact: Artefact | undefined): void {
    if (artefact !== undefined) {
      this.#manifest.artefacts.push(this.#described(artefact));
    }
  }

  /** Records that all stages are done. */
  async succeed(): Promise<void> {
    this.#end('succeeded', 0);
    await this.#save();
    this.#late.done();
  }

  /** Records how the run failed. That the record cannot be written must not hide why. */
  async fail(error: unknown): Promise<void> {
    this.#manifest.error = {
      message: messageOf(error),
      exitCode: exitCodeOf(error),
      ...(error instanceof ExpectedFailure && error.remedy !== undefined ? { remedy: error.remedy } : {}),
    };
    this.#end(error instanceof Interrupted ? 'interrupted' : 'failed', this.#manifest.error.exitCode);
    const { own, endIn, done } = this.#late;
    endIn(failedSaveMs);
    try {
      await untilAborted(this.#save(own), own.signal);
    } catch (saveError) {
      this.#effects.log.warn(`The manifest of the run could not be written: ${messageOf(saveError)}`);
    } finally {
      done();
    }
  }

  #end(state: Exclude<Manifest['state'], 'running'>, exitCode: number): void {
    const now = this.#effects.now();
    this.#manifest.state = state;
    this.#manifest.finishedAt = now.toISOString();
    const seconds = secondsBetween(this.#begun, now);
    const how = state === 'interrupted' ? 'was interrupted' : state;
    this.#effects.log.info(`Run ${this.id} ${how} (${seconds.toFixed(1)} s)`, { state, seconds, exitCode });
  }

  /** @param limited effects that stop it; without them an interrupted run is still recorded, if that does not take long */
  async #save(limited?: Effects): Promise<void> {
    const patient = limited ?? (this.#effects.signal.aborted ? this.#late.own : this.#effects);
    await untilAborted(this.#lock.confirm(this.id), patient.signal);
    await writeManifest(this.folder, this.#manifest, patient);
  }

  #described({ location, bytes, lines, sha256 }: Artefact): Manifest['artefacts'][number] {
    return { name: location.slice(this.folder.length + 1), bytes, lines, sha256 };
  }
}

/** Now; where the clock has been set back, right after the newest run of the work folder: what is newest is told by the ids. */
async function nowOrLater(work: string, effects: Effects): Promise<Date> {
  const now = effects.now();
  const runs = inFolder(work, 'runs');
  const ids = await (await storageOf(runs, effects)).listFolders(runs);
  const newest = ids.findLast((id) => beginOfRun(id) !== undefined) ?? '';
  const begin = beginOfRun(newest) ?? 0;
  if (begin < now.getTime()) {
    return now;
  }
  effects.log.warn(
    `The clock was set back: it says ${now.toISOString()}, but run ${newest} came before. This one counts as begun right after it`,
  );
  return new Date(begin + 1);
}

/** Never negative, though the clock may be set back meanwhile. */
function secondsBetween(begin: Date, end: Date): number {
  return Math.max(0, end.getTime() - begin.getTime()) / 1000;
}
