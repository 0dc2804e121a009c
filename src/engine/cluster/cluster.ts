import type { Counter } from '../../streaming/counters.ts';

/** Names of the jobs; each is also the name of the folder that the job writes to. */
export type PhaseName = 'pairs' | 'pairs-whole' | 'weights';

/** A finished job's figures. */
export interface Finished {
  readonly count: (counter: Counter) => number;
  /** Lines of the file of rejected rows, as far as the tasks told and their output was found. */
  readonly rejections: readonly string[];
}

/** A cluster that holds the views and the jobs, and runs Hadoop Streaming on them. Addresses are those that the cluster knows. */
export interface Cluster {
  /** Files and folders of the views. */
  readonly views: readonly string[];
  /** Files that every task gets into its working folder. */
  readonly files: readonly string[];
  /** A tarball of Node.js that every task gets, or `undefined` where the nodes have Node.js. */
  readonly nodeArchive: string | undefined;
  /** A file with the properties that the user gave, where the client of Hadoop runs. */
  readonly configuration: string;
  /** The folder that a phase writes to; it does not exist before the phase runs. */
  output(phase: PhaseName): string;
  /**
   * Runs a job.
   *
   * @param streaming arguments of Hadoop Streaming
   * @throws ExpectedFailure `unavailable` when it fails, with the probable cause
   */
  run(phase: PhaseName, streaming: readonly string[]): Promise<Finished>;
  /** Copies the parts of a phase's output to this machine: their paths, in the order of their names. */
  fetch(phase: PhaseName): Promise<string[]>;
}
