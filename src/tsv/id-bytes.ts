import { compareIntegers, type IdComparison } from '../relation/id-order.ts';

const minus = 0x2d;

/** By value, for canonical integers, negative ones as well. */
export const compareNumberBytes: IdComparison = (a, aStart, aEnd, b, bStart, bEnd) => {
  const aNegative = a[aStart] === minus;
  const bNegative = b[bStart] === minus;
  if (aNegative || bNegative) {
    return aNegative && bNegative ? compareIntegers(b, bStart, bEnd, a, aStart, aEnd) : aNegative ? -1 : 1;
  }
  return compareIntegers(a, aStart, aEnd, b, bStart, bEnd);
};
