import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import type { IdOrder } from '../../relation/id-order.ts';
import { IdTable } from '../../relation/id-table.ts';
import { addSums, brokenIdentity, noRelations } from '../../relation/identities.ts';
import { type Output, writeFile } from '../../storage/output.ts';
import { relationFormatter } from '../../tsv/relation-format.ts';
import type { Engine, Related, RelateJob } from '../engine.ts';
import { notAllIntegers, untrustworthy } from '../refusals.ts';
import type { BlockWork } from './block-work.ts';
import { planBlocks } from './blocks.ts';
import { collectViews } from './collect-views.ts';
import { buildGraph, type GraphCounts, orderOf, ranksOf, sortedIds } from './graph.ts';
import { defaultMemory, leastMemory, MemoryPlan } from './memory-plan.ts';
import { outputIds } from './output-ids.ts';
import { relateBlocks } from './relate-blocks.ts';
import { relateSpilled } from './relate-spilled.ts';
import { writeRelationIndex } from './relation-index.ts';
import { SpilledViews } from './spilled-views.ts';
import { TemporaryFile } from './temporary-file.ts';
import { ViewCollector } from './view-collector.ts';

/**
 * Relates in this process, on all cores: in memory when the views fit in what they may take, else part by part with the rest on disk.
 */
export const localEngine: Engine = {
  relate: (job, effects) =>
    relateLocally(job, effects).catch((error: unknown) => {
      throw error instanceof RangeError ? outOfMemory(error) : error;
    }),
};

/** What is written, and what is known of it beforehand. */
interface Planned {
  readonly work: BlockWork;
  readonly starts: readonly number[];
  readonly paths: number;
  readonly counts: GraphCounts;
}

async function relateLocally(job: RelateJob, effects: Effects): Promise<Related> {
  const plan = new MemoryPlan(job.memory ?? defaultMemory(), job.threads);
  let temporary: TemporaryFile | undefined;
  const openSpill = (): SpilledViews => {
    temporary = new TemporaryFile(job.tempDir, effects.randomHex(8));
    effects.log.info(
      `The views do not fit in ${Math.floor(plan.memory / 2 ** 20)} MB: going on with temporary files in ${job.tempDir}`,
    );
    return new SpilledViews(temporary);
  };
  try {
    const collected = new ViewCollector(plan, openSpill);
    const { files, rows } = await collectViews(job, collected, plan.memory, effects);
    collected.views.end();
    job.rejected.throwIfTooMany(job.views.locations.join(', '), rows);

    const { products } = collected;
    if (plan.productBytes(products) > Math.max(plan.memory, leastMemory)) {
      throw tooManyProducts(plan, products);
    }
    const order = idOrder(job.ids, products);
    const sorted = sortedIds(products, order);
    const allowed = job.targets && allowedTargets(job.targets, products, sorted);
    const limits = { top: job.top, minWeight: job.minWeight, allowed };
    const ids = outputIds(products, sorted);
    const rankOf = ranksOf(sorted);

    let planned: Planned;
    if (collected.spilled === undefined || temporary === undefined) {
      const paths = collected.paths.size;
      collected.paths = new IdTable();
      const { graph, counts } = buildGraph(collected.views, paths, rankOf, job.maxPathProducts);
      planned = { work: { kind: 'relate', graph, limits, ids }, starts: planBlocks(graph), paths, counts };
    } else {
      const sizes = {
        pathShare: collected.pathShare,
        groupBytes: plan.groupBytes(products),
        threads: job.threads,
      };
      const spilled = await relateSpilled(collected.spilled, temporary, sizes, rankOf, job.maxPathProducts, effects);
      planned = { ...spilled, work: { kind: 'merge', runs: spilled.runs, limits, ids } };
    }
    const { artefact, result, output } = await writeFile(job.out, effects, (output) =>
      writeRelations(planned, job, output, effects),
    );
    if (job.format === 'tsv' && job.out.endsWith('.gz')) {
      await writeRelationIndex(output, effects);
    }
    return {
      files,
      rows,
      rejected: job.rejected.count,
      paths: planned.paths,
      products: products.size,
      order,
      ...planned.counts,
      ...result,
      artefact,
    };
  } finally {
    temporary?.close();
  }
}

/** Writes all relations and checks the identities before the file may appear under its name. */
async function writeRelations(
  { work, starts, counts }: Planned,
  job: RelateJob,
  output: Output,
  effects: Effects,
): Promise<{ relations: number; sources: number }> {
  const formatter = await relationFormatter(job.format);
  const sums = noRelations();
  let relations = 0;
  let sources = 0;
  if (formatter.head !== '') {
    await output.write(Buffer.from(formatter.head), 1);
  }
  for await (const block of relateBlocks(work, starts, counts.weight, job.threads, effects)) {
    addSums(sums, block.sums);
    relations += block.relations;
    sources += block.sources;
    if (block.length > 0) {
      await output.write(formatter.format(block.bytes.subarray(0, block.length)), block.relations);
    }
  }
  const broken = brokenIdentity(sums, counts.weight);
  if (broken !== undefined) {
    throw untrustworthy(broken);
  }
  return { relations, sources };
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

/** A RangeError is what a typed array throws that cannot be had. */
function outOfMemory(error: RangeError): ExpectedFailure {
  return new ExpectedFailure('inputOutput', `Cannot relate the views: they do not fit in memory (${error.message})`, {
    remedy: 'Relate a shorter time window, or use a machine with more memory.',
    cause: error,
  });
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
