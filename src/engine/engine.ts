import type { Effects } from '../effects.ts';
import type { IdOrder } from '../relation/id-order.ts';
import type { ScoreName } from '../relation/scores.ts';
import type { FormatNumber } from '../report/format-rows.ts';
import type { Artefact } from '../storage/output.ts';
import type { ViewSource } from '../tsv/read-views.ts';
import type { RejectedRows } from '../tsv/rejected-rows.ts';
import type { RelationFormat } from '../tsv/relation-format.ts';

/** How a cluster is used; the local engine has no use for it. */
export interface ClusterSettings {
  /** Reducers of each phase; `undefined` leaves it to the cluster's configuration. */
  readonly reducers: number | undefined;
  readonly queue: string | undefined;
  /** A tarball of Node.js, as it is distributed (`NAME/bin/node`), for nodes that have no Node.js: a local file, or an address that the cluster reads. */
  readonly nodeArchive: string | undefined;
  /** More job properties, as `name=value`. */
  readonly properties: readonly string[];
}

/** How Amazon EMR is used, by the names of its options; what is left out has its default. */
export interface EmrSettings {
  /** Default: AWS_REGION. */
  readonly emrRegion?: string | undefined;
  /** Where EMR puts its logs: an s3:// prefix. The engine needs it. */
  readonly emrLogUri?: string | undefined;
  /** Where jobs, views and results lie meanwhile: an s3:// prefix; default: `also-viewed/` under the logs. */
  readonly emrStaging?: string | undefined;
  /** A running cluster (`j-…`) to use; default: one is started for the job and ended with it. */
  readonly emrCluster?: string | undefined;
  readonly emrRelease?: string | undefined;
  readonly emrPrimaryType?: string | undefined;
  readonly emrCoreType?: string | undefined;
  readonly emrCoreCount?: number | undefined;
  /** Default: that of the core nodes. */
  readonly emrTaskType?: string | undefined;
  /** Task nodes, which are spot instances; default 0. */
  readonly emrTaskCount?: number | undefined;
  readonly emrSubnet?: string | undefined;
  readonly emrServiceRole?: string | undefined;
  readonly emrInstanceProfile?: string | undefined;
  readonly emrPrimarySecurityGroup?: string | undefined;
  readonly emrCoreSecurityGroup?: string | undefined;
  readonly emrServiceSecurityGroup?: string | undefined;
  /** `name=value,name=value` */
  readonly emrTags?: string | undefined;
  /** Minutes without a step after which EMR ends a cluster whose client is lost. */
  readonly emrIdleMinutes?: number | undefined;
  /** Seconds between two questions about the state. */
  readonly emrPollInterval?: number | undefined;
  /** A job that takes longer is ended, and one that is estimated to is not started. */
  readonly emrMaxHours?: number | undefined;
  /** The same for the hours of all instances of the job's own cluster together. */
  readonly emrMaxInstanceHours?: number | undefined;
  /** Start although the estimate is over a limit. */
  readonly yes?: boolean | undefined;
}

/** The run that a job is part of. */
export interface JobRun {
  readonly id: string;
  /** Whether it goes on after an earlier client, whose work a cluster may still hold. */
  readonly resumed: boolean;
}

/** What to relate, and how. */
export interface RelateJob {
  /** A job that can be resumed leaves on a cluster's storage what a later client needs, unless it succeeds. */
  readonly run: JobRun & { readonly resumable: boolean };
  readonly views: ViewSource;
  /** Where the relations go: a location. */
  readonly out: string;
  readonly format: RelationFormat;
  readonly rejected: RejectedRows;
  readonly threads: number;
  /** Bytes that a process of the job may keep, beside its own some 60 MB; `undefined` leaves it to the engine. */
  readonly memory: number | undefined;
  /** Folder for what does not fit in it. */
  readonly tempDir: string;
  /** Targets kept per source; `Infinity` keeps all. */
  readonly top: number;
  /** What orders the targets of which `top` keeps the first. */
  readonly score: ScoreName;
  readonly minWeight: number;
  /** Paths with more distinct products are left out; `Infinity` leaves out none. */
  readonly maxPathProducts: number;
  /** The only products that may appear as targets; `undefined` for all. */
  readonly targets: readonly string[] | undefined;
  readonly ids: 'auto' | IdOrder;
  readonly cluster: ClusterSettings;
  readonly emr: EmrSettings;
  /** Where the local engine writes how many paths each product is in; `undefined` for nowhere. */
  readonly pathCounts: string | undefined;
}

/** The figures of a finished job; every engine finds the same ones. */
export interface RelateCounts {
  readonly files: number;
  /** Rows read, rejected ones included, headers not. */
  readonly rows: number;
  readonly rejected: number;
  /** Distinct (path, product) pairs. */
  readonly views: number;
  readonly paths: number;
  readonly products: number;
  /** Paths left out by `maxPathProducts`, and the ordered pairs of products that they hold. */
  readonly leftOut: { readonly paths: number; readonly pairs: number };
  /** Sum of the weights of all relations, before any list was cut: the sum of n(n−1) over the paths. */
  readonly weight: number;
  /** Relations written, and the sources that have any. */
  readonly relations: number;
  readonly sources: number;
  readonly order: IdOrder;
}

export interface Related extends RelateCounts {
  readonly artefact: Artefact;
  /** The file of path counts, if the engine wrote one. */
  readonly pathCounts?: Artefact | undefined;
}

/** One way to relate views. It knows nothing of databases. */
export interface Engine {
  /**
   * Writes the relations of the views to `job.out`, or nothing at all.
   *
   * @throws ExpectedFailure for unreadable or bad input (too many rejected rows) and for output that cannot be written
   */
  relate(job: RelateJob, effects: Effects): Promise<Related>;
  /** Looks whether the engine could be used at all, for callers who have hours of other work before; for engines that are elsewhere. */
  check?(settings: EmrSettings, effects: Effects): Promise<void>;
  /**
   * What relating the views is estimated to take, in lines of text; not every engine can tell.
   *
   * @param number how counts are written; default: in digits alone
   */
  plan?(job: RelateJob, effects: Effects, number?: FormatNumber): Promise<string>;
}
