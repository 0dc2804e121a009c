import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareIntegerIds, compareTextIds, isIntegerId } from '#dist/tsv/relation-order.js';
import { anyId, integerId } from '../arbitraries.ts';

test('text ids sort by the bytes of their UTF-8', () => {
  const ordered = [
    '',
    'A',
    'a',
    'a ',
    'aa',
    'é',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '\u{10000}a',
    '\u{10ffff}',
  ];
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) {
      expect(Math.sign(compareTextIds(a, b))).toBe(Math.sign(i - j));
    }
  }
  fc.assert(
    fc.property(anyId, anyId, (a, b) => {
      expect(Math.sign(compareTextIds(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test('integer ids sort by value', () => {
  fc.assert(
    fc.property(integerId, integerId, (a, b) => {
      const [x, y] = [BigInt(a), BigInt(b)];
      expect(Math.sign(compareIntegerIds(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
    }),
  );
});

test('only integers of 64 bits without leading zeros are integer ids', () => {
  expect(['0', '7', '10', '18446744073709551615'].filter(isIntegerId)).toHaveLength(4);
  expect(
    ['', '00', '07', '-1', '+1', '1.0', ' 1', '1\n', '１', '18446744073709551616', '99999999999999999999'].filter(
      isIntegerId,
    ),
  ).toEqual([]);
});
