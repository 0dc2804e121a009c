import type { RankedLimits } from '../../relation/top-scored.ts';
import type { Graph } from './graph.ts';
import { LineWriter } from './line-writer.ts';
import { BlockMerger, type Runs } from './merge-block.ts';
import type { OutputIds } from './output-ids.ts';
import { BlockRelater, type RelatedBlock } from './relate-block.ts';
import { RowKernel } from './row-kernel.ts';
import { RunWriter } from './row-run.ts';
import type { SharedKernel } from './shared-kernel.ts';

/** What the threads do with blocks of sources: the data is in the memory that they share, or is on disk. */
export type BlockWork = { readonly kernel: SharedKernel } & (
  | { readonly kind: 'relate'; readonly graph: Graph; readonly limits: RankedLimits; readonly ids: OutputIds }
  /** The relations of some of the paths, whole, to be merged with others. */
  | { readonly kind: 'run'; readonly graph: Graph }
  | { readonly kind: 'merge'; readonly runs: Runs; readonly limits: RankedLimits; readonly ids: OutputIds }
);

/** Sources `[first, end)`, and the number of the block among all of them. */
export interface BlockOrder {
  readonly block: number;
  readonly first: number;
  readonly end: number;
  /** Memory to write into, if there is some to be used again. */
  readonly into: Uint8Array | undefined;
}

export interface BlockWorker {
  relate(order: BlockOrder): RelatedBlock;
}

export const everything: RankedLimits = { top: Number.POSITIVE_INFINITY, minWeight: 1, allowed: undefined };

/** What does the work in one thread. */
export function blockWorker(work: BlockWork): BlockWorker {
  const kernel = new RowKernel(work.kernel, work.kind === 'merge' ? work.runs.products : work.graph.products);
  switch (work.kind) {
    case 'relate':
      kernel.useGraph(work.graph);
      return new BlockRelater(kernel, work.limits, new LineWriter(kernel, work.ids));
    case 'run':
      kernel.useGraph(work.graph);
      return new BlockRelater(kernel, everything, new RunWriter(kernel));
    case 'merge':
      return new BlockMerger(work.runs, kernel, work.limits, work.ids);
  }
}
