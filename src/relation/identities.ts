/**
 * Sums over relations, before any list is cut, that must agree with each other and with the input if every pair was counted once:
 * the sum of the weights equals the sum of n(n−1) over the paths, and the relations with source < target, taken together, are the
 * mirror of those with source > target.
 */
export interface RelationSums {
  weight: number;
  /** Order-independent hash of the relations whose source sorts first: two sums of 32 bits. */
  forward: [number, number];
  /** The same of the relations whose target sorts first, as if source and target were exchanged. */
  backward: [number, number];
}

export function noRelations(): RelationSums {
  return { weight: 0, forward: [0, 0], backward: [0, 0] };
}

/**
 * Adds one relation to the sums.
 *
 * @param forward whether the source sorts before the target
 * @param first, second numbers (or hashes) of the two products, the one that sorts first before the other
 */
export function addRelation(sums: RelationSums, forward: boolean, first: number, second: number, weight: number): void {
  const hash = mix(mix(first, second), weight);
  const side = forward ? sums.forward : sums.backward;
  side[0] = (side[0] + hash) | 0;
  side[1] = (side[1] + mix(hash, 0x9e3779b9)) | 0;
  sums.weight += weight;
}

/** Adds the sums of a part of the relations. */
export function addSums(sums: RelationSums, part: RelationSums): void {
  sums.weight += part.weight;
  for (const lane of [0, 1] as const) {
    sums.forward[lane] = (sums.forward[lane] + part.forward[lane]) | 0;
    sums.backward[lane] = (sums.backward[lane] + part.backward[lane]) | 0;
  }
}

/**
 * Which identity does not hold, in words, or `undefined` when both do.
 *
 * @param expectedWeight the sum of n(n−1) over the paths, n the number of distinct products of a path
 * @param number how the words have counts; default: in digits alone
 */
export function brokenIdentity(
  sums: RelationSums,
  expectedWeight: number,
  number: (count: number) => string = String,
): string | undefined {
  if (sums.weight !== expectedWeight) {
    return `the weights add up to ${number(sums.weight)}, the pairs of the paths to ${number(expectedWeight)}`;
  }
  if (sums.forward[0] !== sums.backward[0] || sums.forward[1] !== sums.backward[1]) {
    return 'the weights of both directions differ';
  }
  return undefined;
}

/** Mixes two numbers of 32 bits into one (the finalizer of MurmurHash3, by Austin Appleby). */
function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ Math.imul(b, 0xcc9e2d51), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
