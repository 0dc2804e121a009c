import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { inTurns, type Steps } from '../../in-turns.ts';
import type { IdOrder } from '../../relation/id-order.ts';
import { IdTable } from '../../relation/id-table.ts';
import type { RowLimits } from '../../relation/top-targets.ts';
import { TemporaryFile } from '../../storage/temporary-file.ts';
import type { RelateJob } from '../engine.ts';
import { notAllIntegers } from '../refusals.ts';
import type { BlockThreads } from './block-threads.ts';
import { workOfSources } from './blocks.ts';
import { collectGarbage } from './collect-garbage.ts';
import { collectViews, parserThreads } from './collect-views.ts';
import { type DistinctParts, writeDistinct } from './distinct-parts.ts';
import type { Counted } from './estimate.ts';
import { distinctViews, type Graph, graphOf, heaviestOf, orderOf, ranksOf, sortedIds } from './graph.ts';
import { inputBytes } from './input-bytes.ts';
import { MemoryPlan } from './memory-plan.ts';
import { newKernel } from './new-kernel.ts';
import { type OutputIds, outputIds } from './output-ids.ts';
import type { SharedKernel } from './shared-kernel.ts';
import { SpilledParts } from './spilled-parts.ts';
import { SpilledViews } from './spilled-views.ts';
import { ViewCollector } from './view-collector.ts';

/** Views that take less time to read than threads take to start. */
const bytesWorthThreads = 4 << 20;
/** With fewer views there is little to free. */
const rowsWorthTidying = 1 << 21;
/** With less, what idle threads take, some 10 MB each, is missed. */
const memoryWorthThreads = 1 << 30;

/** A job whose memory is bounded. */
export type BoundedJob = RelateJob & { readonly memory: number };

interface NumberedProducts {
  readonly products: number;
  readonly order: IdOrder;
  readonly limits: RowLimits;
  readonly kernel: SharedKernel;
  /** In the memory of the kernel. */
  readonly ids: OutputIds;
  /** The place of each product in the output order. */
  readonly rankOf: Uint32Array;
  /** Bytes that one part of the views may take while they are sorted, and its graph. */
  readonly partBytes: number;
  readonly graphBytes: number;
}

/** The views of a job, read and numbered. */
export interface JobViews extends NumberedProducts {
  readonly files: number;
  readonly rows: number;
  /** Bytes of memory that may be taken. */
  readonly memory: number;
  /** Threads that wait for work. */
  readonly started: BlockThreads | undefined;
  readonly collected: ViewCollector;
  /** Where the views are when they did not fit in memory. */
  readonly parts: DistinctParts | undefined;
}

/**
 * Reads the views of a job, in memory for as long as they fit, and does some work on them. Temporary files are gone afterwards.
 *
 * @param relating whether they will be related: the threads for it are started at once then, if the views look worth it
 * @throws ExpectedFailure when they cannot be read, when too many are rejected, and when the products do not fit in memory
 */
export async function withJobViews<T>(
  job: BoundedJob,
  effects: Effects,
  relating: boolean,
  work: (views: JobViews) => Promise<T>,
): Promise<T> {
  const { memory } = job;
  const size = await inputBytes(job.views.locations, effects);
  const { parsers, bytes } = parserThreads(memory, job.threads, size);
  const plan = new MemoryPlan(memory, job.threads, bytes);
  const temporary: TemporaryFile[] = [];
  const openFile = (expected?: number, beside?: TemporaryFile): TemporaryFile => {
    const file = new TemporaryFile(job.tempDir, effects.randomHex(8), expected, beside);
    temporary.push(file);
    return file;
  };
  const openSpill = (spilledShare: number): SpilledViews => {
    const file = openFile(size && size * spilledShare);
    effects.log.info(
      `The views do not fit in ${Math.floor(plan.memory / 2 ** 20)} MB: going on with temporary files in ${job.tempDir}${file.outlook}`,
    );
    return new SpilledViews(file);
  };
  const started =
    relating && job.threads > 1 && memory >= memoryWorthThreads && size !== undefined && size >= bytesWorthThreads
      ? new (await import('./block-threads.ts')).BlockThreads(job.threads)
      : undefined;
  try {
    const collected = new ViewCollector(plan, openSpill);
    const progress = (total?: number): void =>
      effects.progress({ stage: 'Reading', done: collected.rows, total, unit: 'views' });
    const { files, rows } = await collectViews(job, collected, parsers, effects, async () => {
      if (!plan.holds(collected.products)) {
        throw tooManyProducts(plan, collected.products);
      }
      await collected.makeRoom(effects.signal);
      progress();
    });
    progress(collected.rows);
    collected.views.end();
    job.rejected.throwIfTooMany(job.views.locations.join(', '), rows);

    const numbered = numberProducts(job, collected, plan);
    const { spilled } = collected;
    const parts = spilled && (await sortSpilled(job, spilled, numbered, openFile, effects));
    return await work({ files, rows, ...numbered, memory: plan.memory, started, collected, parts });
  } finally {
    for (const file of temporary) {
      file.close();
    }
    await started?.close();
  }
}

