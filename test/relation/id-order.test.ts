import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareBytes, compareIntegers, isCanonicalInteger } from '#dist/relation/id-order.js';
import { anyId, integerId } from '../arbitraries.ts';

const canonical = (id: string): boolean => isCanonicalInteger(Buffer.from(id), 0, Buffer.byteLength(id));

test('an integer is canonical below 2^64, with digits only and no leading zero', () => {
  for (const id of ['0', '7', '10', '18446744073709551615', '9999999999999999999']) {
    expect(canonical(id), id).toBe(true);
  }
  for (const id of [
    '',
    '00',
    '010',
    '-1',
    '+1',
    '1.0',
    '1e3',
    ' 1',
    '18446744073709551616',
    '99999999999999999999',
    '١',
  ]) {
    expect(canonical(id), id).toBe(false);
  }
});

test('integers sort by value, other ids by their UTF-8 bytes', () => {
  const by = (compare: typeof compareBytes) => (a: string, b: string) =>
    Math.sign(compare(Buffer.from(a), 0, Buffer.byteLength(a), Buffer.from(b), 0, Buffer.byteLength(b)));
  fc.assert(
    fc.property(integerId, integerId, (a, b) => {
      expect(by(compareIntegers)(a, b)).toBe(Math.sign(Number(BigInt(a) - BigInt(b))));
    }),
  );
  fc.assert(
    fc.property(anyId, anyId, (a, b) => {
      expect(by(compareBytes)(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
