import type { SharedKernel } from './shared-kernel.ts';

/** What `assembly/graph-kernel.ts` exports. Addresses are bytes of its memory; starts have room for one number more than they need. */
export interface GraphKernel {
  countViews(chunk: number, length: number, pathStarts: number): void;
  addUpStarts(starts: number, length: number): void;
  fillRows(chunk: number, length: number, pathStarts: number, rankOf: number, rows: number): void;
  keepDistinct(
    from: number,
    to: number,
    kept: number,
    pathStarts: number,
    rows: number,
    seenIn: number,
    maxPathProducts: number,
  ): number;
  readonly views: WebAssembly.Global;
  readonly pairs: WebAssembly.Global;
  readonly leftOutPaths: WebAssembly.Global;
  readonly leftOutPairs: WebAssembly.Global;
  countPaths(pathProducts: number, length: number, productStarts: number): void;
  listPaths(
    from: number,
    to: number,
    pathStarts: number,
    pathProducts: number,
    productStarts: number,
    productPaths: number,
  ): void;
}

/** The kernel that builds graphs in this memory. */
export function graphKernel({ module, memory }: SharedKernel): GraphKernel {
  return new WebAssembly.Instance<GraphKernel>(module, { env: { memory } }).exports;
}
