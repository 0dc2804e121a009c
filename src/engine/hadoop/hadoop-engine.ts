import { copyFile, mkdtemp, readdir, rm, writeFile as writeLocalFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import type { IdOrder } from '../../relation/id-order.ts';
import { brokenIdentity } from '../../relation/identities.ts';
import { type Output, writeFile } from '../../storage/output.ts';
import type { Counter } from '../../streaming/counters.ts';
import { escapeId } from '../../tsv/escapes.ts';
import { rejectReasons } from '../../tsv/id-rules.ts';
import { relationFormatter } from '../../tsv/relation-format.ts';
import type { Engine, Related, RelateJob } from '../engine.ts';
import { notAllIntegers, untrustworthy } from '../refusals.ts';
import { type Explanation, explainFailure } from './explain-failure.ts';
import { findHadoop, type HadoopClient, runHadoop } from './hadoop-command.ts';
import { sortInput } from './hadoop-input.ts';
import { applicationOf, progressOf, readReport } from './job-report.ts';
import { mergeParts } from './merge-parts.ts';
import { pairsPhase, weightsPhase } from './phases.ts';
import { killApplication, taskErrors } from './yarn-application.ts';

/** The bundled jobs, beside the compiled program. */
const jobsFolder = fileURLToPath(new URL('../../jobs/', import.meta.url));
const jobNames = ['pairs-mapper.mjs', 'pairs-reducer.mjs', 'weights-reducer.mjs'];

/** Relates on the cluster that the `hadoop` command of this machine talks to, as two Hadoop Streaming jobs. */
export const hadoopEngine: Engine = {
  async relate(job: RelateJob, effects: Effects): Promise<Related> {
    const client = await findHadoop(effects);
    const local = await mkdtemp(path.join(tmpdir(), 'also-viewed-hadoop-'));
    const work = new ClusterWork(client, local, `/tmp/also-viewed-${effects.randomHex(8)}`, effects);
    try {
      return await relateOnCluster(work, job, effects);
    } finally {
      await work.stop();
      await work.remove();
      await rm(local, { recursive: true, force: true });
    }
  },
};

async function relateOnCluster(work: ClusterWork, job: RelateJob, effects: Effects): Promise<Related> {
  const input = await sortInput(job.views.locations, work.local, effects);
  await Promise.all(jobNames.map((name) => copyFile(path.join(jobsFolder, name), path.join(work.local, name))));
  const files = jobNames.map((name) => path.join(work.local, name));
  if (job.targets !== undefined) {
    const targets = path.join(work.local, 'targets');
    await writeLocalFile(targets, job.targets.map((id) => `${escapeId(id)}\n`).join(''));
    files.push(targets);
  }
  await work.fs('-mkdir', '-p', work.remote);
  if (input.local !== undefined) {
    await work.fs('-put', input.local, `${work.remote}/views`);
  }
  const inputs = [...input.remote, ...(input.local === undefined ? [] : [`${work.remote}/views`])];

  let pairs = await work.job(
    'pairs',
    pairsPhase(work.client, { inputs, output: `${work.remote}/pairs`, files }, job, false),
  );
  if (pairs.count('headers with other columns') > 0 && pairs.count('splits') > 0) {
    // Only the first split of a file sees its header; those behind it took the wrong columns.
    await work.fs('-rm', '-r', '-skipTrash', `${work.remote}/pairs`);
    pairs = await work.job(
      'pairs',
      pairsPhase(work.client, { inputs, output: `${work.remote}/pairs`, files }, job, true),
    );
  }
  for (const reason of Object.values(rejectReasons)) {
    job.rejected.tally(reason, pairs.count(`rejected ${reason}`));
  }
  for (const place of pairs.rejections) {
    job.rejected.addPlace(place);
  }
  job.rejected.throwIfTooMany(job.views.locations.join(', '), pairs.count('rows'));

  const order = idOrder(job.ids, pairs.count('ids that are no integers') === 0);
  const places = { inputs: [`${work.remote}/pairs`], output: `${work.remote}/relations`, files };
  const weights = await work.job('weights', weightsPhase(work.client, places, job, order));
  checkIdentities(weights, pairs.count('path weight'));
  const parts = await work.fetch(`${work.remote}/relations`);
  const { artefact } = await writeFile(job.out, effects, (output) => writeMerged(parts, order, job, output));
  return {
    files: pairs.count('files'),
    rows: pairs.count('rows'),
    rejected: pairs.count('rejected'),
    views: pairs.count('views'),
    paths: pairs.count('paths'),
    products: weights.count('products'),
    leftOut: { paths: pairs.count('left out paths'), pairs: pairs.count('left out pairs') },
    weight: weights.count('weight'),
    relations: weights.count('relations'),
    sources: weights.count('sources'),
    order,
    artefact,
  };
}

/** A finished job's figures. */
interface Finished {
  readonly count: (counter: Counter) => number;
  readonly rejections: readonly string[];
}

/** One piece of work on the cluster: a folder here, a folder there, and the client between them. */
class ClusterWork {
  readonly client: HadoopClient;
  readonly local: string;
  readonly remote: string;
  readonly #effects: Effects;
  #used = false;
  /** The job that was submitted and has not ended as far as is known. */
  #application: string | undefined;

  constructor(client: HadoopClient, local: string, remote: string, effects: Effects) {
    this.client = client;
    this.local = local;
    this.remote = remote;
    this.#effects = effects;
  }

  /** A command of `hadoop fs`. */
  async fs(...args: string[]): Promise<void> {
    this.#used = true;
    const { code, lines } = await runHadoop(this.client, ['fs', ...args], this.local, this.#effects);
    if (code !== 0) {
      const { cause, remedy } = explainFailure(lines);
      throw new ExpectedFailure('unavailable', `Cannot do hadoop fs ${args[0]}: ${cause}`, { remedy });
    }
  }

  /** A job of Hadoop Streaming. */
  async job(phase: string, args: readonly string[]): Promise<Finished> {
    const { log } = this.#effects;
    log.info(`Hadoop: ${phase} phase`);
    const { code, lines } = await runHadoop(this.client, args, this.local, this.#effects, (line) => {
      this.#application ??= applicationOf(line);
      const progress = progressOf(line);
      if (progress === undefined) {
        log.debug(line);
      } else {
        log.info(`Hadoop: ${phase} phase, map ${progress.map} %, reduce ${progress.reduce} %`, progress);
      }
    });
    const application = this.#application;
    this.#application = undefined;
    if (code !== 0) {
      const { cause, remedy } = await this.#explain(lines, application);
      throw new ExpectedFailure('unavailable', `The ${phase} phase failed: ${cause}`, { remedy });
    }
    const { counters, rejections } = readReport(lines);
    return { count: (counter) => counters.get(counter) ?? 0, rejections };
  }

  /** The client shows what a task said only where it ran the task itself. */
  async #explain(lines: readonly string[], application: string | undefined): Promise<Explanation> {
    const explanation = explainFailure(lines);
    if (explanation.certain || application === undefined) {
      return explanation;
    }
    this.#effects.log.info(`Hadoop: reading the logs of ${application}`);
    const withLogs = (logs: readonly string[]): Explanation => explainFailure([...lines, ...logs]);
    const enough = (logs: readonly string[]): boolean => withLogs(logs).certain;
    return withLogs(await taskErrors(this.client, application, this.local, this.#effects, enough));
  }

  /** Copies the parts of a job's output here. */
  async fetch(folder: string): Promise<string[]> {
    const here = path.join(this.local, 'parts');
    await this.fs('-get', folder, here);
    const names = await readdir(here);
    return names
      .filter((name) => name.startsWith('part-'))
      .sort()
      .map((name) => path.join(here, name));
  }

  /** Ends the job that outlived its client. */
  async stop(): Promise<void> {
    if (this.#application !== undefined) {
      await killApplication(this.client, this.#application, this.local, this.#effects);
    }
  }

  /** Removes what was left on the cluster, also after the job was told to stop. */
  async remove(): Promise<void> {
    if (this.#used) {
      const effects = { ...this.#effects, signal: AbortSignal.timeout(30_000) };
      const removal = runHadoop(this.client, ['fs', '-rm', '-r', '-f', '-skipTrash', this.remote], this.local, effects);
      const { code } = await removal.catch(() => ({ code: 1 }));
      if (code !== 0) {
        this.#effects.log.warn(`The temporary folder ${this.remote} of the cluster could not be removed`);
      }
    }
  }
}

function idOrder(wanted: RelateJob['ids'], allIntegers: boolean): IdOrder {
  if (wanted === 'integer' && !allIntegers) {
    throw notAllIntegers();
  }
  return wanted !== 'text' && allIntegers ? 'integer' : 'text';
}

function checkIdentities({ count }: Finished, pathWeight: number): void {
  const sums = {
    weight: count('weight'),
    forward: [count('forward 0') | 0, count('forward 1') | 0] as [number, number],
    backward: [count('backward 0') | 0, count('backward 1') | 0] as [number, number],
  };
  const broken = brokenIdentity(sums, pathWeight);
  if (broken !== undefined) {
    throw untrustworthy(broken);
  }
}

async function writeMerged(parts: readonly string[], order: IdOrder, job: RelateJob, output: Output): Promise<void> {
  const formatter = await relationFormatter(job.format);
  if (formatter.head !== '') {
    await output.write(Buffer.from(formatter.head), 1);
  }
  for await (const { bytes, lines } of mergeParts(parts, order)) {
    await output.write(formatter.format(bytes), lines);
  }
}
