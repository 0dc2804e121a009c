import { expect, test } from 'vitest';
import { withOrigin } from '#dist/engine/cluster/with-origin.js';

const origins = new Map([['hdfs:/x/0-v.tsv', 'a\tb.tsv']]);

test.each([
  ['hdfs:/x/0-v.tsv\t3\tNULL\t1\\tNULL', 'a\\tb.tsv\t3\tNULL\t1\\tNULL'],
  ['hdfs:/x/0-v.tsv, from byte 7\t1\tNULL\t1', 'a\\tb.tsv, from byte 7\t1\tNULL\t1'],
  ['hdfs:/x/v.tsv\t3\tNULL\thdfs:/x/0-v.tsv, from byte 7', 'hdfs:/x/v.tsv\t3\tNULL\thdfs:/x/0-v.tsv, from byte 7'],
])('%j is told of the file that was copied', (line, told) => {
  expect(withOrigin(line, (address) => origins.get(address))).toBe(told);
});
