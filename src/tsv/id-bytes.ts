import { compareIntegers } from '../relation/id-order.ts';

/** Negative, zero or positive as the id `a[aStart, aEnd)` sorts before, with or behind `b[bStart, bEnd)`. */
export type CompareIdBytes = typeof compareIntegers;

const minus = 0x2d;

/** By value, for canonical integers, negative ones as well. */
export const compareNumberBytes: CompareIdBytes = (a, aStart, aEnd, b, bStart, bEnd) => {
  const aNegative = a[aStart] === minus;
  const bNegative = b[bStart] === minus;
  if (aNegative || bNegative) {
    return aNegative && bNegative ? compareIntegers(b, bStart, bEnd, a, aStart, aEnd) : aNegative ? -1 : 1;
  }
  return compareIntegers(a, aStart, aEnd, b, bStart, bEnd);
};
