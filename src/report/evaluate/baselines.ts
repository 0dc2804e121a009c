import { seededRandom } from '../../seeded-random.ts';

/** Makes the list of a product, of any product: the numbers of its first targets. */
export type ListMaker = (source: number) => number[];

/** The most popular products, for every product the same. */
export function popularLists(popular: Uint32Array, length: number): ListMaker {
  const first = [...popular.subarray(0, length + 1)];
  return (source) => first.filter((product) => product !== source).slice(0, length);
}

/**
 * Products by chance, each at most once: of the source's category when that is known, else of all that were viewed.
 *
 * @param products those that were viewed, in the order of their ids
 * @param categoryOf `undefined` where it is not known
 */
export function randomLists(
  products: readonly number[],
  categoryOf: (product: number) => string | undefined,
  length: number,
  seed: number,
): ListMaker {
  const random = seededRandom(seed);
  const all = [...products];
  const byCategory = new Map<string | undefined, number[]>();
  for (const product of products) {
    const category = categoryOf(product);
    const same = byCategory.get(category);
    if (same === undefined) {
      byCategory.set(category, [product]);
    } else {
      same.push(product);
    }
  }
  return (source) => {
    const category = categoryOf(source);
    const candidates = (category === undefined ? undefined : byCategory.get(category)) ?? all;
    // The beginning of a shuffle (Fisher and Yates), with one place more, for the source may be drawn.
    const drawn = Math.min(length + 1, candidates.length);
    for (let at = 0; at < drawn; at++) {
      const from = at + Math.floor(random() * (candidates.length - at));
      [candidates[at], candidates[from]] = [candidates[from]!, candidates[at]!];
    }
    return candidates
      .slice(0, drawn)
      .filter((product) => product !== source)
      .slice(0, length);
  };
}
