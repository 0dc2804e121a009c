import { type Graph, graphOf } from '#dist/engine/local/graph.js';
import { newKernel } from '#dist/engine/local/new-kernel.js';
import { RowKernel } from '#dist/engine/local/row-kernel.js';
import { allocate32, type SharedKernel } from '#dist/engine/local/shared-kernel.js';
import { atOnce } from './at-once.ts';

export interface KernelOf {
  readonly shared: SharedKernel;
  readonly graph: Graph;
  readonly kernel: RowKernel;
}

/** A kernel that uses the graph of paths of distinct products, which are numbers below `products`. */
export function kernelOf(products: number, paths: readonly (readonly number[])[]): KernelOf {
  const shared = newKernel();
  const shared32 = (numbers: Uint32Array): Uint32Array => {
    const copy = allocate32(shared.memory, numbers.length);
    copy.set(numbers);
    return copy;
  };
  const pathStarts = new Uint32Array(paths.length + 1);
  paths.forEach((path, at) => {
    pathStarts[at + 1] = pathStarts[at]! + path.length;
  });
  const rows = shared32(Uint32Array.from(paths.flat()));
  const spare = allocate32(shared.memory, products + 2);
  const graph = atOnce(graphOf({ kernel: shared, rows, pathStarts: shared32(pathStarts), products, spare }));
  const kernel = new RowKernel(shared, products);
  kernel.useGraph(graph);
  return { shared, graph, kernel };
}
