import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import type { Counter } from '../../streaming/counters.ts';
import type { Finished } from '../cluster/cluster.ts';
import { type Explanation, explainFailure } from '../cluster/explain-failure.ts';
import { applicationOf, progressOf, readReport, rejectionsOf } from '../cluster/job-report.ts';
import { type HadoopClient, runHadoop } from './hadoop-command.ts';
import { leaveCluster } from './leave-cluster.ts';
import { taskErrors } from './task-errors.ts';

/** One piece of work on the cluster: a folder here, a folder there, and the client between them. */
export class ClusterWork {
  readonly client: HadoopClient;
  readonly local: string;
  readonly remote: string;
  readonly #earlier: readonly string[];
  readonly #effects: Effects;
  #used = false;
  /** The job that was submitted and has not ended as far as is known. */
  #application: string | undefined;

  /** @param earlier folders here of jobs that were killed, which left theirs on the cluster too */
  constructor(client: HadoopClient, local: string, earlier: readonly string[], effects: Effects) {
    this.client = client;
    this.local = local;
    this.remote = onCluster(local);
    this.#earlier = earlier;
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
    const { log, alive } = this.#effects;
    log.info(`Hadoop: ${phase} phase`);
    const { code, lines } = await runHadoop(this.client, args, this.local, this.#effects, (line) => {
      this.#application ??= applicationOf(line);
      const progress = progressOf(line);
      if (progress === undefined) {
        log.debug(line);
      } else {
        alive();
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
    const count = (counter: Counter): number => counters.get(counter) ?? 0;
    if (rejections.length > 0 || count('rejected') === 0 || application === undefined) {
      return { count, rejections };
    }
    return {
      count,
      rejections: rejectionsOf(await this.#logsOf(application, (logs) => rejectionsOf(logs).length > 0)),
    };
  }

  /** The client shows what a task said only where it ran the task itself. */
  async #explain(lines: readonly string[], application: string | undefined): Promise<Explanation> {
    const explanation = explainFailure(lines);
    if (explanation.certain || application === undefined) {
      return explanation;
    }
    const withLogs = (logs: readonly string[]): Explanation => explainFailure([...lines, ...logs]);
    return withLogs(await this.#logsOf(application, (logs) => withLogs(logs).certain));
  }

  async #logsOf(application: string, enough: (logs: readonly string[]) => boolean): Promise<readonly string[]> {
    this.#effects.log.info(`Hadoop: reading the logs of ${application}`);
    return await taskErrors(this.client, application, this.local, this.#effects, enough);
  }

  /** Copies the parts of a job's output here. */
  async fetch(folder: string): Promise<string[]> {
    const here = path.join(this.local, 'parts');
    await this.fs('-get', folder, here);
    const names = await readdir(here);
    return names
      .filter((name) => /^part-\d+$/.test(name))
      .sort()
      .map((name) => path.join(here, name));
  }

  /** Ends the job that outlived its client, and removes what was left on the cluster. */
  async leave(): Promise<void> {
    if (this.#used) {
      const remotes = [this.remote, ...this.#earlier.map(onCluster)];
      await leaveCluster(this.client, remotes, this.#application, this.#effects);
    }
  }
}

/** The folder of a job on the cluster: whoever finds the one here knows that one too. Another name, since one machine may be all of the cluster. */
function onCluster(local: string): string {
  return `/tmp/${path.basename(local)}.cluster`;
}
