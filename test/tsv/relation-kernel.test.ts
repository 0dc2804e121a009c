import fc from 'fast-check';
import { expect, test } from 'vitest';
import { integerType } from '#dist/mysql/binary-values.js';
import { largestNumber, NumberBatch } from '#dist/tsv/relation-batch.js';
import { relationKernel } from '#dist/tsv/relation-kernel.js';

type Row = readonly [source: bigint, target: bigint, weight: bigint];

const bits = { tinyint: 8, smallint: 16, int: 32, bigint: 64 } as const;
const column = fc.record({ dataType: fc.constantFrom('tinyint', 'smallint', 'int', 'bigint'), unsigned: fc.boolean() });

/** A row as a server sends it: a packet of so many bytes and any number, a mark, the bitmap of NULLs, little-endian values. */
function packet(row: Row, bytes: readonly number[], nulls = 0): Buffer {
  const values = row.map((value, at) => {
    const all = Buffer.alloc(8);
    all.writeBigUInt64LE(BigInt.asUintN(64, value));
    return all.subarray(0, bytes[at]);
  });
  const payload = Buffer.concat([Buffer.of(0, nulls), ...values]);
  return Buffer.concat([Buffer.of(payload.length, 0, 0, 7), payload]);
}

test('rows of integers are taken up to the first that is not plain, whatever their types', () => {
  const anyTable = fc.tuple(column, column, column).chain((columns) =>
    fc.record({
      columns: fc.constant(columns),
      rows: fc.array(
        fc.tuple(
          ...(columns.map(({ dataType, unsigned }) =>
            unsigned
              ? fc.bigInt({ min: 0n, max: 2n ** BigInt(bits[dataType]) - 1n })
              : fc.bigInt({ min: -(2n ** BigInt(bits[dataType] - 1)), max: 2n ** BigInt(bits[dataType] - 1) - 1n }),
          ) as [fc.Arbitrary<bigint>, fc.Arbitrary<bigint>, fc.Arbitrary<bigint>]),
        ),
      ),
      sorted: fc.boolean(),
      nullAt: fc.option(fc.nat(20)),
      cut: fc.nat(30),
    }),
  );
  fc.assert(
    fc.property(anyTable, ({ columns, rows: given, sorted, nullAt, cut }) => {
      const rows = sorted ? given.toSorted((a, b) => Number(a[0] - b[0] || a[1] - b[1])) : given;
      const types = columns.map(integerType);
      const [source, target, weight] = types;
      const packets = rows.map((row, at) =>
        packet(
          row,
          types.map(({ bytes }) => bytes),
          at === nullAt ? 0b1000 : 0,
        ),
      );
      const bytes = Buffer.concat(packets);
      const whole = bytes.subarray(0, Math.max(0, bytes.length - cut));

      let end = 0;
      const plain: number[][] = [];
      for (const [at, row] of rows.entries()) {
        const before = rows[at - 1];
        const isPlain =
          at !== nullAt &&
          row.slice(0, 2).every((id) => id <= largestNumber && id >= -largestNumber) &&
          (before === undefined || row[0] > before[0] || (row[0] === before[0] && row[1] > before[1]));
        if (!isPlain || end + (packets[at]?.length ?? 0) > whole.length) {
          break;
        }
        plain.push(row.map(Number));
        end += packets[at]?.length ?? 0;
      }

      const batch = new NumberBatch();
      const last = { source: Number.NEGATIVE_INFINITY, target: 0 };
      if (source === undefined || target === undefined || weight === undefined) {
        throw new Error('There are three columns');
      }
      expect(relationKernel().packets(whole, 0, batch, [source, target, weight], last)).toBe(end);
      const taken = Array.from({ length: batch.length }, (_, at) => [
        batch.sources[at],
        batch.targets[at],
        batch.weights[at],
      ]);
      expect(taken).toEqual(plain);
      expect([last.source, last.target]).toEqual(plain.at(-1)?.slice(0, 2) ?? [Number.NEGATIVE_INFINITY, 0]);
    }),
    { numRuns: 1_000 },
  );
});

test('more than the kernel holds at a time is taken in turn, and a batch grows as it has to', () => {
  const rows = 50_000;
  const text = Array.from({ length: rows }, (_, at) => `${at}\t${at + 1}\t${at + 2}\n`).join('');
  const batch = new NumberBatch();
  expect(relationKernel().lines(Buffer.from(`${text}7\t8`), 0, batch)).toBe(text.length);
  expect(batch.length).toBe(rows);
  for (const at of [0, 1, 12_345, rows - 1]) {
    expect([batch.sources[at], batch.targets[at], batch.weights[at]]).toEqual([at, at + 1, at + 2]);
  }
});
