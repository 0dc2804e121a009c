import type { Graph } from './graph.ts';

/** What a relation costs to be drained and formatted, in products counted. */
const relationCost = 16;

/** Cost of a block, in products counted: of 131,072 relations of weight 1, which take a millisecond and some two megabytes. */
export const blockCost: number = (1 + relationCost) << 17;

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
 * What a source costs: its work, and its relations, of which there are no more than products. Where many paths share few products, blocks are
 * fewer: telling threads of a thousand of them takes a tenth of the time.
 */
export function costOfSource(work: number, products: number): number {
  return 1 + work + relationCost * Math.min(work, products);
}

/**
 * Cuts the sources into blocks of about the same cost, so that a bestseller does not leave a thread idle.
 *
 * @param works the work of each source
 * @param least the cost of a block
 * @returns where each block starts, and the number of products at the end
 */
export function planBlocks(works: Float64Array, least: number = blockCost): number[] {
  const starts = [0];
  let cost = 0;
  for (let source = 0; source < works.length; source++) {
    cost += costOfSource(works[source]!, works.length);
    if (cost >= least && source + 1 < works.length) {
      starts.push(source + 1);
      cost = 0;
    }
  }
  starts.push(works.length);
  return starts;
}
