import type { Effects } from '../effects.ts';
import type { IdOrder } from '../relation/id-order.ts';
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

/** What to relate, and how. */
export interface RelateJob {
  /** The run that the job is part of; a resumed one may find on a cluster what its earlier client began. */
  readonly run: { readonly id: string; readonly resumed: boolean };
  readonly views: ViewSource;
  /** Where the relations go: a location. */
  readonly out: string;
  readonly format: RelationFormat;
  readonly rejected: RejectedRows;
  readonly threads: number;
  /** Bytes that a process of the job may keep, beside its own some 60 MB; `undefined` leaves it to the engine. */
  readonly memory: number | undefined;
  /** Targets kept per source; `Infinity` keeps all. */
  readonly top: number;
  readonly minWeight: number;
  /** Paths with more distinct products are left out; `Infinity` leaves out none. */
  readonly maxPathProducts: number;
  /** The only products that may appear as targets; `undefined` for all. */
  readonly targets: readonly string[] | undefined;
  readonly ids: 'auto' | IdOrder;
  readonly cluster: ClusterSettings;
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
}

/** One way to relate views. It knows nothing of databases. */
export interface Engine {
  /**
   * Writes the relations of the views to `job.out`, or nothing at all.
   *
   * @throws ExpectedFailure for unreadable or bad input (too many rejected rows) and for output that cannot be written
   */
  relate(job: RelateJob, effects: Effects): Promise<Related>;
}
