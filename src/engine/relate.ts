import { availableParallelism, tmpdir } from 'node:os';
import { defaultEffects } from '../default-effects.ts';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import type { IdOrder } from '../relation/id-order.ts';
import type { ScoreName } from '../relation/scores.ts';
import type { FormatNumber } from '../report/format-rows.ts';
import { outputAmong } from '../storage/output-among.ts';
import { minMemory } from '../streaming/memory.ts';
import { readCatalogue } from '../tsv/catalogue.ts';
import { RejectedRows } from '../tsv/rejected-rows.ts';
import { type RelationFormat, relationFormats } from '../tsv/relation-format.ts';
import { defaultColumns, type ViewColumns } from '../tsv/view-columns.ts';
import type { EmrSettings, JobRun, Related, RelateJob } from './engine.ts';
import { type EngineName, engineNamed } from './engines.ts';
import { leastMemory } from './local/memory-plan.ts';

/** How views are related; what is left out has its default. */
export interface RelateSettings extends EmrSettings {
  readonly engine?: EngineName | undefined;
  /** Threads of the local engine; default: as many as the machine runs at once. */
  readonly threads?: number | undefined;
  /**
   * Bytes that the local engine may take, at least 128 MiB, default: three quarters of what is free; or that a reducer of a cluster keeps in
   * memory, at least 1 MiB, default: 256 MiB.
   */
  readonly memory?: number | undefined;
  /** Folder of the local engine's temporary files; default: the system's. */
  readonly tempDir?: string | undefined;
  /** Targets kept per source, by weight descending, then target ascending; default: all. */
  readonly top?: number | undefined;
  /** What else than the weight orders the targets that `top` keeps; of the local engine. What is written is the weight all the same. */
  readonly score?: ScoreName | undefined;
  /** The least weight that is kept, and so the number of paths below which no relation is shown; default 1. */
  readonly minWeight?: number | undefined;
  /** Paths with more distinct products are left out; default: none is. */
  readonly maxPathProducts?: number | undefined;
  /** A file of the product ids that may appear as targets, or for a run a query of the source that gives them; default: all may. */
  readonly products?: string | undefined;
  readonly ids?: 'auto' | IdOrder | undefined;
  /** Reducers of each phase on a cluster; default: what the cluster is configured for. */
  readonly reducers?: number | undefined;
  /** Queue of the cluster. */
  readonly queue?: string | undefined;
  /** A tarball of Node.js (`NAME/bin/node`) for the architecture of nodes that have none. */
  readonly nodeArchive?: string | undefined;
  /** More properties of the cluster's jobs, as `name=value`. */
  readonly hadoopProperty?: readonly string[] | undefined;
  readonly pathColumn?: string | undefined;
  readonly productColumn?: string | undefined;
}

export interface RelateOptions extends RelateSettings {
  /** Where the relations go: a path, `s3://bucket/key`, or `-` for standard output, the default. `.gz` means gzip. */
  readonly out?: string | undefined;
  /** The run that the job is part of; default: one of its own. */
  readonly run?: JobRun | undefined;
  /** Default: what the name of `out` says (`.csv`, `.jsonl`), else TSV. */
  readonly format?: RelationFormat | undefined;
  /** Where the local engine writes, beside the relations, how many paths each product is in: `product TAB paths`, in their order. Default: nowhere. */
  readonly pathCounts?: string | undefined;
}

/**
 * The columns of the views, as set or by default.
 *
 * @throws ExpectedFailure when both are the same
 */
export function columnsOf(settings: Pick<RelateSettings, 'pathColumn' | 'productColumn'>): ViewColumns {
  const { pathColumn: path = defaultColumns.path, productColumn: product = defaultColumns.product } = settings;
  if (path === product) {
    throw new ExpectedFailure('usage', `Cannot read views: path and product are both the column ${path}`, {
      remedy: 'Name two columns with --path-column and --product-column.',
    });
  }
  return { path, product };
}

/**
 * The bound of the memory, if one is set.
 *
 * @throws ExpectedFailure when it is too small for the engine
 */
export function memoryOf({ engine, memory }: Pick<RelateSettings, 'engine' | 'memory'>): number | undefined {
  const local = (engine ?? 'local') === 'local';
  if (memory !== undefined && memory < (local ? leastMemory : minMemory)) {
    throw new ExpectedFailure('usage', `Cannot relate in ${memory} bytes of memory`, {
      remedy: local ? 'Give --memory at least 128M.' : 'Give --memory at least 1M; 256M is the default.',
    });
  }
  return memory;
}

/**
 * What orders the targets that are kept.
 *
 * @throws ExpectedFailure when it is not the weight and the engine is not the local one: a reducer knows one source, and not the paths of its targets
 */
export function scoreOf({ engine = 'local', top, score = 'weight' }: RelateSettings): ScoreName {
  if (engine !== 'local' && top !== undefined && score !== 'weight') {
    throw new ExpectedFailure('usage', `Cannot keep the top targets by ${score} with the ${engine} engine`, {
      remedy:
        'Relate with --engine local, or leave out --top or --score: the lists can be ordered when they are shown.',
    });
  }
  return score;
}

/** The format of an output: what was asked for, else what its name says. */
function formatOf(out: string, format: RelationFormat | undefined): RelationFormat {
  const byName = /\.(csv|jsonl)(?:\.gz)?$/i.exec(out)?.[1]?.toLowerCase();
  return format ?? relationFormats.find((each) => each === byName) ?? 'tsv';
}

