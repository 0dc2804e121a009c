import type { Effects } from '../../effects.ts';
import { ExpectedFailure, errorCode, messageOf } from '../../failure.ts';
import { inTurns } from '../../in-turns.ts';
import { addSums, brokenIdentity, noRelations } from '../../relation/identities.ts';
import type { RankedLimits } from '../../relation/top-scored.ts';
import { type Artefact, type Output, writeFile } from '../../storage/output.ts';
import { relationFormatter } from '../../tsv/relation-format.ts';
import type { Engine, Related, RelateJob } from '../engine.ts';
import { untrustworthy } from '../refusals.ts';
import type { BlockWork } from './block-work.ts';
import { blockCost, planBlocks } from './blocks.ts';
import { Garbage } from './collect-garbage.ts';
import { addPathCounts, type GraphCounts } from './graph.ts';
import { type BoundedJob, isInParts, type JobViews, type ViewsInParts, wholeGraph, withJobViews } from './job-views.ts';
import { defaultMemory, threadsWithin } from './memory-plan.ts';
import { type BlockMeans, relateBlocks } from './relate-blocks.ts';
import { relateSpilled } from './relate-spilled.ts';
import { writeRelationIndex } from './relation-index.ts';
import { allocate32 } from './shared-kernel.ts';

/** Fewer relations are written, and fewer pairs counted, in some two seconds, of which an estimate would take a twentieth. */
const worthPlanning = { relations: 15e6, pairs: 1e9 };

/**
 * Relates in this process, on all cores: in memory when the views fit in what they may take, else part by part with the rest on disk.
 */
export const localEngine: Engine = {
  relate: (wanted, effects) => {
    const job = bounded(wanted);
    return withJobViews(job, effects, true, (views) => relateViews(job, views, effects)).catch(translateMemory);
  },
  plan: (wanted, effects, number) => {
    const job = bounded(wanted);
    return withJobViews(job, effects, false, async (views) => {
      job.rejected.report(views.rows);
      return (await planning()).planViews(job, views, effects, number);
    }).catch(translateMemory);
  },
};

/** The job with a bound of its memory, and with no more threads than are worth theirs. */
function bounded(job: RelateJob): BoundedJob {
  const memory = job.memory ?? defaultMemory();
  return { ...job, memory, threads: threadsWithin(memory, job.threads) };
}

/** Loaded for what takes a while only. */
const planning = (): Promise<typeof import('./plan-views.ts')> => import('./plan-views.ts');

/** What is written, and what is known of it beforehand. */
interface Planned {
  readonly work: BlockWork;
  readonly starts: readonly number[];
  readonly paths: number;
  readonly counts: GraphCounts;
  /** Of each product the paths that count; `undefined` unless a score or a file needs them. */
  readonly pathCounts: Uint32Array | undefined;
}

async function relateViews(job: RelateJob, views: JobViews, effects: Effects): Promise<Related> {
  const { files, rows, products, order, memory, started } = views;
  const planned = await (isInParts(views) ? relateInParts(job, views, effects) : relateInMemory(job, views, effects));
  const { paths, counts, pathCounts } = planned;
  const { artefact, result, output } = await writeFile(
    job.out,
    effects,
    (output) => writeRelations(planned, job, { threads: job.threads, memory, started }, output, effects),
    job.threads,
  );
  if (job.format === 'tsv' && job.out.endsWith('.gz')) {
    await writeRelationIndex(output, effects);
  }
  return {
    files,
    rows,
    rejected: job.rejected.count,
    paths,
    products,
    order,
    ...counts,
    ...result,
    artefact,
    pathCounts: await pathCountsFile(job, views, pathCounts, effects),
  };
}

async function pathCountsFile(
  { pathCounts: location }: RelateJob,
  { ids }: JobViews,
  counts: Uint32Array | undefined,
  effects: Effects,
): Promise<Artefact | undefined> {
  return location === undefined || counts === undefined
    ? undefined
    : await (await import('./write-path-counts.ts')).writePathCounts(location, ids, counts, effects);
}

/** Room for the path counts of all products, all 0; threads share it. */
function pathCountsFor(job: RelateJob, { kernel, products }: JobViews): Uint32Array | undefined {
  return isRanked(job) || job.pathCounts !== undefined ? allocate32(kernel.memory, products) : undefined;
}

