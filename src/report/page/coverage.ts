import type { ViewedPaths } from '../viewed-paths.ts';

/** Why a product has no list. */
export type Reason = 'unviewed' | 'leftOut' | 'alone' | 'rare' | 'unlisted';

/**
 * Why a product has no list, by the paths that it is in and what the relations were limited to.
 *
 * @param minWeight of the relations
 * @returns `unlisted` when the views alone do not explain it: targets were limited to others, or these are not the views behind the relations
 */
export function reasonWithoutList(viewed: ViewedPaths, product: string, minWeight: number): Reason {
  const number = viewed.find(product);
  if (number === -1) {
    return 'unviewed';
  }
  const paths = viewed.pathsOf(number).filter((path) => viewed.counts(path));
  if (paths.length === 0) {
    return 'leftOut';
  }
  const weights = new Map<number, number>();
  let most = 0;
  for (const path of paths) {
    for (const other of viewed.productsOf(path)) {
      const weight = other === number ? 0 : (weights.get(other) ?? 0) + 1;
      weights.set(other, weight);
      most = Math.max(most, weight);
    }
  }
  return most === 0 ? 'alone' : most < minWeight ? 'rare' : 'unlisted';
}
