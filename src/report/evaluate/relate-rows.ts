import { setImmediate } from 'node:timers/promises';
import type { Effects } from '../../effects.ts';
import { everything } from '../../engine/local/block-work.ts';
import { planBlocks, workOfSources } from '../../engine/local/blocks.ts';
import type { Graph, GraphCounts } from '../../engine/local/graph.ts';
import { BlockRelater, type RowWriter } from '../../engine/local/relate-block.ts';
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
  row: RowWriter['row'],
  effects: Effects,
): Promise<void> {
  const nothing = { bytes: new Uint8Array(0), length: 0 };
  const relater = new BlockRelater(graph, { ...everything, minWeight }, { row, take: () => nothing });
  const starts = planBlocks(workOfSources(graph));
  const sums = noRelations();
  for (const [block, first] of starts.slice(0, -1).entries()) {
    await setImmediate();
    effects.signal.throwIfAborted();
    addSums(sums, relater.relate({ block, first, end: starts[block + 1]! }).sums);
    effects.progress({ stage: 'Evaluating', done: sums.weight, total: weight, unit: 'pairs' });
  }
  const broken = brokenIdentity(sums, weight);
  if (broken !== undefined) {
    throw untrustworthy(broken);
  }
}
