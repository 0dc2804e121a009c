import { setImmediate } from 'node:timers/promises';
import type { Effects } from '../../effects.ts';
import { BlockBuffer } from '../../engine/local/block-buffer.ts';
import { everything } from '../../engine/local/block-work.ts';
import { planBlocks, workOfSources } from '../../engine/local/blocks.ts';
import type { Graph, GraphCounts } from '../../engine/local/graph.ts';
import { BlockRelater } from '../../engine/local/relate-block.ts';
import { RowKernel } from '../../engine/local/row-kernel.ts';
import { untrustworthy } from '../../engine/refusals.ts';
import { addSums, brokenIdentity, noRelations } from '../../relation/identities.ts';

/**
 * Relates products as the local engine does, and hands over each row instead of writing it. In this thread, since what becomes of a row here
 * takes several times as long as the row.
 *
 * @param row takes the targets of a source, ascending, and their weights; the arrays are valid during the call only
 */
export async function relateRows(
  graph: Graph,
  { weight }: GraphCounts,
  minWeight: number,
  row: (source: number, targets: Uint32Array, weights: Uint32Array, length: number) => void,
  effects: Effects,
): Promise<void> {
  const kernel = new RowKernel(graph.kernel, graph.products);
  kernel.useGraph(graph);
  const writer = {
    buffer: new BlockBuffer(kernel.memory),
    row: (source: number, length: number): void => row(source, kernel.targets, kernel.weights, length),
  };
  const relater = new BlockRelater(kernel, { ...everything, minWeight }, writer);
  const starts = planBlocks(workOfSources(graph));
  const sums = noRelations();
  for (const [block, first] of starts.slice(0, -1).entries()) {
    await setImmediate();
    effects.signal.throwIfAborted();
    addSums(sums, relater.relate({ block, first, end: starts[block + 1]!, into: undefined }).sums);
    effects.progress({ stage: 'Evaluating', done: sums.weight, total: weight, unit: 'pairs' });
  }
  const broken = brokenIdentity(sums, weight);
  if (broken !== undefined) {
    throw untrustworthy(broken);
  }
}
