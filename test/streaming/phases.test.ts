import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IdTable } from '#dist/relation/id-table.js';
import { addSums, brokenIdentity, noRelations } from '#dist/relation/identities.js';
import { TemporaryFile } from '#dist/storage/temporary-file.js';
import { Counters } from '#dist/streaming/counters.js';
import { mapPairs } from '#dist/streaming/map-pairs.js';
import { reducePairs } from '#dist/streaming/reduce-pairs.js';
import { reduceWeights } from '#dist/streaming/reduce-weights.js';
import { ByteWriter } from '#dist/tsv/byte-writer.js';
import { anyId, escaped, integerId, views } from '../arbitraries.ts';
import { bruteForce, relationLines } from '../brute-force.ts';

const temporaryFile = () => new TemporaryFile(tmpdir(), randomBytes(8).toString('hex'));

type Work = (input: Iterable<Buffer>, output: ByteWriter, counters: Counters) => void;

/** Runs a task over text that comes in chunks of `size` bytes. */
function task(lines: readonly string[], size: number, work: Work): { lines: string[]; counters: Counters } {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
  let text = '';
  const output = new ByteWriter(16, (part) => {
    text += Buffer.from(part).toString('latin1');
  });
  const counters = new Counters();
  work(chunks, output, counters);
  return { lines: Buffer.from(text, 'latin1').toString().split('\n').slice(0, -1), counters };
}

/** A shuffle into `reducers` parts: keys together and in byte order, the values of a key in an order that nothing promises. */
function shuffle(lines: readonly string[], reducers: number, seed: number): string[][] {
  const key = (line: string): string => line.split('\t', 1)[0] ?? '';
  const random = (line: string, at: number): number =>
    Math.imul(
      Buffer.from(line).reduce((sum, byte) => Math.imul(sum, 31) + byte, at + seed),
      0x9e3779b1,
    ) >>> 0;
  const parts = Array.from({ length: reducers }, (): { line: string; rank: number }[] => []);
  lines.forEach((line, at) => {
    parts[random(key(line), 0) % reducers]?.push({ line, rank: random(line, at) });
  });
  return parts.map((part) =>
    part
      .sort((a, b) => Buffer.compare(Buffer.from(key(a.line)), Buffer.from(key(b.line))) || a.rank - b.rank)
      .map(({ line }) => line),
  );
}

interface Cluster {
  readonly maps: number;
  readonly reducers: number;
  readonly memory: number;
  readonly chunk: number;
  readonly seed: number;
}

const cluster: fc.Arbitrary<Cluster> = fc.record({
  maps: fc.integer({ min: 1, max: 4 }),
  reducers: fc.integer({ min: 1, max: 3 }),
  // 1 flushes after every path, and has every target in a run of its own, the next ones somewhere in between, the last one never.
  memory: fc.constantFrom(1, 250, 600, 2 ** 30),
  chunk: fc.integer({ min: 1, max: 60 }),
  seed: fc.nat(),
});

function idTable(ids: readonly string[]): IdTable {
  const table = new IdTable();
  for (const id of ids.map((id) => Buffer.from(id))) {
    table.intern(id, 0, id.length);
  }
  return table;
}

interface Phases {
  readonly top?: number;
  readonly minWeight?: number;
  readonly maxPathProducts?: number;
  readonly targets?: readonly string[];
}

