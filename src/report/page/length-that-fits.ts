/**
 * How long lists may be so that they have no more than so many targets in all, if longer ones are cut and all others stay as they are.
 *
 * @param lengths of the lists
 * @param targets of all of them together
 * @returns the longest length when nothing has to be cut
 */
export function lengthThatFits(lengths: Uint32Array, targets: number): number {
  const ascending = lengths.slice().sort();
  let left = targets;
  for (const [at, length] of ascending.entries()) {
    const each = Math.floor(left / (ascending.length - at));
    if (length > each) {
      return each;
    }
    left -= length;
  }
  return ascending.at(-1) ?? 0;
}
