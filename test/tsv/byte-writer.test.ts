import { expect, test } from 'vitest';
import { ByteWriter } from '#dist/tsv/byte-writer.js';

test('a number of any size is written as its digits', () => {
  const numbers = [0, 7, 10, 2 ** 31 - 1, 2 ** 31, 10 ** 15, 2 ** 53 - 1, 2 ** 53, 2 ** 57 + 2 ** 8, 2 ** 63, 2 ** 64];
  const text = new ByteWriter(1);
  for (const number of numbers) {
    text.number(number);
    text.ascii(' ');
  }
  const written = Buffer.from(text.bytes.subarray(0, text.length)).toString();
  expect(written.trimEnd().split(' ')).toEqual(numbers.map((number) => `${BigInt(number)}`));
});