/** Both phases as a cluster would run them; the relations of all parts, in the order of the sources. */
function relateOn(
  rows: readonly (readonly [string, string])[],
  { maps, reducers, memory, chunk, seed }: Cluster,
  phases: Phases = {},
): { text: string; counts: (name: Parameters<Counters['get']>[0]) => number } {
  const all: Counters[] = [];
  const run = (lines: readonly string[], work: Work): string[] => {
    const done = task(lines, chunk, work);
    all.push(done.counters);
    return done.lines;
  };
  const counts = (name: Parameters<Counters['get']>[0]): number =>
    all.reduce((sum, counters) => sum + counters.get(name), 0);
  const input = rows.map(([path, product]) => `${escaped(path)}\t${escaped(product)}`);
  const columns = { path: 'path_id', product: 'product_id' };
  const mapped = Array.from({ length: maps }, (_, map) => {
    const split = input.filter((_, at) => at % maps === map);
    return run(split, (chunks, output, counters) =>
      mapPairs(chunks, output, counters, { columns, fromStart: map === 0, file: 'f' }, () => {}),
    );
  }).flat();
  const maxPathProducts = phases.maxPathProducts ?? Number.POSITIVE_INFINITY;
  const stripes = shuffle(mapped, reducers, seed).flatMap((part) =>
    run(part, (chunks, output, counters) =>
      reducePairs(chunks, output, counters, { maxPathProducts, memory, temporaryFile }),
    ),
  );
  const order = counts('ids that are no integers') === 0 ? 'integer' : 'text';
  const parts = shuffle(stripes, reducers, seed + 1).map((part) =>
    run(part, (chunks, output, counters) =>
      reduceWeights(chunks, output, counters, {
        order,
        top: phases.top ?? Number.POSITIVE_INFINITY,
        minWeight: phases.minWeight ?? 1,
        targets: phases.targets && idTable(phases.targets),
        memory,
        temporaryFile,
      }),
    ),
  );
  const source = (line: string): string => line.split('\t', 1)[0] ?? '';
  const compare = (a: string, b: string): number =>
    order === 'integer'
      ? Number(BigInt(source(a)) - BigInt(source(b)))
      : Buffer.compare(Buffer.from(source(a)), Buffer.from(source(b)));
  return {
    text: parts
      .flat()
      .sort(compare)
      .map((line) => `${line}\n`)
      .join(''),
    counts,
  };
}

