import type { Effects } from '../../effects.ts';
import { IdTable } from '../../relation/id-table.ts';
import { blockWork, planBlocks } from './blocks.ts';
import { collectGarbage } from './collect-garbage.ts';
import { buildGraph, type Graph, type GraphCounts } from './graph.ts';
import { pathsBytes } from './memory-plan.ts';
import type { Runs } from './merge-block.ts';
import { relateBlocks } from './relate-blocks.ts';
import type { Partition, SpilledViews } from './spilled-views.ts';
import type { TemporaryFile } from './temporary-file.ts';
import { ViewChunks } from './view-collector.ts';

/** Smaller blocks of a run would be too many to keep account of. */
const leastRunWork = 1 << 12;

/** What relating partition by partition gave: runs to be merged, and the figures of all paths. */
export interface SpilledRuns {
  readonly runs: Runs;
  /** Where each block starts, in every run, and the number of products at the end. */
  readonly starts: readonly number[];
  readonly paths: number;
  readonly counts: GraphCounts;
}

/**
 * Relates views that are on disk: as many partitions as fit in memory at a time, each such group into a run on disk.
 *
 * @param pathShare paths a view
 * @param groupBytes memory of a group
 * @param rankOf the place of each product in the output order
 */
export async function relateSpilled(
  views: SpilledViews,
  file: TemporaryFile,
  { pathShare, groupBytes, threads }: { pathShare: number; groupBytes: number; threads: number },
  rankOf: Uint32Array,
  maxPathProducts: number,
  effects: Effects,
): Promise<SpilledRuns> {
  const groups = groupsOf(views.end(), pathShare, groupBytes);
  const total = { paths: 0, views: 0, weight: 0, leftOut: { paths: 0, pairs: 0 } };
  let starts: readonly number[] | undefined;
  const places: Float64Array[] = [];
  for (const [run, group] of groups.entries()) {
    effects.log.debug(`Relating part ${run + 1} of ${groups.length}`);
    collectGarbage();
    const load = (): LoadedGroup => loadGroup(group, views, rankOf, maxPathProducts, effects.signal);
    const written = await writeRun(load, file, starts, groups.length, threads, effects);
    starts = written.starts;
    places.push(written.places);
    total.paths += written.paths;
    total.views += written.counts.views;
    total.weight += written.counts.weight;
    total.leftOut.paths += written.counts.leftOut.paths;
    total.leftOut.pairs += written.counts.leftOut.pairs;
    if (run === 0) {
      file.expect(written.places.reduce((sum, length, at) => sum + (at % 2) * length, 0) * (groups.length - 1));
    }
  }
  collectGarbage();
  starts ??= [0, rankOf.length];
  const pieces = starts
    .slice(1)
    .map((_, block) => Float64Array.from(places.flatMap((run) => [...run.subarray(2 * block, 2 * block + 2)])));
  return {
    runs: { descriptor: file.descriptor, products: rankOf.length, pieces },
    starts,
    paths: total.paths,
    counts: total,
  };
}

interface LoadedGroup {
  readonly graph: Graph;
  readonly counts: GraphCounts;
  readonly paths: number;
}

/**
 * Writes the relations of one group. A function of its own, because one that waits keeps what its variables held in the round before, and two
 * graphs at a time do not fit.
 */
async function writeRun(
  load: () => LoadedGroup,
  file: TemporaryFile,
  given: readonly number[] | undefined,
  groups: number,
  threads: number,
  effects: Effects,
): Promise<{ starts: readonly number[]; places: Float64Array; counts: GraphCounts; paths: number }> {
  const { graph, counts, paths } = load();
  collectGarbage();
  // Paths are in groups by their hash, so that the work of the first group says how the work of every one is spread.
  const starts = given ?? planBlocks(graph, Math.max(leastRunWork, Math.ceil(blockWork / groups)));
  const places = new Float64Array(2 * (starts.length - 1));
  let at = 0;
  for await (const block of relateBlocks({ kind: 'run', graph }, starts, counts.weight, threads, effects)) {
    places[at++] = file.append(block.bytes.subarray(0, block.length));
    places[at++] = block.length;
  }
  return { starts, places, counts, paths };
}

function loadGroup(
  group: readonly Partition[],
  views: SpilledViews,
  rankOf: Uint32Array,
  maxPathProducts: number,
  signal: AbortSignal,
): LoadedGroup {
  const paths = new IdTable();
  const chunks = new ViewChunks();
  for (const partition of group) {
    signal.throwIfAborted();
    views.read(partition, (bytes, start, end, product) => chunks.add(paths.intern(bytes, start, end), product));
  }
  chunks.end();
  return { ...buildGraph(chunks, paths.size, rankOf, maxPathProducts), paths: paths.size };
}

function groupsOf(partitions: readonly Partition[], pathShare: number, groupBytes: number): Partition[][] {
  const groups: Partition[][] = [];
  let left = 0;
  for (const partition of partitions) {
    const { rows, bytes } = partition;
    // Of the bytes on disk, the share of the path ids that are kept once.
    const needed = pathsBytes(rows, pathShare * rows, pathShare * (bytes + 24 * rows));
    const group = groups.at(-1);
    if (group === undefined || needed > left) {
      groups.push([partition]);
      left = groupBytes - needed;
    } else {
      group.push(partition);
      left -= needed;
    }
  }
  return groups;
}
