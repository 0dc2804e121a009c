import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRelations } from '#dist/tsv/relation-rows.js';
import { anyId, escaped, integerId } from '../arbitraries.ts';

type Row = readonly [source: string, target: string, weight: number, line: number];

async function parse(chunks: readonly (string | Buffer)[]): Promise<Row[]> {
  async function* source(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) {
      yield Buffer.from(chunk);
    }
  }
  const rows: Row[] = [];
  for await (const batch of parseRelations('r.tsv', source())) {
    for (let at = 0; at < batch.length; at++) {
      rows.push([batch.source(at), batch.target(at), batch.weights[at] ?? 0, batch.firstLine + at]);
    }
  }
  return rows;
}

const text = '1\t20\t3\n1\t3\\\\0\t9007199254740991\né\t👟\t1\né\ta b\t22\nlonger\t1\t7';
const rows: Row[] = [
  ['1', '20', 3, 1],
  ['1', '3\\0', Number.MAX_SAFE_INTEGER, 2],
  ['é', '👟', 1, 3],
  ['é', 'a b', 22, 4],
  ['longer', '1', 7, 5],
];

test('rows are the same wherever the file is cut', async () => {
  const bytes = Buffer.from(text);
  expect(await parse([bytes])).toEqual(rows);
  expect(await parse([...bytes].map((byte) => Buffer.of(byte)))).toEqual(rows);
  for (let at = 0; at <= bytes.length; at++) {
    expect(await parse([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(rows);
  }
});

test('a wrong row is named by its line wherever the file is cut', async () => {
  const bytes = Buffer.from(`${text}\nx\ty\tz\n`);
  for (let at = 0; at <= bytes.length; at++) {
    await expect(parse([bytes.subarray(0, at), bytes.subarray(at)])).rejects.toThrow('Cannot use r.tsv:6: the weight');
  }
});

test('the rows of a list share the place of their source', async () => {
  async function* source(): AsyncGenerator<Buffer> {
    yield Buffer.from('abc\t1\t1\nabc\t2\t1\nab');
    yield Buffer.from('c\t3\t1\nabd\t3\t1\n');
  }
  const batches = [];
  for await (const batch of parseRelations('r.tsv', source())) {
    batches.push([batch.length, batch.listEnd(0), batch.source(0)]);
  }
  expect(batches).toEqual([
    [2, 2, 'abc'],
    [2, 1, 'abc'],
  ]);
});

test('bytes that are not UTF-8 are refused', async () => {
  await expect(parse([Buffer.from([0x31, 0x09, 0xff, 0x09, 0x31, 0x0a])])).rejects.toThrow('r.tsv:1: invalid UTF-8');
});

test('an id as long as ids may be, of characters that take most bytes, is read', async () => {
  const id = '👟'.repeat(255);
  const backslashes = '\\'.repeat(255);
  expect(await parse([`${id}\t${escaped(backslashes)}\t1\n`])).toEqual([[id, backslashes, 1, 1]]);
  await expect(parse([`${id}👟\ta\t1\n`])).rejects.toThrow('id longer than 255 characters');
});

test('any ids come back as they were written', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          anyId,
          anyId,
          fc.maxSafeNat().map((weight) => weight + 1 || 1),
        ),
      ),
      fc.integer({ min: 1, max: 50 }),
      async (written, size) => {
        const relations = written.map(([s, t, w]): [string, string, number] => [
          s,
          t,
          Math.min(w, Number.MAX_SAFE_INTEGER),
        ]);
        const bytes = Buffer.from(relations.map(([s, t, w]) => `${escaped(s)}\t${escaped(t)}\t${w}\n`).join(''));
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        );
        expect(await parse(chunks)).toEqual(relations.map((row, at) => [...row, at + 1]));
      },
    ),
    { numRuns: 200 },
  );
});

test('numbers and what only looks like them come back as they were written, wherever the file is cut', async () => {
  const nearlyNumber = fc.oneof(
    { weight: 20, arbitrary: fc.nat().map(String) },
    integerId,
    fc.constantFrom('0', '00', '07', '-1', '1.0', '999999999999999', '1000000000000000', '9007199254740993'),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(nearlyNumber, nearlyNumber, fc.integer({ min: 1, max: 2 ** 31 }))),
      fc.integer({ min: 1, max: 80 }),
      async (relations, size) => {
        const bytes = Buffer.from(relations.map((row) => row.join('\t')).join('\n'));
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        );
        expect(await parse(chunks)).toEqual(relations.map((row, at) => [...row, at + 1]));
      },
    ),
    { numRuns: 300 },
  );
});
