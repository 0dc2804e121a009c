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
  // The weight of the last target that is kept; of those with just this weight, the first ones fill the places that are left.
  const sorted = weights.slice(0, kept).sort();
  const threshold = sorted[kept - top]!;
  let places = top;
  for (let at = kept - 1; at >= 0 && sorted[at]! > threshold; at--) {
    places--;
  }
  let left = 0;
  for (let at = 0; at < kept; at++) {
    const weight = weights[at]!;
    if (weight > threshold || (weight === threshold && places-- > 0)) {
      targets[left] = targets[at]!;
      weights[left++] = weight;
    }
  }
  return left;
}
