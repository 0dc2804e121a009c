import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lengthThatFits } from '#dist/report/page/length-that-fits.js';

test('lists that are cut to the length fit, and would not if it were one more', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { minLength: 1 }), fc.nat(300), (lengths, targets) => {
      const length = lengthThatFits(Uint32Array.from(lengths), targets);
      const cutTo = (most: number): number => lengths.reduce((sum, each) => sum + Math.min(each, most), 0);
      expect(cutTo(length)).toBeLessThanOrEqual(targets);
      if (length < Math.max(...lengths)) {
        expect(cutTo(length + 1)).toBeGreaterThan(targets);
      } else {
        expect(length).toBe(Math.max(...lengths));
      }
    }),
  );
});
