const billion = 1_000_000_000;
const zero = 0x30;

/**
 * Writes a 64-bit unsigned integer, `high * 2³² + low`, in decimal.
 *
 * Done by hand because a BigInt of every id, or a string of every number, is several times the cost of the rest of a row.
 *
 * @returns where the next byte goes
 */
export function writeUnsigned64(out: Uint8Array, at: number, high: number, low: number): number {
  if (high === 0) {
    return writeUnsigned32(out, at, low);
  }
  // Long division by 10⁹ in 16-bit digits: every intermediate value stays below 2⁴⁷, exact in a double.
  const first = Math.floor(high / billion);
  const second = (high - first * billion) * 0x10000 + (low >>> 16);
  const secondQuotient = Math.floor(second / billion);
  const third = (second - secondQuotient * billion) * 0x10000 + (low & 0xffff);
  const thirdQuotient = Math.floor(third / billion);
  const lowest = third - thirdQuotient * billion;
  const rest = first * 0x1_0000_0000 + secondQuotient * 0x10000 + thirdQuotient;
  if (rest < billion) {
    return writeNineDigits(out, writeUnsigned32(out, at, rest), lowest);
  }
  const highest = Math.floor(rest / billion);
  const middle = writeNineDigits(out, writeUnsigned32(out, at, highest), rest - highest * billion);
  return writeNineDigits(out, middle, lowest);
}

/** Writes an unsigned integer below 2³² in decimal. Returns where the next byte goes. */
export function writeUnsigned32(out: Uint8Array, at: number, value: number): number {
  const end = at + digitsOf(value);
  writeDigits(out, at, end, value);
  return end;
}

function writeNineDigits(out: Uint8Array, at: number, value: number): number {
  writeDigits(out, at, at + 9, value);
  return at + 9;
}

function writeDigits(out: Uint8Array, start: number, end: number, value: number): void {
  let rest = value;
  for (let at = end - 1; at >= start; at--) {
    const tenth = (rest / 10) >>> 0;
    out[at] = zero + (rest - tenth * 10);
    rest = tenth;
  }
}

function digitsOf(value: number): number {
  if (value < 100_000) {
    return value < 100 ? (value < 10 ? 1 : 2) : value < 1_000 ? 3 : value < 10_000 ? 4 : 5;
  }
  return value < 10_000_000 ? (value < 1_000_000 ? 6 : 7) : value < 100_000_000 ? 8 : value < billion ? 9 : 10;
}
