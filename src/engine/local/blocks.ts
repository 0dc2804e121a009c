import type { Graph } from './graph.ts';

/** Work of a block, in products counted: some milliseconds, and some megabytes of output at the most. */
export const blockWork: number = 1 << 17;

/**
 * The work of each source, in products counted: the lengths of its paths. Path by path, since what is added to stays in the cache and the paths
 * would not. Memory: 8 bytes a product.
 *
 * @param works to which it is added
 */
export function workOfSources(
  { products, pathStarts, pathProducts }: Pick<Graph, 'products' | 'pathStarts' | 'pathProducts'>,
  works: Float64Array = new Float64Array(products),
): Float64Array {
  let at = 0;
  for (let path = 0; path < pathStarts.length - 1; path++) {
    const end = pathStarts[path + 1]!;
    const length = end - at;
    for (; at < end; at++) {
      works[pathProducts[at]!]! += length;
    }
  }
  return works;
}

/**
 * Cuts the sources into blocks of about the same work, so that a bestseller does not leave a thread idle.
 *
 * @param works the work of each source
 * @param most the work of a block
 * @returns where each block starts, and the number of products at the end
 */
export function planBlocks(works: Float64Array, most: number = blockWork): number[] {
  const starts = [0];
  let work = 0;
  for (let source = 0; source < works.length; source++) {
    work += works[source]! + 1;
    if (work >= most && source + 1 < works.length) {
      starts.push(source + 1);
      work = 0;
    }
  }
  starts.push(works.length);
  return starts;
}