function isRanked({ score, top }: RelateJob): boolean {
  return score !== 'weight' && top !== Number.POSITIVE_INFINITY;
}

/** The limits of the rows, with what orders them. */
function rankedLimits(
  job: RelateJob,
  limits: RankedLimits,
  { paths, counts, pathCounts }: Pick<Planned, 'paths' | 'counts' | 'pathCounts'>,
): RankedLimits {
  return pathCounts === undefined || !isRanked(job)
    ? limits
    : { ...limits, ranking: { score: job.score, pathCounts, paths: paths - counts.leftOut.paths } };
}

async function relateInMemory(job: RelateJob, views: JobViews, effects: Effects): Promise<Planned> {
  const { kernel, limits, ids } = views;
  const whole = await inTurns(wholeGraph(job, views), effects.signal);
  const { graph, works } = whole;
  const { counts, paths } = whole.counted;
  const mostRelations = Math.min(counts.weight, views.products * Math.min(views.products - 1, job.top));
  if (mostRelations >= worthPlanning.relations || counts.weight >= worthPlanning.pairs) {
    await (await planning()).planAhead(job, views, whole, effects);
  }
  const pathCounts = pathCountsFor(job, views);
  if (pathCounts !== undefined) {
    addPathCounts(graph, pathCounts);
  }
  const planned = { starts: planBlocks(works, blockCost, ids), paths, counts, pathCounts };
  return { ...planned, work: { kind: 'relate', kernel, graph, ids, limits: rankedLimits(job, limits, planned) } };
}

async function relateInParts(job: RelateJob, views: ViewsInParts, effects: Effects): Promise<Planned> {
  const { parts, kernel, limits, ids, memory } = views;
  const { counts, paths } = parts.counted;
  await (await planning()).planAhead(job, views, parts, effects);
  const pathCounts = pathCountsFor(job, views);
  const { runs, starts } = await relateSpilled(parts, ids, pathCounts, { threads: job.threads, memory }, effects);
  const planned = { starts, paths, counts, pathCounts };
  return { ...planned, work: { kind: 'merge', kernel, runs, ids, limits: rankedLimits(job, limits, planned) } };
}

/** Writes all relations and checks the identities before the file may appear under its name. */
async function writeRelations(
  { work, starts, counts }: Planned,
  job: RelateJob,
  means: BlockMeans,
  output: Output,
  effects: Effects,
): Promise<{ relations: number; sources: number }> {
  const formatter = await relationFormatter(job.format);
  const sums = noRelations();
  const garbage = new Garbage(means.memory);
  let relations = 0;
  let sources = 0;
  if (formatter.head !== '') {
    await output.write(Buffer.from(formatter.head), 1);
  }
  for await (const block of relateBlocks(work, starts, counts.weight, means, effects)) {
    addSums(sums, block.sums);
    effects.progress({
      stage: work.kind === 'merge' ? 'Merging the parts' : 'Relating',
      done: sums.weight,
      total: counts.weight,
      unit: 'pairs',
    });
    relations += block.relations;
    sources += block.sources;
    if (block.length === 0) {
      // It may have been given a buffer all the same.
      block.release();
    } else {
      const bytes = formatter.format(block.bytes.subarray(0, block.length));
      await output.write(bytes, block.relations, block.release);
      if (output.copies) {
        garbage.add(bytes.length);
      }
    }
  }
  const broken = brokenIdentity(sums, counts.weight, effects.number);
  if (broken !== undefined) {
    throw untrustworthy(broken);
  }
  return { relations, sources };
}

/** A RangeError is what a typed array throws that cannot be had, in a worker too; the other one says that a worker's heap was full. */
function translateMemory(error: unknown): never {
  if (error instanceof RangeError || errorCode(error) === 'ERR_WORKER_OUT_OF_MEMORY') {
    throw new ExpectedFailure(
      'inputOutput',
      `Cannot relate the views: they do not fit in memory (${messageOf(error)})`,
      {
        remedy:
          'Give less --memory or fewer --threads, relate a shorter time window, or use a machine with more memory.',
        cause: error,
      },
    );
  }
  throw error;
}
