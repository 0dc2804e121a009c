import type { Effects } from '../../effects.ts';
import { inTurns } from '../../in-turns.ts';
import { blockCost, planBlocks } from './blocks.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { DistinctParts } from './distinct-parts.ts';
import { addPathCounts } from './graph.ts';
import type { Runs } from './merge-block.ts';
import { newKernel } from './new-kernel.ts';
import type { OutputIds } from './output-ids.ts';
import { type BlockMeans, relateBlocks } from './relate-blocks.ts';

/** Smaller blocks of a run would be too many to keep account of. */
const leastRunCost = 1 << 16;

/** What relating part by part gave: runs to be merged. */
export interface SpilledRuns {
  readonly runs: Runs;
  /** Where each block starts, in every run, and the number of products at the end. */
  readonly starts: readonly number[];
}

/**
 * Relates views that are on disk, each part of them into a run on disk.
 *
 * @param ids that are written once the runs are merged
 * @param pathCounts where the paths of each product are added up, if they are wanted
 */
export async function relateSpilled(
  parts: DistinctParts,
  ids: OutputIds,
  pathCounts: Uint32Array | undefined,
  means: BlockMeans,
  effects: Effects,
): Promise<SpilledRuns> {
  const starts = planBlocks(parts.works, Math.max(leastRunCost * parts.count, blockCost), ids);
  const places: Float64Array[] = [];
  let done = 0;
  const progress = (weight: number): void => {
    done += weight;
    effects.progress({ stage: 'Relating the parts', done, total: parts.counted.counts.weight, unit: 'pairs' });
  };
  for (let part = 0; part < parts.count; part++) {
    effects.log.debug(`Relating part ${part + 1} of ${parts.count}`);
    collectGarbage();
    places.push(await writeRun({ parts, part, starts, pathCounts, means, progress }, effects));
  }
  effects.log.debug(`Merging ${parts.count} parts`);
  collectGarbage();
  const pieces = starts
    .slice(1)
    .map((_, block) => Float64Array.from(places.flatMap((run) => [...run.subarray(2 * block, 2 * block + 2)])));
  return { runs: { descriptor: parts.file.descriptor, products: parts.products, pieces }, starts };
}

interface RunOrder {
  readonly parts: DistinctParts;
  readonly part: number;
  readonly starts: readonly number[];
  readonly pathCounts: Uint32Array | undefined;
  readonly means: BlockMeans;
  /** Told of the weight of each block. */
  readonly progress: (weight: number) => void;
}

/**
 * Writes the relations of one part. A function of its own, because one that waits keeps what its variables held in the round before, and two
 * graphs at a time do not fit.
 *
 * @returns where the rows of each block begin and how long they are, alternately
 */
async function writeRun(
  { parts, part, starts, pathCounts, means, progress }: RunOrder,
  effects: Effects,
): Promise<Float64Array> {
  const graph = await inTurns(parts.load(part, newKernel()), effects.signal);
  collectGarbage();
  if (pathCounts !== undefined) {
    addPathCounts(graph, pathCounts);
  }
  const places = new Float64Array(2 * (starts.length - 1));
  let at = 0;
  const { weight } = parts.counted.counts;
  for await (const block of relateBlocks(
    { kind: 'run', kernel: graph.kernel, graph },
    starts,
    weight / parts.count,
    means,
    effects,
  )) {
    places[at++] = parts.file.append(block.bytes.subarray(0, block.length));
    places[at++] = block.length;
    block.release();
    progress(block.sums.weight);
  }
  return places;
}
