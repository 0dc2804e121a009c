import { BlockBuffer } from '../../engine/local/block-buffer.ts';
import { everything } from '../../engine/local/block-work.ts';
import type { Graph } from '../../engine/local/graph.ts';
import { BlockRelater } from '../../engine/local/relate-block.ts';
import { RowKernel } from '../../engine/local/row-kernel.ts';
import type { RelationSums } from '../../relation/identities.ts';

/** Takes the targets of a source, ascending, and their weights; the arrays are valid during the call only. */
export type TakeRow = (source: number, targets: Uint32Array, weights: Uint32Array, length: number) => void;

/** Relates products of a graph as the local engine does, and hands over each row instead of writing it. */
export class RowRelater {
  readonly #relater: BlockRelater;

  constructor(graph: Graph, minWeight: number, take: TakeRow) {
    const kernel = new RowKernel(graph.kernel, graph.products);
    kernel.useGraph(graph);
    const writer = {
      buffer: new BlockBuffer(kernel.memory),
      row: (source: number, length: number): void => take(source, kernel.targets, kernel.weights, length),
    };
    this.#relater = new BlockRelater(kernel, { ...everything, minWeight }, writer);
  }

  /** Hands over the rows of the sources `[first, end)`, and returns their sums, of which no weight is cut. */
  relate(first: number, end: number): RelationSums {
    return this.#relater.relate({ block: 0, first, end, into: undefined }).sums;
  }
}
