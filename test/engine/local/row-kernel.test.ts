import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineWriter } from '#dist/engine/local/line-writer.js';
import { outputIds } from '#dist/engine/local/output-ids.js';
import { BlockRelater } from '#dist/engine/local/relate-block.js';
import { IdTable } from '#dist/relation/id-table.js';
import { escaped } from '../../arbitraries.ts';
import { kernelOf } from './kernel-of.ts';

const everything = { top: Number.POSITIVE_INFINITY, minWeight: 1, allowed: undefined };

/** The lines of all relations by the definition, of products in the order of their numbers. */
function expectedLines(ids: readonly string[], paths: readonly (readonly number[])[]): string {
  return ids
    .map((source, a) =>
      ids
        .map((target, b) => {
          const weight = a === b ? 0 : paths.filter((path) => path.includes(a) && path.includes(b)).length;
          return weight === 0 ? '' : `${escaped(source)}\t${escaped(target)}\t${weight}\n`;
        })
        .join(''),
    )
    .join('');
}

function relaterOf(ids: readonly string[], paths: readonly (readonly number[])[]): BlockRelater {
  const { shared, kernel } = kernelOf(ids.length, paths);
  const table = new IdTable();
  const sorted = Uint32Array.from(ids, (id) => table.intern(Buffer.from(id), 0, Buffer.byteLength(id)));
  return new BlockRelater(kernel, everything, new LineWriter(kernel, outputIds(table, sorted, shared.memory)));
}

/** The same by the kernel, from one block into the memory of another. */
function lines(ids: readonly string[], paths: readonly (readonly number[])[]): string {
  const relater = relaterOf(ids, paths);
  const half = ids.length >>> 1;
  const first = relater.relate({ block: 0, first: 0, end: half, into: undefined });
  const text = Buffer.from(first.bytes.subarray(0, first.length)).toString();
  const second = relater.relate({ block: 1, first: half, end: ids.length, into: first.bytes });
  return text + Buffer.from(second.bytes.subarray(0, second.length)).toString();
}

test('rows are those of the definition, whether few targets are touched or nearly all', () => {
  const products = fc.integer({ min: 1, max: 90 });
  const graphs = products.chain((count) =>
    fc.tuple(
      fc.constant(count),
      fc.array(fc.uniqueArray(fc.nat(count - 1), { minLength: 1, maxLength: 40 }), { maxLength: 25 }),
    ),
  );
  fc.assert(
    fc.property(graphs, ([count, paths]) => {
      const ids = Array.from({ length: count }, (_, product) => String(product));
      expect(lines(ids, paths)).toBe(expectedLines(ids, paths));
    }),
  );
});

test('over many products short rows, which are sorted together, and long ones are those of the definition, in turn and by themselves', () => {
  const products = 300_000;
  const [first, end] = [32_990, 36_000];
  // Of a path of so many products no row is short; the others have rows of some hundred targets, many of them twice.
  const long = Array.from({ length: 33_000 }, (_, product) => product);
  const spread = (path: number, at: number): number =>
    at % 3 === 0 ? products - 1 - at * path : first - 50 + ((at * 37 + (path % 60) * 101) % 3_000);
  const short = Array.from({ length: 120 }, (_, path) => [
    ...new Set(Array.from({ length: 90 }, (_, at) => spread(path, at))),
  ]);
  const paths = [long, ...short];
  const members = paths.map((path) => new Set(path));
  const { kernel } = kernelOf(products, paths);
  const expected = Array.from({ length: end - first }, (_, at) => {
    const weights = new Map<number, number>();
    for (const target of paths.filter((_, path) => members[path]?.has(first + at)).flat()) {
      weights.set(target, (weights.get(target) ?? 0) + 1);
    }
    weights.delete(first + at);
    return [...weights].sort(([a], [b]) => a - b);
  });
  const rowOf = (length: number): number[][] =>
    Array.from({ length }, (_, at) => [kernel.targets[at]!, kernel.weights[at]!]);
  for (const nextEnd of [() => end, (source: number) => source + 1]) {
    const found = expected.map((_, at) => rowOf(kernel.relate(first + at, nextEnd(first + at))));
    expect(found.findIndex((row, at) => JSON.stringify(row) !== JSON.stringify(expected[at]))).toBe(-1);
  }
  expect(expected.filter(({ length }) => length > 32_768)).toHaveLength(10);
});

test.each([
  ['short', ['a', 'b\\', 'cc', 'd'.repeat(9)]],
  ['long', ['a', 'b\\', 'é'.repeat(255), 'd'.repeat(64)]],
])('ids that are %s are written with weights of any length', (_, ids) => {
  const often = (times: number, path: number[]): number[][] => Array.from({ length: times }, () => path);
  const paths = [...often(9, [0, 1]), ...often(99, [0, 2]), ...often(999, [1, 2]), ...often(12_345, [3, 0]), [3, 1]];
  expect(lines(ids, paths)).toBe(expectedLines(ids, paths));
});

test('paths of more than 65,535 products and weights of more than 16 bits are as any others', () => {
  const many = 70_000;
  const all = Array.from({ length: many }, (_, product) => product);
  const often = Array.from({ length: many }, () => [3, many - 1]);
  const relater = relaterOf(all.map(String), [all, ...often]);
  const { bytes, length, sums } = relater.relate({ block: 0, first: many - 1, end: many, into: undefined });
  const expected = all.slice(0, -1).map((target) => `${many - 1}\t${target}\t${target === 3 ? 1 + many : 1}\n`);
  expect(Buffer.from(bytes.subarray(0, length)).toString()).toBe(expected.join(''));
  expect(sums.weight).toBe(many - 1 + many);
});
