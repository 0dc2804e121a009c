import type { Graph } from './graph.ts';
import { idBytes, type OutputIds } from './output-ids.ts';

/** What a relation costs to be drained and formatted, in products counted. */
const relationCost = 16;

/** Cost of a block, in products counted: of 131,072 relations of weight 1, which take a millisecond and some two megabytes. */
export const blockCost: number = (1 + relationCost) << 17;

/** A line of two ids of 12 bytes: a block of such lines fits into four megabytes. A longer line costs more, so that a block of it still does. */
const usualLineBytes = 28;
/** A weight of one digit, and LF. */
const weightBytes = 2;

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
 *
 * @param lineCost of its relations, each, beside those with usual ids
 */
export function costOfSource(work: number, products: number, lineCost = 1): number {
  return 1 + work + lineCost * relationCost * Math.min(work, products);
}

/**
 * Cuts the sources into blocks of about the same cost, so that a bestseller does not leave a thread idle.
 *
 * @param works the work of each source
 * @param least the cost of a block
 * @param ids that are written; none where no lines are
 * @returns where each block starts, and the number of products at the end
 */
export function planBlocks(works: Float64Array, least: number = blockCost, ids?: OutputIds): number[] {
  const targetBytes = ids === undefined ? 0 : meanTargetBytes(works, ids);
  const starts = [0];
  let cost = 0;
  for (let source = 0; source < works.length; source++) {
    const lineBytes = ids === undefined ? 0 : idBytes(ids, source) + targetBytes + weightBytes;
    cost += costOfSource(works[source]!, works.length, Math.max(1, lineBytes / usualLineBytes));
    if (cost >= least && source + 1 < works.length) {
      starts.push(source + 1);
      cost = 0;
    }
  }
  starts.push(works.length);
  return starts;
}

/** Mean bytes of the targets' ids: a product is a target as often as it is a source. One long id among many changes nothing. */
function meanTargetBytes(works: Float64Array, ids: OutputIds): number {
  let relations = 0;
  let bytes = 0;
  for (let product = 0; product < works.length; product++) {
    const often = Math.min(works[product]!, works.length);
    relations += often;
    bytes += often * idBytes(ids, product);
  }
  return relations === 0 ? 0 : bytes / relations;
}
