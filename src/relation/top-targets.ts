/** What is kept of a source's row. */
export interface RowLimits {
  /** Targets kept: the heaviest, of equal ones the first. `Infinity` keeps all. */
  readonly top: number;
  /** The least weight that is kept. */
  readonly minWeight: number;
  /** Which targets may appear at all, a 1 each; `undefined` for all. Applied before `top`. */
  readonly allowed: Uint8Array | undefined;
}

/**
 * Cuts a row to its limits, in place; what is kept stays in ascending order of its targets.
 *
 * @param targets the targets of the row, ascending
 * @param weights the weight of each
 * @param length how many of them there are
 * @returns how many are left
 */
export function keepTopTargets(targets: Uint32Array, weights: Uint32Array, length: number, limits: RowLimits): number {
  const { top, minWeight, allowed } = limits;
  let kept = length;
  if (minWeight > 1 || allowed !== undefined) {
    kept = 0;
    for (let at = 0; at < length; at++) {
      const target = targets[at]!;
      if (weights[at]! >= minWeight && (allowed === undefined || allowed[target] === 1)) {
        targets[kept] = target;
        weights[kept++] = weights[at]!;
      }
    }
  }
  if (kept <= top) {
    return kept;
  }
  const cut = cutOf(weights.slice(0, kept), top);
  let { places } = cut;
  let left = 0;
  for (let at = 0; at < kept; at++) {
    const weight = weights[at]!;
    if (weight > cut.least || (weight === cut.least && places-- > 0)) {
      targets[left] = targets[at]!;
      weights[left++] = weight;
    }
  }
  return left;
}

/**
 * The least of the `top` largest values, and how many places are left for those with just this value.
 *
 * @param values more than `top` of them, which are sorted
 */
export function cutOf(values: Uint32Array | Float64Array, top: number): { least: number; places: number } {
  values.sort();
  const least = values[values.length - top]!;
  let places = top;
  for (let at = values.length - 1; at >= 0 && values[at]! > least; at--) {
    places--;
  }
  return { least, places };
}
