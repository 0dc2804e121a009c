import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import type { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { relate, silentLog } from 'also-viewed';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { anyId, escaped, integerId, views } from '../../arbitraries.ts';
import { alsoViewed } from '../../cli/also-viewed.ts';
import { onlineRetail, onlineRetailSha256 } from '../../real-data.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { relateWithin } from './local-job.ts';

// Garbage is collected again and again when memory is short, and here the test runner's is part of it.
vi.setConfig({ testTimeout: 240_000 });

/** A path at a time. */
const none = 0;
/** Enough for a few paths of random views. */
const few = 1_500;
/** Enough for a few parts of the real views, not for all of them. */
const little = 16 << 20;
/** Enough for a half of `crowd`. */
const half = 1 << 21;
/** What parsing in two threads needs, and more. */
const plenty = 2 ** 32;

test('random views give the same bytes and figures in memory and on disk, plain and packed, whatever the limits', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(views(anyId), views(integerId)),
      fc.constantFrom(1, 3, Number.POSITIVE_INFINITY),
      fc.constantFrom(1, 2),
      fc.constantFrom(2, Number.POSITIVE_INFINITY),
      fc.boolean(),
      // Without any, where every path is a part and garbage is collected for each, a run takes five times as long.
      fc.constantFrom(none, few, few, 2 * few, 2 * few),
      async (rows, top, minWeight, maxPathProducts, some, memory) => {
        const folder = temporaryFolder();
        const text = rows.map(([path, product]) => `${escaped(path)}\t${escaped(product)}\n`).join('');
        const plain = path.join(folder, 'views.tsv');
        const packed = path.join(folder, 'views.tsv.gz');
        writeFileSync(plain, text);
        writeFileSync(packed, gzipSync(text));
        const targets = some ? { targets: rows.filter((_, at) => at % 3 > 0).map(([, product]) => product) } : {};
        const limits = { top, minWeight, maxPathProducts, ...targets };
        const expected = await relateWithin(plain, folder, { memory: plenty, threads: 1, ...limits });
        const file = some ? packed : plain;
        expect(await relateWithin(file, folder, { memory, threads: 2, ...limits })).toEqual(expected);
        expect(readdirSync(folder).sort()).toEqual(['r.tsv', 'views.tsv', 'views.tsv.gz']);
      },
    ),
    { numRuns: 15 },
  );
});

/** Views that are worth threads for parsing, relating a half of them, and merging: 12 million pairs of few products, in 6 MB. */
const crowd = Array.from({ length: 192 }, (_, visit) => {
  const id = `crowd-${visit}-`.padEnd(130, '.');
  return Array.from({ length: 252 }, (_, product) => `${id}\t${product}\n`).join('');
}).join('');

/** How many blocks and pieces of files were handed back by threads so far. */
function countThreads(): { blocks: number; pieces: number } {
  const counts = { blocks: 0, pieces: 0 };
  const listen = (worker: Worker): void =>
    void worker.on('message', (message: object) => void counts['block' in message ? 'blocks' : 'pieces']++);
  process.on('worker', listen);
  onTestFinished(() => void process.off('worker', listen));
  return counts;
}

test('random views among many give the same bytes and figures in threads as in one, in memory and in parts, plain and packed', async () => {
  const counts = countThreads();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(views(anyId), views(integerId)),
      fc.constantFrom(3, Number.POSITIVE_INFINITY),
      fc.constantFrom(1, 192),
      fc.constantFrom(2, 3),
      async (rows, top, minWeight, threads) => {
        const folder = temporaryFolder();
        const text = rows.map(([path, product]) => `${escaped(path)}\t${escaped(product)}\n`).join('') + crowd;
        const plain = path.join(folder, 'views.tsv');
        const packed = path.join(folder, 'views.tsv.gz');
        writeFileSync(plain, text);
        writeFileSync(packed, gzipSync(text, { level: 1 }));
        const related = async (file: string, bounds: { memory: number; threads: number }): Promise<unknown[]> => {
          // With standard input, which is empty, it is not known how large the views are: then they are worth threads.
          const from = { locations: [file, '-'], columns: { path: 'path_id', product: 'product_id' } };
          let parts = 1;
          const debug = (message: string): void => {
            parts = Number(/^Merging (\d+) parts$/.exec(message)?.[1] ?? parts);
          };
          const effects = { stdin: Readable.from([Buffer.alloc(0)]), log: { ...silentLog, debug } };
          Object.assign(counts, { blocks: 0, pieces: 0 });
          const figures = await relateWithin(file, folder, { ...bounds, top, minWeight, views: from }, effects);
          return [figures, { blocks: counts.blocks > 0, pieces: counts.pieces > 0, inParts: parts > 1 }];
        };
        const [expected, alone] = await related(plain, { memory: plenty, threads: 1 });
        expect(alone).toEqual({ blocks: false, pieces: false, inParts: false });
        const file = runs++ % 2 === 0 ? plain : packed;
        expect(await related(file, { memory: plenty, threads })).toEqual([
          expected,
          { blocks: true, pieces: true, inParts: false },
        ]);
        expect(await related(file, { memory: half, threads })).toEqual([
          expected,
          { blocks: true, pieces: false, inParts: true },
        ]);
      },
    ),
    { numRuns: 2 },
  );
});

test.each([
  [little, 1],
  [little, 3],
])(
  'the real views give the known bytes with %i bytes of memory and %i threads, and the temporary file has no name while it is in use, so that a kill leaves nothing either',
  async (memory, threads) => {
    const folder = temporaryFolder();
    const names = new Set<string>();
    const timer = setInterval(() => {
      for (const name of readdirSync(folder)) {
        names.add(name);
      }
    }, 1);
    const related = await relateWithin(onlineRetail, folder, { memory, threads }).finally(() => clearInterval(timer));
    expect([...names].filter((name) => name.startsWith('.also-viewed'))).toEqual([]);
    expect(related.artefact.sha256).toBe(onlineRetailSha256);
    expect(related).toMatchObject({ paths: 25_900, views: 531_225, weight: 57_145_672 });
    expect(readdirSync(folder)).toEqual(['r.tsv']);
  },
);

test('too many products are refused with 64 as soon as they are, not when all views were read', async () => {
  let read = 0;
  function* piecesOfViews(): Generator<Buffer> {
    for (; read < 60; read++) {
      yield Buffer.from(Array.from({ length: 50_000 }, (_, row) => `1\t${50_000 * read + row}\n`).join(''));
    }
  }
  const stdin = Readable.from(piecesOfViews());
  await expect(relateWithin('-', temporaryFolder(), { memory: none, threads: 1 }, { stdin })).rejects.toMatchObject({
    exitCode: 64,
    message: expect.stringMatching(
      /^Cannot relate at least 1\d{6} products in 0 MB of memory: they alone need \d+ MB$/,
    ),
  });
  expect(read).toBeLessThan(40);
});

test('less than 128M is refused with 64, and temporary files that cannot be made with 73', async () => {
  const { code, stderr } = await alsoViewed(['relate', '-', '--memory', '127M'], { stdin: '1\ta\n' });
  expect({ code, stderr }).toMatchObject({ code: 64, stderr: expect.stringContaining('at least 128M') });
  await expect(relate(onlineRetail, { memory: 1 })).rejects.toMatchObject({ exitCode: 64 });
  await expect(relateWithin(onlineRetail, '/nowhere', { memory: none, threads: 1 })).rejects.toMatchObject({
    exitCode: 73,
  });
});