/**
 * Relates products: for every two products, the number of distinct paths that contain both, written as `source TAB target TAB weight`
 * lines sorted by source and target. The same views and settings give the same bytes, whatever the order of rows, files and threads.
 *
 * Rejected rows go to `OUT.rejected.tsv`.
 *
 * @param views files, folders, globs, `-` or `s3://` addresses of TSV or CSV files with a path and a product in each row
 * @returns the figures of the job, and the written file with its digest
 * @throws ExpectedFailure when the views cannot be read or more than 0.1 % of the rows are bad, when the output cannot be written; nothing is
 *   left under the output's name then
 */
export async function relate(
  views: string | readonly string[],
  options: RelateOptions = {},
  given: Partial<Effects> = {},
): Promise<Related> {
  const effects = defaultEffects(given);
  const locations = typeof views === 'string' ? [views] : views;
  const out = options.out ?? '-';
  return await relateTo(locations, out, RejectedRows.beside(out, effects), options, effects);
}

/**
 * Looks whether the settings can work, before the hours that it may take until the engine is asked.
 *
 * @throws ExpectedFailure when they cannot
 */
export async function checkSettings(settings: RelateSettings, effects: Effects): Promise<void> {
  memoryOf(settings);
  scoreOf(settings);
  await (await engineNamed(settings.engine ?? 'local')).check?.(settings, effects);
}

/**
 * What `relate` would take, without doing it: the engine's estimate, as text.
 *
 * @param number how counts are written; default: in digits alone
 * @throws ExpectedFailure when the engine has no plan, and when the views cannot be read
 */
export async function planRelate(
  views: readonly string[],
  options: RelateOptions,
  effects: Effects,
  number?: FormatNumber,
): Promise<string> {
  const engine = await engineNamed(options.engine ?? 'local');
  if (engine.plan === undefined) {
    throw new ExpectedFailure('usage', `Cannot plan: the ${options.engine} engine has no plan`, {
      remedy: 'Leave out --plan, or plan with --engine local or emr.',
    });
  }
  const rejected = new RejectedRows(undefined, effects);
  return await engine.plan(await jobOf(views, options.out ?? '-', rejected, options, effects), effects, number);
}

/** `relate` with a place of its own for rejected rows, whose file is finished also when there are too many of them. */
export async function relateTo(
  locations: readonly string[],
  out: string,
  rejected: RejectedRows,
  options: RelateOptions,
  effects: Effects,
): Promise<Related> {
  const job = await jobOf(locations, out, rejected, options, effects);
  const engine = await engineNamed(options.engine ?? 'local');
  try {
    const related = await engine.relate(job, effects);
    await rejected.settle();
    rejected.report(related.rows);
    warnOfNothing(related, job, options.products, effects);
    return related;
  } catch (error) {
    await rejected.settle(error);
    throw error;
  }
}

/** Says so when the limits left no relation at all: most likely ids of the catalogue are written in another way than those of the views. */
function warnOfNothing(
  { relations, weight, products }: Related,
  { targets, minWeight }: RelateJob,
  catalogue: string | undefined,
  { log, number }: Effects,
): void {
  if (relations > 0 || weight === 0) {
    return;
  }
  const often = minWeight === 1 ? '' : ` in ${number(minWeight)} paths or more`;
  log.warn(
    targets === undefined
      ? `No relation is left: none of the ${number(products)} products was viewed with another one${often}`
      : `No relation is left: none of the ${number(targets.length)} products of ${catalogue} was viewed with another one${often}. Are they ids as the views have them?`,
    { products, targets: targets?.length },
  );
}

async function jobOf(
  locations: readonly string[],
  out: string,
  rejected: RejectedRows,
  options: RelateOptions,
  effects: Effects,
): Promise<RelateJob> {
  const columns = columnsOf(options);
  const memory = memoryOf(options);
  const { products, pathCounts } = options;
  const outputs = [out, pathCounts].filter((output) => output !== undefined);
  if (products !== undefined && (await outputAmong([products], outputs, effects)) !== undefined) {
    throw new ExpectedFailure('usage', `Cannot read ${products} as products: it is what the job is to write`, {
      remedy: 'Write to another place.',
    });
  }
  const targets = products === undefined ? undefined : await readCatalogue(products, columns.product, effects);
  return {
    run:
      options.run === undefined
        ? { id: effects.randomHex(8), resumed: false, resumable: false }
        : { ...options.run, resumable: true },
    views: { locations, columns, outputs },
    out,
    format: formatOf(out, options.format),
    rejected,
    threads: options.threads ?? availableParallelism(),
    memory,
    tempDir: options.tempDir ?? tmpdir(),
    top: options.top ?? Number.POSITIVE_INFINITY,
    score: scoreOf(options),
    minWeight: options.minWeight ?? 1,
    maxPathProducts: options.maxPathProducts ?? Number.POSITIVE_INFINITY,
    targets,
    ids: options.ids ?? 'auto',
    cluster: {
      reducers: options.reducers,
      queue: options.queue,
      nodeArchive: options.nodeArchive,
      properties: options.hadoopProperty ?? [],
    },
    emr: options,
    pathCounts,
  };
}
