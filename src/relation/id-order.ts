/** The two orders of ids: by number, when every product id is a canonical unsigned integer of at most 64 bits, or by UTF-8 bytes. */
export type IdOrder = 'integer' | 'text';

const largest = Uint8Array.from(String(2n ** 64n - 1n), (digit) => digit.charCodeAt(0));
const zero = 0x30;

/** Whether `bytes[start, end)` is an unsigned integer below 2^64 as it is usually written: digits only, no leading zero. */
export function isCanonicalInteger(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length === 0 || length > largest.length || (bytes[start] === zero && length > 1)) {
    return false;
  }
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - zero;
    if (digit < 0 || digit > 9) {
      return false;
    }
  }
  return length < largest.length || compareBytes(bytes, start, end, largest, 0, length) <= 0;
}

/** Compares two ids, `a[aStart, aEnd)` and `b[bStart, bEnd)`: negative, zero or positive. */
export type IdComparison = typeof compareBytes;

/** The comparison of an order. */
export function comparisonOf(order: IdOrder): IdComparison {
  return order === 'integer' ? compareIntegers : compareBytes;
}

/** Negative, zero or positive as `a[aStart, aEnd)` sorts before, with or behind `b[bStart, bEnd)` byte by byte, as `LC_ALL=C sort` has it. */
export function compareBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let at = 0; at < length; at++) {
    const difference = a[aStart + at]! - b[bStart + at]!;
    if (difference !== 0) {
      return difference;
    }
  }
  return aEnd - aStart - (bEnd - bStart);
}

/** The same for canonical integers, of any length: the shorter number is the smaller one. */
export function compareIntegers(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  return aEnd - aStart - (bEnd - bStart) || compareBytes(a, aStart, aEnd, b, bStart, bEnd);
}
