import type { RowLimits } from '../../relation/top-targets.ts';
import type { Graph } from './graph.ts';
import { LineWriter } from './line-writer.ts';
import { BlockMerger, type Runs } from './merge-block.ts';
import type { OutputIds } from './output-ids.ts';
import { BlockRelater, type RelatedBlock } from './relate-block.ts';
import { RunWriter } from './row-run.ts';

/** What the threads do with blocks of sources: the data is shared with them, or is on disk. */
export type BlockWork =
  | { readonly kind: 'relate'; readonly graph: Graph; readonly limits: RowLimits; readonly ids: OutputIds }
  /** The relations of some of the paths, whole, to be merged with others. */
  | { readonly kind: 'run'; readonly graph: Graph }
  | { readonly kind: 'merge'; readonly runs: Runs; readonly limits: RowLimits; readonly ids: OutputIds };

/** Sources `[first, end)`, and the number of the block among all of them. */
export interface BlockOrder {
  readonly block: number;
  readonly first: number;
  readonly end: number;
}

export const everything: RowLimits = { top: Number.POSITIVE_INFINITY, minWeight: 1, allowed: undefined };

/** What does the work in one thread. */
export function blockWorker(work: BlockWork): { relate(order: BlockOrder): RelatedBlock } {
  switch (work.kind) {
    case 'relate':
      return new BlockRelater(work.graph, work.limits, new LineWriter(work.ids));
    case 'run':
      return new BlockRelater(work.graph, everything, new RunWriter());
    case 'merge':
      return new BlockMerger(work.runs, work.limits, work.ids);
  }
}
