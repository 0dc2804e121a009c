/** Negative, zero or positive as the id `a[aStart, aEnd)` sorts before, with or behind `b[bStart, bEnd)`. */
export type CompareIdBytes = (
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
) => number;

const minus = 0x2d;

/** By the bytes, as `compareTextIds` does it for strings. */
export const compareTextBytes: CompareIdBytes = (a, aStart, aEnd, b, bStart, bEnd) => {
  const end = aStart + Math.min(aEnd - aStart, bEnd - bStart);
  for (let at = aStart, other = bStart; at < end; at++, other++) {
    const difference = a[at]! - b[other]!;
    if (difference !== 0) {
      return difference;
    }
  }
  return aEnd - aStart - (bEnd - bStart);
};

/** By length, then by the bytes: the order of the values among canonical unsigned integers. */
export const compareBytesByLength: CompareIdBytes = (a, aStart, aEnd, b, bStart, bEnd) =>
  aEnd - aStart - (bEnd - bStart) || compareTextBytes(a, aStart, aEnd, b, bStart, bEnd);

/** By value, for canonical integers, negative ones as well. */
export const compareNumberBytes: CompareIdBytes = (a, aStart, aEnd, b, bStart, bEnd) => {
  const aNegative = a[aStart] === minus;
  const bNegative = b[bStart] === minus;
  if (aNegative || bNegative) {
    return aNegative && bNegative ? compareBytesByLength(b, bStart, bEnd, a, aStart, aEnd) : aNegative ? -1 : 1;
  }
  return compareBytesByLength(a, aStart, aEnd, b, bStart, bEnd);
};
