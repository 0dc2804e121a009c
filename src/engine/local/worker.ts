import { parentPort, workerData } from 'node:worker_threads';
import type { RowLimits } from '../../relation/top-targets.ts';
import type { Graph } from './graph.ts';
import { BlockRelater } from './relate-block.ts';

/** A block to relate: its first source, and the one behind its last. */
export interface BlockOrder {
  readonly block: number;
  readonly first: number;
  readonly end: number;
}

const { graph, limits }: { graph: Graph; limits: RowLimits } = workerData;
const relater = new BlockRelater(graph, limits);
parentPort?.on('message', ({ block, first, end }: BlockOrder) => {
  const related = relater.relate(first, end);
  parentPort?.postMessage({ block, related }, [related.bytes.buffer]);
});
