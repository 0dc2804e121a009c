import type { Graph } from './graph.ts';

/** Work of a block, in products counted: some milliseconds, and some megabytes of output at the most. */
export const blockWork: number = 1 << 17;

/**
 * Cuts the sources into blocks of about the same work, so that a bestseller does not leave a thread idle.
 *
 * @param most the work of a block
 * @returns where each block starts, and the number of products at the end
 */
export function planBlocks(
  { products, pathStarts, productStarts, productPaths }: Graph,
  most: number = blockWork,
): number[] {
  const starts = [0];
  let work = 0;
  for (let source = 0; source < products; source++) {
    for (let at = productStarts[source]!; at < productStarts[source + 1]!; at++) {
      const path = productPaths[at]!;
      work += pathStarts[path + 1]! - pathStarts[path]!;
    }
    work++;
    if (work >= most && source + 1 < products) {
      starts.push(source + 1);
      work = 0;
    }
  }
  starts.push(products);
  return starts;
}
