import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortNumbers } from '#dist/relation/sort-numbers.js';

test('numbers are sorted by any comparison, and equal ones keep their order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (values, divisor) => {
      const compare = (a: number, b: number): number => Math.floor(b / divisor) - Math.floor(a / divisor);
      const numbers = Uint32Array.from(values);
      sortNumbers(numbers, new Uint32Array(values.length), compare);
      expect([...numbers]).toEqual(values.toSorted(compare));
    }),
    { numRuns: 500 },
  );
});
