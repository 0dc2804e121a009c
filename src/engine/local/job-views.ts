import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import type { Steps } from '../../in-turns.ts';
import type { IdOrder } from '../../relation/id-order.ts';
import { IdTable } from '../../relation/id-table.ts';
import type { RowLimits } from '../../relation/top-targets.ts';
import { TemporaryFile } from '../../storage/temporary-file.ts';
import type { RelateJob } from '../engine.ts';
import { notAllIntegers } from '../refusals.ts';
import type { BlockThreads } from './block-threads.ts';
import { collectGarbage } from './collect-garbage.ts';
import { collectViews, parserThreads } from './collect-views.ts';
import type { Counted } from './estimate.ts';
import { distinctViews, type Graph, graphOf, heaviestOf, orderOf, ranksOf, sortedIds } from './graph.ts';
import { inputBytes } from './input-bytes.ts';
import { defaultMemory, MemoryPlan } from './memory-plan.ts';
import { newKernel } from './new-kernel.ts';
import { type OutputIds, outputIds } from './output-ids.ts';
import { Parts } from './parts.ts';
import type { SharedKernel } from './shared-kernel.ts';
import { SpilledViews } from './spilled-views.ts';
import { ViewCollector } from './view-collector.ts';

/** Views that take less time to read than threads take to start. */
const bytesWorthThreads = 4 << 20;
/** With fewer views there is little to free. */
const rowsWorthTidying = 1 << 21;
/** With less, what idle threads take, some 10 MB each, is missed. */
const memoryWorthThreads = 1 << 30;

interface NumberedProducts {
  readonly products: number;
  readonly order: IdOrder;
  readonly limits: RowLimits;
  readonly kernel: SharedKernel;
  /** In the memory of the kernel. */
  readonly ids: OutputIds;
  /** The place of each product in the output order. */
  readonly rankOf: Uint32Array;
  /** Bytes that one part of the views may take. */
  readonly partBytes: number;
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
  readonly spilled: { readonly parts: Parts; readonly file: TemporaryFile; readonly viewBytes: number } | undefined;
}

/**
 * Reads the views of a job, in memory for as long as they fit, and does some work on them. Temporary files are gone afterwards.
 *
 * @param relating whether they will be related: the threads for it are started at once then, if the views look worth it
 * @throws ExpectedFailure when they cannot be read, when too many are rejected, and when the products do not fit in memory
 */
export async function withJobViews<T>(
  job: RelateJob,
  effects: Effects,
  relating: boolean,
  work: (views: JobViews) => Promise<T>,
): Promise<T> {
  const memory = job.memory ?? defaultMemory();
  const size = await inputBytes(job.views.locations, effects);
  const { parsers, bytes } = parserThreads(memory, job.threads, size);
  const plan = new MemoryPlan(memory, job.threads, bytes);
  let file: TemporaryFile | undefined;
  const openSpill = (spilledShare: number): SpilledViews => {
    file = new TemporaryFile(job.tempDir, effects.randomHex(8), size && size * spilledShare);
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
      await collected.makeRoom(effects.signal);
      progress();
    });
    progress(collected.rows);
    collected.views.end();
    job.rejected.throwIfTooMany(job.views.locations.join(', '), rows);

    const { spilled, pathShare } = collected;
    const numbered = numberProducts(job, collected, plan);
    const { rankOf, partBytes } = numbered;
    const sizes = { pathShare, partBytes };
    return await work({
      files,
      rows,
      ...numbered,
      memory: plan.memory,
      started,
      collected,
      spilled:
        spilled === undefined || file === undefined
          ? undefined
          : { parts: new Parts(spilled, sizes, rankOf, job.maxPathProducts), file, viewBytes: file.length },
    });
  } finally {
    file?.close();
    await started?.close();
  }
}

/**
 * Numbers the products in the order of the output. Their table is not needed any more then. A function of its own, because one that waits
 * keeps what its variables held.
 */
function numberProducts(job: RelateJob, collected: ViewCollector, plan: MemoryPlan): NumberedProducts {
  const { products } = collected;
  collected.products = new IdTable();
  if (!plan.holds(products)) {
    throw tooManyProducts(plan, products);
  }
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
  };
}

interface CountedGraph {
  readonly graph: Graph;
  readonly counted: Counted;
}

/** The graph of views that are in memory, and are not there any more afterwards. */
export function* graphInMemory(job: RelateJob, { kernel, collected, rankOf }: JobViews): Steps<CountedGraph> {
  // What reading and sorting leave behind, and then the views themselves: V8 would let it lie until the peak is over.
  const tidy = collected.rows < rowsWorthTidying ? (): void => {} : collectGarbage;
  tidy();
  const paths = collected.paths.size;
  const distinct = yield* distinctViews(collected.views, paths, rankOf, job.maxPathProducts, kernel);
  const heaviest = heaviestOf(distinct, collected.paths);
  collected.paths = new IdTable();
  tidy();
  return { graph: yield* graphOf(distinct), counted: { counts: distinct.counts, paths, heaviest, times: 1 } };
}

/** Products are the one thing that has to fit. */
function tooManyProducts(plan: MemoryPlan, products: IdTable): ExpectedFailure {
  const megabytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
  return new ExpectedFailure(
    'usage',
    `Cannot relate ${products.size} products in ${megabytes(plan.memory)} MB of memory: they alone need ${megabytes(plan.productBytes(products))} MB`,
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