/** Views that have to be related part by part. */
export type ViewsInParts = JobViews & { readonly parts: DistinctParts };

export function isInParts(views: JobViews): views is ViewsInParts {
  return views.parts !== undefined && views.parts.count > 1;
}

/** Makes views that are on disk distinct, in a file of their own; the other one is gone then. */
async function sortSpilled(
  job: RelateJob,
  views: SpilledViews,
  { rankOf, partBytes, graphBytes }: NumberedProducts,
  openFile: (expected: undefined, beside: TemporaryFile) => TemporaryFile,
  effects: Effects,
): Promise<DistinctParts> {
  const file = openFile(undefined, views.file);
  const unsorted = new SpilledParts(views, partBytes, rankOf, job.maxPathProducts);
  const progress = (done: number): void =>
    effects.progress({ stage: 'Sorting', done, total: unsorted.rows, unit: 'views' });
  const parts = await inTurns(writeDistinct(unsorted, file, graphBytes, progress), effects.signal);
  views.file.close();
  return parts;
}

/**
 * Numbers the products in the order of the output. Their table is not needed any more then. A function of its own, because one that waits
 * keeps what its variables held.
 */
function numberProducts(job: RelateJob, collected: ViewCollector, plan: MemoryPlan): NumberedProducts {
  const { products } = collected;
  collected.products = new IdTable();
  const order = idOrder(job.ids, products);
  const sorted = sortedIds(products, order);
  const allowed = job.targets && allowedTargets(job.targets, products, sorted);
  const kernel = newKernel();
  return {
    products: products.size,
    order,
    limits: { top: job.top, minWeight: job.minWeight, allowed },
    kernel,
    ids: outputIds(products, sorted, kernel.memory),
    rankOf: ranksOf(sorted),
    partBytes: plan.partBytes(products),
    graphBytes: plan.graphBytes(products),
  };
}

/** The graph of all views. */
export interface CountedGraph {
  readonly graph: Graph;
  readonly counted: Counted;
  /** The work of each source. */
  readonly works: Float64Array;
}

/** The graph of views that are in memory, and are not there any more afterwards, or on disk in one part. */
export function* wholeGraph(job: RelateJob, views: JobViews): Steps<CountedGraph> {
  const { parts, kernel, collected, rankOf } = views;
  if (parts !== undefined) {
    const graph = yield* parts.load(0, kernel);
    parts.file.close();
    return { graph, counted: parts.counted, works: parts.works };
  }
  // What reading and sorting leave behind, and then the views themselves: V8 would let it lie until the peak is over.
  const tidy = collected.rows < rowsWorthTidying ? (): void => {} : collectGarbage;
  tidy();
  const paths = collected.paths.size;
  const distinct = yield* distinctViews(collected.views, paths, rankOf, job.maxPathProducts, kernel);
  const heaviest = heaviestOf(distinct, collected.paths);
  collected.paths = new IdTable();
  tidy();
  const graph = yield* graphOf(distinct);
  return { graph, counted: { counts: distinct.counts, paths, heaviest }, works: workOfSources(graph) };
}

/** Products are the one thing that has to fit. There may be more of them: the rest was not read. */
function tooManyProducts(plan: MemoryPlan, products: IdTable): ExpectedFailure {
  const megabytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
  return new ExpectedFailure(
    'usage',
    `Cannot relate at least ${products.size} products in ${megabytes(plan.memory)} MB of memory: they alone need ${megabytes(plan.productBytes(products))} MB`,
    { remedy: 'Give more --memory, or fewer --threads.' },
  );
}

function idOrder(wanted: 'auto' | IdOrder, products: IdTable): IdOrder {
  const found = wanted === 'text' ? 'text' : orderOf(products);
  if (wanted === 'integer' && found === 'text') {
    throw notAllIntegers();
  }
  return found;
}

/** A 1 for each product, by its place in `sorted`, that is among `targets`; ids that were never viewed do not matter. */
function allowedTargets(targets: readonly string[], products: IdTable, sorted: Uint32Array): Uint8Array {
  const wanted = new Uint8Array(products.size);
  for (const target of targets) {
    const number = products.find(Buffer.from(target));
    if (number !== -1) {
      wanted[number] = 1;
    }
  }
  return Uint8Array.from(sorted, (number) => wanted[number]!);
}
