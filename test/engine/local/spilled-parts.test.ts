import { expect, test } from 'vitest';
import { pathsBytes } from '#dist/engine/local/memory-plan.js';
import { newKernel } from '#dist/engine/local/new-kernel.js';
import { SpilledParts } from '#dist/engine/local/spilled-parts.js';
import { SpilledViews } from '#dist/engine/local/spilled-views.js';
import { TemporaryFile } from '#dist/storage/temporary-file.js';
import { temporaryFolder } from '../../temporary-folder.ts';
import { atOnce } from './at-once.ts';

const products = 40;

type Views = readonly (readonly [path: string, product: number])[];

/** Some of the paths, as they are read again from the disk. */
interface Part {
  /** The products of each path. */
  readonly paths: readonly string[];
  /** Bytes that their distinct views take. */
  readonly bytes: number;
}

/** @param idBytes bytes of the id of a path, at most */
function reread(views: Views, partBytes: number, idBytes: number): Part[] {
  const file = new TemporaryFile(temporaryFolder(), 'views');
  try {
    const spilled = new SpilledViews(file);
    for (const [path, product] of views) {
      const id = Buffer.from(path);
      spilled.view(id, 0, id.length, product);
    }
    const rankOf = Uint32Array.from({ length: products }, (_, number) => number);
    const parts = new SpilledParts(spilled, partBytes, rankOf, Number.POSITIVE_INFINITY);
    const found: Part[] = [];
    while (parts.rowsLoaded < parts.rows) {
      const { distinct, paths } = atOnce(parts.load(newKernel()));
      const { rows, pathStarts, counts } = distinct;
      found.push({
        paths: Array.from({ length: paths }, (_, path) =>
          [...rows.subarray(pathStarts[path], pathStarts[path + 1])].sort((a, b) => a - b).join(),
        ),
        bytes: pathsBytes(counts.views, paths, (24 + idBytes) * paths),
      });
    }
    return found;
  } finally {
    file.close();
  }
}

const pathsOf = (parts: readonly Part[]): string[] => parts.flatMap(({ paths }) => paths).sort();

test('a path that repeats its views more often than a part has room for is read again with each of them once', () => {
  const views = Array.from({ length: 3_000 }, (_, at): readonly [string, number] =>
    at % 3 === 0 ? [`p${at % 11}`, (at * 7) % products] : ['0', (at * at) % products],
  );
  const [whole, ...others] = reread(views, 1e6, 3);
  expect(others).toEqual([]);
  expect(whole!.paths).toHaveLength(12);
  // Room for 20 views while they are sorted: less than the distinct ones of a path, too.
  expect(pathsOf(reread(views, 320, 3))).toEqual(pathsOf([whole!]));
  expect(pathsOf(reread(views, 1_600, 3))).toEqual(pathsOf([whole!]));
});

test.each([
  ['begin', 50_000],
  ['begin', 15_000],
  ['end', 50_000],
])('views that %s with one huge path are read in parts that fill %i bytes, and no more', (where, partBytes) => {
  const huge = Array.from({ length: 3_000 }, (_, at): readonly [string, number] => ['huge', at % products]);
  const short = Array.from({ length: 20_000 }, (_, at): readonly [string, number] => [
    `p${String(at >>> 1).padStart(5, '0')}`,
    at % products,
  ]);
  const views = where === 'end' ? [...short, ...huge] : [...huge, ...short];
  const parts = reread(views, partBytes, 6);
  expect(parts.filter(({ bytes }) => bytes > partBytes)).toEqual([]);
  // A 256th of the paths takes some 2,800 bytes. Parts may take less where the huge path is, before it, and at the end.
  expect(parts.filter(({ bytes }) => bytes < partBytes - 5_000).length).toBeLessThanOrEqual(3);
  expect(pathsOf(parts)).toEqual(pathsOf(reread(views, 1e8, 6)));
});
