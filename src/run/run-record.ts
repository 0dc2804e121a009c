import type { Effects } from '../effects.ts';
import { ExpectedFailure, exitCodes, Interrupted, messageOf } from '../failure.ts';
import type { Artefact } from '../storage/output.ts';
import { inFolder, storageOf } from '../storage/storage.ts';
import { version } from '../version.ts';
import { type Figure, type Manifest, type StageName, type StageRecord, writeManifest } from './manifest.ts';

/** What a stage leaves: figures for the manifest, finished files, and a value for the stages behind it. */
export interface StageResult<T> {
  readonly counts: Readonly<Record<string, Figure>>;
  readonly artefacts: readonly Artefact[];
  readonly value: T;
}

/** A run under way: its folder, and its manifest, which is written again after every change. */
export class RunRecord {
  readonly id: string;
  readonly folder: string;
  readonly startedAt: Date;
  readonly #effects: Effects;
  readonly #manifest: Manifest;

  private constructor(id: string, folder: string, startedAt: Date, manifest: Manifest, effects: Effects) {
    this.id = id;
    this.folder = folder;
    this.startedAt = startedAt;
    this.#manifest = manifest;
    this.#effects = effects;
  }

  static async start(work: string, parameters: Readonly<Record<string, Figure>>, effects: Effects): Promise<RunRecord> {
    const startedAt = effects.now();
    const id = `${startedAt.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z-${effects.randomHex(3)}`;
    const folder = inFolder(work, 'runs', id);
    await (await storageOf(folder, effects)).makeFolder(folder);
    const manifest: Manifest = {
      version,
      run: id,
      state: 'running',
      startedAt: startedAt.toISOString(),
      parameters: { ...parameters },
      stages: [],
      artefacts: [],
    };
    const record = new RunRecord(id, folder, startedAt, manifest, effects);
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

  /** Does the work of a stage and records its begin, its end and what it leaves. */
  async stage<T>(name: StageName, work: () => Promise<StageResult<T>>): Promise<T> {
    const { log, now } = this.#effects;
    const begun = now();
    const stage: StageRecord = { name, state: 'running', startedAt: begun.toISOString(), counts: {} };
    this.#manifest.stages.push(stage);
    await this.#save();
    try {
      const { counts, artefacts, value } = await work();
      stage.counts = { ...counts };
      stage.state = 'done';
      this.#manifest.artefacts.push(...artefacts.map((each) => this.#described(each)));
      stage.finishedAt = now().toISOString();
      const seconds = (now().getTime() - begun.getTime()) / 1000;
      const figures = Object.entries(counts).map(([key, count]) => `${key} ${count}`);
      log.info(`${name}: ${figures.join(', ')} (${seconds.toFixed(1)} s)`, {
        run: this.id,
        stage: name,
        seconds,
        ...counts,
      });
      return value;
    } catch (error) {
      stage.state = 'failed';
      stage.finishedAt = now().toISOString();
      throw error;
    } finally {
      await this.#save();
    }
  }

  /** Records a finished file, whether or not its stage fails. */
  keep(artefact: Artefact | undefined): void {
    if (artefact !== undefined) {
      this.#manifest.artefacts.push(this.#described(artefact));
    }
  }

  /** Records how the run ended. */
  async finish(error?: unknown): Promise<void> {
    const manifest = this.#manifest;
    manifest.finishedAt = this.#effects.now().toISOString();
    if (error === undefined) {
      manifest.state = 'succeeded';
    } else {
      manifest.state = error instanceof Interrupted ? 'interrupted' : 'failed';
      manifest.error = {
        message: messageOf(error),
        exitCode: error instanceof ExpectedFailure ? error.exitCode : exitCodes.bug,
        ...(error instanceof ExpectedFailure && error.remedy !== undefined ? { remedy: error.remedy } : {}),
      };
    }
    await this.#save();
  }

  async #save(): Promise<void> {
    await writeManifest(this.folder, this.#manifest, this.#effects);
  }

  #described({ location, bytes, lines, sha256 }: Artefact): Manifest['artefacts'][number] {
    return { name: location.slice(this.folder.length + 1), bytes, lines, sha256 };
  }
}
