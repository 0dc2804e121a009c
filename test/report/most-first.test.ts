import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mostFirst } from '#dist/report/most-first.js';

test('the largest count comes first, and of equal ones the first', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat())), (items) => {
      expect(mostFirst(items, ([count]) => count)).toEqual(items.toSorted(([a], [b]) => b - a));
    }),
  );
});
