import type { Effects } from '../../effects.ts';
import { inTurns, type Steps } from '../../in-turns.ts';
import type { FormatNumber } from '../../report/format-rows.ts';
import type { RelateJob } from '../engine.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { DistinctParts } from './distinct-parts.ts';
import { estimateOf, type Sampled } from './estimate.ts';
import { type CountedGraph, isInParts, type JobViews, wholeGraph } from './job-views.ts';
import { LineWriter } from './line-writer.ts';
import { announce, describePlan, type LocalPlan, planOf, refuseWithoutRoom } from './local-plan.ts';
import { RowKernel } from './row-kernel.ts';
import { sampleParts } from './sample-parts.ts';
import { sampleRelations } from './sample-relations.ts';

/**
 * Tells what relating will take before it begins.
 *
 * @throws ExpectedFailure when the disk cannot hold what it takes
 */
export async function planAhead(
  job: RelateJob,
  views: JobViews,
  counted: CountedGraph | DistinctParts,
  effects: Effects,
): Promise<void> {
  const plan = await planCounted(job, views, counted, effects);
  announce(plan, effects);
  refuseWithoutRoom(plan, effects);
}

/** The plan of a job, in words, without doing it. */
export async function planViews(
  job: RelateJob,
  views: JobViews,
  effects: Effects,
  number?: FormatNumber,
): Promise<string> {
  const counted = isInParts(views) ? views.parts : await inTurns(wholeGraph(job, views), effects.signal);
  return describePlan(await planCounted(job, views, counted, effects), number);
}

async function planCounted(
  job: RelateJob,
  views: JobViews,
  counted: CountedGraph | DistinctParts,
  effects: Effects,
): Promise<LocalPlan> {
  const { memory, products, parts } = views;
  const sample = 'graph' in counted ? sampleGraph(views, counted) : sampleParts(views, counted);
  const sampled = await inTurns(sample, effects.signal);
  collectGarbage();
  const form = { format: job.format, gzip: job.out.endsWith('.gz'), threads: job.threads, products };
  return await planOf(job, memory, estimateOf(counted.counted, sampled, form), parts, effects);
}

function* sampleGraph({ kernel, limits, ids }: JobViews, { graph, works }: CountedGraph): Steps<Sampled> {
  const row = new RowKernel(kernel, graph.products);
  row.useGraph(graph);
  return { lines: yield* sampleRelations(row, works, limits, new LineWriter(row, ids)), run: undefined };
}
