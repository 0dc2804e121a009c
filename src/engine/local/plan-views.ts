import type { Effects } from '../../effects.ts';
import { inTurns, type Steps } from '../../in-turns.ts';
import type { FormatNumber } from '../../report/format-rows.ts';
import type { RelateJob } from '../engine.ts';
import { everything } from './block-work.ts';
import { workOfSources } from './blocks.ts';
import { collectGarbage } from './collect-garbage.ts';
import { type Counted, estimateOf, type Sampled } from './estimate.ts';
import { type Graph, type HeavyPath, heaviestNamed } from './graph.ts';
import { graphInMemory, type JobViews } from './job-views.ts';
import { LineWriter } from './line-writer.ts';
import { announce, describePlan, type LocalPlan, planOf, refuseWithoutRoom } from './local-plan.ts';
import { newKernel } from './new-kernel.ts';
import type { Parts } from './parts.ts';
import { RowKernel } from './row-kernel.ts';
import { RunWriter } from './row-run.ts';
import { sampleParts } from './sample-parts.ts';
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

/**
 * The plan of a job, in words, without doing it. Views in parts are read twice: all pairs are counted first, and how they are spread over the
 * sources, and then some sources are drawn from all.
 */
export async function planViews(
  job: RelateJob,
  views: JobViews,
  effects: Effects,
  number?: FormatNumber,
): Promise<string> {
  const { signal } = effects;
  const { spilled } = views;
  if (spilled === undefined) {
    const { graph, counted } = await inTurns(graphInMemory(job, views), signal);
    return describePlan(await planGraph(job, views, counted, graph, workOfSources(graph), effects), number);
  }
  const { parts, file } = spilled;
  const { works, ...counted } = await inTurns(countParts(parts), signal);
  const sampled = { ...(await inTurns(sampleParts(parts, file, views, works), signal)), times: 1 };
  return describePlan(await planSampled(job, views, counted, sampled, effects), number);
}

async function planGraph(
  job: RelateJob,
  views: JobViews,
  counted: Counted,
  graph: Graph,
  works: Float64Array,
  effects: Effects,
): Promise<LocalPlan> {
  const { kernel, limits, ids, spilled } = views;
  const { signal } = effects;
  const row = new RowKernel(kernel, graph.products);
  const lines = await inTurns(
    sampleRelations(graph, row, works, limits, new LineWriter(row, ids), spilled !== undefined),
    signal,
  );
  const run =
    spilled && (await inTurns(sampleRelations(graph, row, works, everything, new RunWriter(row), false), signal));
  collectGarbage();
  return await planSampled(job, views, counted, { lines, run, times: spilled?.parts.times(1) ?? 1 }, effects);
}

async function planSampled(
  job: RelateJob,
  { memory, products, spilled }: JobViews,
  counted: Counted,
  sampled: Sampled,
  effects: Effects,
): Promise<LocalPlan> {
  const form = { format: job.format, gzip: job.out.endsWith('.gz'), threads: job.threads, products };
  const estimate = estimateOf(counted, sampled, form);
  return await planOf(
    job,
    memory,
    estimate,
    spilled && { parts: spilled.parts.count, viewBytes: spilled.viewBytes },
    effects,
  );
}

/** The figures of all parts, and the work of each source in all of them. */
function* countParts(parts: Parts): Steps<Counted & { readonly works: Float64Array }> {
  const counts = { views: 0, weight: 0, leftOut: { paths: 0, pairs: 0 } };
  const heaviest: HeavyPath[] = [];
  const works = new Float64Array(parts.products);
  let paths = 0;
  for (let part = 0; part < parts.count; part++) {
    collectGarbage();
    const counted = yield* countPart(parts, part, works);
    counts.views += counted.counts.views;
    counts.weight += counted.counts.weight;
    paths += counted.paths;
    heaviest.push(...counted.heaviest);
  }
  heaviest.sort((a, b) => b.products - a.products).splice(heaviestNamed);
  return { counts, paths, heaviest, times: 1, works };
}

/** The figures of a part, whose work is added to that of the others. A function of its own, because one that waits keeps what its variables held. */
function* countPart(parts: Parts, part: number, works: Float64Array): Steps<Omit<Counted, 'times'>> {
  const { distinct, paths, heaviest } = yield* parts.load(part, newKernel());
  workOfSources({ ...distinct, pathProducts: distinct.rows }).forEach((work, source) => {
    works[source]! += work;
  });
  return { counts: distinct.counts, paths, heaviest };
}
