import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { relate } from 'also-viewed';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { anyId, escaped, integerId, views } from '../../arbitraries.ts';
import { alsoViewed } from '../../cli/also-viewed.ts';
import { onlineRetail, onlineRetailSha256 } from '../../real-data.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { relateWithin } from './local-job.ts';

// Garbage is collected again and again when memory is short, and here the test runner's is part of it.
vi.setConfig({ testTimeout: 240_000 });

const none = 0;
/** Enough for a few parts of the real views, not for all of them. */
const little = 36 << 20;
const plenty = 1 << 30;

test('random views give the same bytes and figures in memory and on disk, plain and packed, whatever the limits', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(views(anyId), views(integerId)),
      fc.constantFrom(1, 3, Number.POSITIVE_INFINITY),
      fc.constantFrom(1, 2),
      fc.constantFrom(2, Number.POSITIVE_INFINITY),
      fc.boolean(),
      async (rows, top, minWeight, maxPathProducts, some) => {
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
        expect(await relateWithin(file, folder, { memory: none, threads: 2, ...limits })).toEqual(expected);
        expect(readdirSync(folder).sort()).toEqual(['r.tsv', 'views.tsv', 'views.tsv.gz']);
      },
    ),
    { numRuns: 15 },
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

test('less than 128M is refused with 64, and temporary files that cannot be made with 73', async () => {
  const { code, stderr } = await alsoViewed(['relate', '-', '--memory', '127M'], { stdin: '1\ta\n' });
  expect({ code, stderr }).toMatchObject({ code: 64, stderr: expect.stringContaining('at least 128M') });
  await expect(relate(onlineRetail, { memory: 1 })).rejects.toMatchObject({ exitCode: 64 });
  await expect(relateWithin(onlineRetail, '/nowhere', { memory: none, threads: 1 })).rejects.toMatchObject({
    exitCode: 73,
  });
});
