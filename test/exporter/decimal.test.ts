import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeUnsigned64 } from '#dist/exporter/decimal.js';

function decimal(value: bigint): string {
  const out = new Uint8Array(30);
  const end = writeUnsigned64(out, 3, Number(value >> 32n), Number(value & 0xffff_ffffn));
  return Buffer.from(out.subarray(3, end)).toString('latin1');
}

test('every power of two and of ten, and its neighbours, are written exactly', () => {
  const powers = [
    ...Array.from({ length: 65 }, (_, power) => 2n ** BigInt(power)),
    ...Array.from({ length: 20 }, (_, power) => 10n ** BigInt(power)),
  ];
  for (const value of powers.flatMap((power) => [power - 1n, power, power + 1n])) {
    if (value < 2n ** 64n) {
      expect(decimal(value)).toBe(String(value));
    }
  }
});

test('any 64-bit integer is written exactly', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      expect(decimal(value)).toBe(String(value));
    }),
    { numRuns: 20_000 },
  );
});
