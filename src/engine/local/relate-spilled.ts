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
  let pieces: Float64Array[] = [];
  for (const [run, group] of groups.entries()) {
    effects.log.debug(`Relating part ${run + 1} of ${groups.length}`);
    collectGarbage();
    const { graph, counts, paths } = loadGroup(group, views, rankOf, maxPathProducts, effects.signal);
    collectGarbage();
    total.paths += paths;
    total.views += counts.views;
    total.weight += counts.weight;
    total.leftOut.paths += counts.leftOut.paths;
    total.leftOut.pairs += counts.leftOut.pairs;

    // Paths are in groups by their hash, so that the work of the first group says how the work of every one is spread.
    starts ??= planBlocks(graph, Math.max(leastRunWork, Math.ceil(blockWork / groups.length)));
    if (run === 0) {
      pieces = starts.slice(1).map(() => new Float64Array(2 * groups.length));
    }
    const before = file.length;
    let block = 0;
    for await (const { bytes, length } of relateBlocks(
      { kind: 'run', graph },
      starts,
      counts.weight,
      threads,
      effects,
    )) {
      pieces[block]!.set([file.append(bytes.subarray(0, length)), length], 2 * run);
      block++;
    }
    if (run === 0) {
      file.expect((file.length - before) * (groups.length - 1));
    }
  }
  collectGarbage();
  return {
    runs: { descriptor: file.descriptor, products: rankOf.length, pieces },
    starts: starts ?? [0, rankOf.length],
    paths: total.paths,
    counts: total,
  };
}

function loadGroup(
  group: readonly Partition[],
  views: SpilledViews,
  rankOf: Uint32Array,
  maxPathProducts: number,
  signal: AbortSignal,
): { graph: Graph; counts: GraphCounts; paths: number } {
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