describe.each([
  ['text', anyId],
  ['integer', integerId],
] as const)('with %s ids, split anyhow, shuffled anyhow, in any memory', (_, id) => {
  test('both phases give the relations of the definition, and counters that satisfy the identities', () => {
    fc.assert(
      fc.property(views(id), cluster, (rows, on) => {
        const { text, counts } = relateOn(rows, on);
        const expected = bruteForce(rows);
        expect(text).toBe(relationLines(expected));
        const weight = expected.reduce((sum, relation) => sum + relation[2], 0);
        expect({
          rows: counts('rows'),
          views: counts('views'),
          paths: counts('paths'),
          products: counts('products'),
          relations: counts('relations'),
          weight: counts('weight'),
        }).toEqual({
          rows: rows.length,
          views: new Set(rows.map((row) => row.join('\t'))).size,
          paths: new Set(rows.map(([path]) => path)).size,
          products: new Set(rows.map(([, product]) => product)).size,
          relations: expected.length,
          weight,
        });
        const sums = noRelations();
        addSums(sums, {
          weight: counts('weight'),
          forward: [counts('forward 0'), counts('forward 1')],
          backward: [counts('backward 0'), counts('backward 1')],
        });
        expect(brokenIdentity(sums, counts('path weight'))).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test('limits cut what the full answer holds', () => {
    fc.assert(
      fc.property(
        views(id),
        cluster,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        (rows, on, top, minWeight) => {
          const full = bruteForce(rows);
          const catalogue = [...new Set(rows.map(([, product]) => product))].filter((_, at) => at % 3 !== 0);
          const allowed = full.filter(([, target, weight]) => catalogue.includes(target) && weight >= minWeight);
          const kept = allowed.filter((relation) => {
            const list = allowed.filter(([source]) => source === relation[0]);
            const before = list.filter(
              (other) =>
                other[2] > relation[2] || (other[2] === relation[2] && list.indexOf(other) < list.indexOf(relation)),
            );
            return before.length < top;
          });
          expect(relateOn(rows, on, { top, minWeight, targets: catalogue.map(escaped) }).text).toBe(
            relationLines(kept),
          );
        },
      ),
      { numRuns: 150 },
    );
  });
});

test('paths with too many products are left out and counted, but their products count', () => {
  fc.assert(
    fc.property(views(anyId), cluster, fc.integer({ min: 1, max: 4 }), (rows, on, maxPathProducts) => {
      const paths = new Map<string, Set<string>>();
      for (const [path, product] of rows) {
        paths.set(path, (paths.get(path) ?? new Set()).add(product));
      }
      const { text, counts } = relateOn(rows, on, { maxPathProducts });
      const isLong = ({ size }: ReadonlySet<string>): boolean => size > maxPathProducts;
      const sizes = [...paths.values()].map(({ size }) => size);
      const long = [...paths.values()].filter(isLong);
      const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
      expect([counts('left out paths'), counts('left out pairs'), counts('views'), counts('products')]).toEqual([
        long.length,
        sum(long.map(({ size }) => size * (size - 1))),
        sum(sizes),
        new Set(rows.map(([, product]) => product)).size,
      ]);
      // The order comes from all ids, the brute force's from those that are kept.
      const sorted = (lines: string): string[] => lines.split('\n').sort();
      const kept = rows.filter(([path]) => !isLong(paths.get(path) ?? new Set()));
      expect(sorted(text)).toEqual(sorted(relationLines(bruteForce(kept))));
    }),
    { numRuns: 300 },
  );
});

test('the TAB that Hadoop puts behind a line without a value changes nothing', () => {
  const pairs = task(['1\ta\t', '1\tb\t', '2\tz\t'], 1000, (chunks, output, counters) =>
    reducePairs(chunks, output, counters, { maxPathProducts: 9, memory: 1e9, temporaryFile }),
  );
  expect(pairs.lines.sort()).toEqual(['a\tb\t1', 'b\ta\t1', 'z']);
  const weights = task(['a\tb\t1', 'b\ta\t1', 'z\t'], 1000, (chunks, output, counters) =>
    reduceWeights(chunks, output, counters, {
      order: 'text',
      top: 9,
      minWeight: 1,
      targets: undefined,
      memory: 1e9,
      temporaryFile,
    }),
  );
  expect(weights.lines).toEqual(['a\tb\t1', 'b\ta\t1']);
  expect([weights.counters.get('products'), weights.counters.get('sources')]).toEqual([3, 2]);
});

test('a mapper rejects what the local reader rejects, and takes a header only at the start of a file', () => {
  const lines = ['path_id\tproduct_id', '1\ta\\tb', '1\ta\rb', '1\t', 'x', '1\ta\r', '\\N\ta'];
  const warned: string[] = [];
  const map = (fromStart: boolean): ReturnType<typeof task> =>
    task(lines, 5, (chunks, output, counters) =>
      mapPairs(
        chunks,
        output,
        counters,
        { columns: { path: 'path_id', product: 'product_id' }, fromStart, file: 'v.tsv' },
        (line) => warned.push(line),
      ),
    );
  const first = map(true);
  expect(first.lines).toEqual(['1\ta']);
  expect([
    first.counters.get('rows'),
    first.counters.get('rejected'),
    first.counters.get('rejected control character'),
  ]).toEqual([6, 5, 2]);
  expect(warned[0]).toBe('rejected v.tsv\t2\tcontrol character\t1\\ta\\\\tb');
  expect(map(false).lines).toEqual(['path_id\tproduct_id', '1\ta']);
});

test('a mapper guesses columns as the local reader does, and refuses a header without those that were named', () => {
  const map = (path: string, product = 'product_id'): ReturnType<typeof task> =>
    task(['sku\ttime\tsession_id', 'a\t7\t1', 'b\t8'], 5, (chunks, output, counters) =>
      mapPairs(chunks, output, counters, { columns: { path, product }, fromStart: true, file: 'v.tsv' }, () => {}),
    );
  const { lines, counters } = map('path_id');
  expect(lines).toEqual(['1\ta']);
  expect([
    counters.get('headers with guessed columns'),
    counters.get('headers with other columns'),
    counters.get('rejected'),
  ]).toEqual([1, 1, 1]);
  expect(() => map('sesion_id')).toThrow('Cannot read v.tsv: its columns are sku, time, session_id, not sesion_id');
  expect(() => map('path_id', 'session_id')).toThrow(
    'Cannot read v.tsv: its columns are sku, time, session_id, not path_id',
  );
});

test('counters are reported in the form that Hadoop Streaming reads', () => {
  const counters = new Counters();
  counters.add('rows', 2);
  counters.add('rows', 3);
  expect(counters.report()).toBe('reporter:counter:also-viewed,rows,5\n');
});
