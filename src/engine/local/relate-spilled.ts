import type { Effects } from '../../effects.ts';
import { inTurns, type Steps } from '../../in-turns.ts';
import type { TemporaryFile } from '../../storage/temporary-file.ts';
import { blockWork, planBlocks, workOfSources } from './blocks.ts';
import { collectGarbage } from './collect-garbage.ts';
import { addPathCounts, type Graph, type GraphCounts, graphOf } from './graph.ts';
import type { Runs } from './merge-block.ts';
import { newKernel } from './new-kernel.ts';
import type { LoadedPart, Parts } from './parts.ts';
import { type BlockMeans, relateBlocks } from './relate-blocks.ts';

/** Smaller blocks of a run would be too many to keep account of. */
const leastRunWork = 1 << 12;

/** What relating part by part gave: runs to be merged, and the figures of all paths. */
export interface SpilledRuns {
  readonly runs: Runs;
  /** Where each block starts, in every run, and the number of products at the end. */
  readonly starts: readonly number[];
  readonly paths: number;
  readonly counts: GraphCounts;
}

/** Told of the first part before its first pair is formed. */
export type Begin = (
  part: Omit<LoadedPart, 'distinct'> & { counts: GraphCounts },
  graph: Graph,
  works: Float64Array,
) => Promise<void>;

/**
 * Relates views that are on disk, each part of them into a run on disk.
 *
 * @param pathCounts where the paths of each product are added up, if they are wanted
 */
export async function relateSpilled(
  parts: Parts,
  file: TemporaryFile,
  begin: Begin,
  pathCounts: Uint32Array | undefined,
  means: BlockMeans,
  effects: Effects,
): Promise<SpilledRuns> {
  const total = { paths: 0, views: 0, weight: 0, leftOut: { paths: 0, pairs: 0 } };
  let starts: readonly number[] | undefined;
  const places: Float64Array[] = [];
  for (let part = 0; part < parts.count; part++) {
    effects.log.debug(`Relating part ${part + 1} of ${parts.count}`);
    collectGarbage();
    const progress = (counts: GraphCounts, weight: number): void =>
      effects.progress({
        stage: 'Relating the parts',
        done: total.weight + weight,
        total: (total.weight + counts.weight) * parts.times(part + 1),
        unit: 'pairs',
      });
    const written = await writeRun({ parts, part, begin, file, starts, pathCounts, means, progress }, effects);
    starts = written.starts;
    places.push(written.places);
    total.paths += written.paths;
    total.views += written.counts.views;
    total.weight += written.counts.weight;
    total.leftOut.paths += written.counts.leftOut.paths;
    total.leftOut.pairs += written.counts.leftOut.pairs;
    if (part === 0) {
      file.expect(written.places.reduce((sum, length, at) => sum + (at % 2) * length, 0) * (parts.times(1) - 1));
    }
  }
  effects.log.debug(`Merging ${parts.count} parts`);
  collectGarbage();
  starts ??= [0, parts.products];
  const pieces = starts
    .slice(1)
    .map((_, block) => Float64Array.from(places.flatMap((run) => [...run.subarray(2 * block, 2 * block + 2)])));
  return {
    runs: { descriptor: file.descriptor, products: parts.products, pieces },
    starts,
    paths: total.paths,
    counts: total,
  };
}

interface RunOrder {
  readonly parts: Parts;
  readonly part: number;
  readonly begin: Begin;
  readonly file: TemporaryFile;
  /** Where the blocks start; `undefined` in the first part. */
  readonly starts: readonly number[] | undefined;
  readonly pathCounts: Uint32Array | undefined;
  readonly means: BlockMeans;
  /** Told of the sum of the weights so far. */
  readonly progress: (counts: GraphCounts, weight: number) => void;
}

/**
 * Writes the relations of one part. A function of its own, because one that waits keeps what its variables held in the round before, and two
 * graphs at a time do not fit.
 */
async function writeRun(
  { parts, part, begin, file, starts: given, pathCounts, means, progress }: RunOrder,
  effects: Effects,
): Promise<{ starts: readonly number[]; places: Float64Array; counts: GraphCounts; paths: number }> {
  const { graph, counts, paths, heaviest } = await inTurns(loadGraph(parts, part), effects.signal);
  collectGarbage();
  if (pathCounts !== undefined) {
    addPathCounts(graph, pathCounts);
  }
  let starts = given;
  if (starts === undefined) {
    const works = workOfSources(graph);
    await begin({ counts, paths, heaviest }, graph, works);
    // Paths are in parts by their hash, so that the work of the first part says how the work of every one is spread.
    starts = planBlocks(works, Math.max(leastRunWork, Math.ceil(blockWork / parts.count)));
  }
  const places = new Float64Array(2 * (starts.length - 1));
  let at = 0;
  let weight = 0;
  for await (const block of relateBlocks(
    { kind: 'run', kernel: graph.kernel, graph },
    starts,
    counts.weight,
    means,
    effects,
  )) {
    places[at++] = file.append(block.bytes.subarray(0, block.length));
    places[at++] = block.length;
    block.release();
    weight += block.sums.weight;
    progress(counts, weight);
  }
  return { starts, places, counts, paths };
}

function* loadGraph(
  parts: Parts,
  part: number,
): Steps<Omit<LoadedPart, 'distinct'> & { graph: Graph; counts: GraphCounts }> {
  const { distinct, ...loaded } = yield* parts.load(part, newKernel());
  // The views as they were read make room for the second list.
  collectGarbage();
  return { ...loaded, graph: yield* graphOf(distinct), counts: distinct.counts };
}
