import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import type { IdOrder } from '../../relation/id-order.ts';
import type { IdTable } from '../../relation/id-table.ts';
import { addSums, brokenIdentity, noRelations } from '../../relation/identities.ts';
import { type Output, writeFile } from '../../storage/output.ts';
import { readViews } from '../../tsv/read-views.ts';
import { relationFormatter } from '../../tsv/relation-format.ts';
import type { Engine, Related, RelateJob } from '../engine.ts';
import { notAllIntegers, untrustworthy } from '../refusals.ts';
import { planBlocks } from './blocks.ts';
import { buildGraph, type Graph, orderOf, sortedIds } from './graph.ts';
import { relateBlocks } from './relate-blocks.ts';
import { ViewCollector } from './view-collector.ts';

/** Relates in this process, on all cores, in memory: 16 to 20 bytes a view while reading, 8 afterwards, and the ids. */
export const localEngine: Engine = {
  relate: (job, effects) =>
    relateInMemory(job, effects).catch((error: unknown) => {
      throw error instanceof RangeError ? outOfMemory(error) : error;
    }),
};

async function relateInMemory(job: RelateJob, effects: Effects): Promise<Related> {
  const collected = new ViewCollector();
  const { files, rows } = await readViews(job.views, collected, job.rejected, effects);
  collected.end();
  job.rejected.throwIfTooMany(job.views.locations.join(', '), rows);

  const { paths, products } = collected;
  const order = idOrder(job.ids, products);
  const sorted = sortedIds(products, order);
  const allowed = job.targets && allowedTargets(job.targets, products, sorted);
  const { graph, counts } = buildGraph(collected, sorted, job.maxPathProducts);

  const { artefact, result } = await writeFile(job.out, effects, (output) =>
    writeRelations(graph, counts.weight, allowed, job, output, effects),
  );
  return {
    files,
    rows,
    rejected: job.rejected.count,
    paths: paths.size,
    products: products.size,
    order,
    ...counts,
    ...result,
    artefact,
  };
}

/** Writes all relations and checks the identities before the file may appear under its name. */
async function writeRelations(
  graph: Graph,
  weight: number,
  allowed: Uint8Array | undefined,
  job: RelateJob,
  output: Output,
  effects: Effects,
): Promise<{ relations: number; sources: number }> {
  const formatter = await relationFormatter(job.format);
  const limits = { top: job.top, minWeight: job.minWeight, allowed };
  const sums = noRelations();
  let relations = 0;
  let sources = 0;
  if (formatter.head !== '') {
    await output.write(Buffer.from(formatter.head), 1);
  }
  for await (const block of relateBlocks(graph, limits, planBlocks(graph), weight, job.threads, effects)) {
    addSums(sums, block.sums);
    relations += block.relations;
    sources += block.sources;
    if (block.length > 0) {
      await output.write(formatter.format(block.bytes.subarray(0, block.length)), block.relations);
    }
  }
  const broken = brokenIdentity(sums, weight);
  if (broken !== undefined) {
    throw untrustworthy(broken);
  }
  return { relations, sources };
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
