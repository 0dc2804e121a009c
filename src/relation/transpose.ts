/** Turns counts, each one place behind its own, into starts. */
export function addUp(starts: Uint32Array): void {
  for (let at = 1; at < starts.length; at++) {
    starts[at]! += starts[at - 1]!;
  }
}

/**
 * Turns the products of each path into the paths of each product.
 *
 * @param pathStarts products of path `p` are `pathProducts[pathStarts[p], pathStarts[p + 1])`
 * @param products how many products there are
 * @param allocate makes the arrays of the result: `Uint32Array` of that length, all zero
 * @returns paths of product `q` are `productPaths[productStarts[q], productStarts[q + 1])`, ascending
 */
export function transpose(
  pathStarts: Uint32Array,
  pathProducts: Uint32Array,
  products: number,
  allocate: (length: number) => Uint32Array,
): { productStarts: Uint32Array; productPaths: Uint32Array } {
  const productStarts = allocate(products + 1);
  for (let at = 0; at < pathProducts.length; at++) {
    productStarts[pathProducts[at]! + 1]!++;
  }
  addUp(productStarts);
  const productPaths = allocate(pathProducts.length);
  const next = productStarts.slice();
  for (let path = 0; path < pathStarts.length - 1; path++) {
    for (let at = pathStarts[path]!; at < pathStarts[path + 1]!; at++) {
      productPaths[next[pathProducts[at]!]!++] = path;
    }
  }
  return { productStarts, productPaths };
}
