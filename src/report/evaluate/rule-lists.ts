import { transpose } from '../../relation/transpose.ts';
import type { ListMaker } from './baselines.ts';
import type { Sequences } from './sequences.ts';
import { TopList } from './top-list.ts';
import type { Training } from './training.ts';

/** The views of each path, repeated ones too. */
export type PathViews = Pick<Sequences, 'starts' | 'viewed'>;

/**
 * Association rules as the session-rec benchmarks count them (Ludewig and Jannach, "Evaluation of session-based recommendation algorithms",
 * 2018): every pair of views of a path counts, so that a product that was viewed twice weighs twice, and is related with itself. By weight, ties
 * in the order of the ids. Memory: 8 bytes a view.
 *
 * @param views of all paths; those that are not in the training part do not count
 * @param length of a list, at the most
 */
export function ruleLists(
  { starts, viewed }: PathViews,
  { graph: { pathStarts }, numberOf }: Training,
  length: number,
): ListMaker {
  const products = viewed.map((product) => numberOf[product]!);
  const allocate = (length: number): Uint32Array => new Uint32Array(length);
  const { productStarts, productPaths } = transpose(starts, products, numberOf.length, allocate);
  const weights = new Float64Array(numberOf.length);
  const list = new TopList(length);
  return (source) => {
    const targets: number[] = [];
    let own = 0;
    for (const path of productPaths.subarray(productStarts[source], productStarts[source + 1])) {
      if (pathStarts[path] === pathStarts[path + 1]) {
        continue;
      }
      // A view makes no pair with itself.
      own++;
      for (const target of products.subarray(starts[path], starts[path + 1])) {
        if (weights[target] === 0) {
          targets.push(target);
        }
        weights[target]!++;
      }
    }
    for (const target of targets.sort((a, b) => a - b)) {
      const weight = weights[target]! - (target === source ? own : 0);
      weights[target] = 0;
      if (weight > 0) {
        list.offer(target, weight, undefined);
      }
    }
    return list.take();
  };
}
