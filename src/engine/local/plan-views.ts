import type { Effects } from '../../effects.ts';
import type { FormatNumber } from '../../report/format-rows.ts';
import type { RelateJob } from '../engine.ts';
import { everything } from './block-work.ts';
import { workOfSources } from './blocks.ts';
import { collectGarbage } from './collect-garbage.ts';
import { newKernel } from './compiled.ts';
import { type Counted, estimateOf } from './estimate.ts';
import { type Graph, graphOf, type HeavyPath, heaviestNamed } from './graph.ts';
import { type CountedGraph, graphInMemory, type JobViews } from './job-views.ts';
import { LineWriter } from './line-writer.ts';
import { announce, describePlan, type LocalPlan, planOf, refuseWithoutRoom } from './local-plan.ts';
import type { Parts } from './parts.ts';
import { RowKernel } from './row-kernel.ts';
import { RunWriter } from './row-run.ts';
import { sampleRelations } from './sample-relations.ts';

/**
 * Tells what relating will take, from the graph of all views or of their first part, before it begins.
 *
 * @throws ExpectedFailure when the disk cannot hold what it takes
 */
export async function planAhead(
  job: RelateJob,
  views: JobViews,
  counted: Counted,
  graph: Graph,
  works: Float64Array,
  effects: Effects,
): Promise<void> {
  const plan = await planGraph(job, views, counted, graph, works, effects);
  announce(plan, effects);
  refuseWithoutRoom(plan, effects);
}

/** The plan of a job, in words, without doing it: all pairs are counted, also where the views are in parts. */
export async function planViews(
  job: RelateJob,
  views: JobViews,
  effects: Effects,
  number?: FormatNumber,
): Promise<string> {
  const { graph, counted } =
    views.spilled === undefined ? graphInMemory(job, views) : graphOfParts(views.spilled.parts, effects.signal);
  return describePlan(await planGraph(job, views, counted, graph, workOfSources(graph), effects), number);
}

async function planGraph(
  job: RelateJob,
  { kernel, limits, ids, memory, spilled }: JobViews,
  counted: Counted,
  graph: Graph,
  works: Float64Array,
  effects: Effects,
): Promise<LocalPlan> {
  const row = new RowKernel(kernel, graph.products);
  const lines = sampleRelations(graph, row, works, limits, new LineWriter(row, ids), spilled !== undefined);
  const run = spilled && sampleRelations(graph, row, works, everything, new RunWriter(row), false);
  collectGarbage();
  const form = { format: job.format, gzip: job.out.endsWith('.gz'), threads: job.threads, products: graph.products };
  const estimate = estimateOf(counted, { lines, run, times: spilled?.parts.times(1) ?? 1 }, form);
  const { parts, viewBytes = 0 } = spilled ?? {};
  return await planOf(job, memory, estimate, parts && { parts: parts.count, viewBytes }, effects);
}

/** The graph of the first part, and the figures of all. */
function graphOfParts(parts: Parts, signal: AbortSignal): CountedGraph {
  const counted = countParts(parts, signal);
  collectGarbage();
  return { graph: graphOf(parts.load(0, newKernel(), signal).distinct), counted };
}

function countParts(parts: Parts, signal: AbortSignal): Counted {
  const counts = { views: 0, weight: 0, leftOut: { paths: 0, pairs: 0 } };
  const heaviest: HeavyPath[] = [];
  let paths = 0;
  for (let part = 0; part < parts.count; part++) {
    collectGarbage();
    const loaded = parts.load(part, newKernel(), signal);
    counts.views += loaded.distinct.counts.views;
    counts.weight += loaded.distinct.counts.weight;
    paths += loaded.paths;
    heaviest.push(...loaded.heaviest);
  }
  heaviest.sort((a, b) => b.products - a.products).splice(heaviestNamed);
  return { counts, paths, heaviest, times: 1 };
}
