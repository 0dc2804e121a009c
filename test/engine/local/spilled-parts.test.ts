import { expect, test } from 'vitest';
import { newKernel } from '#dist/engine/local/new-kernel.js';
import { SpilledParts } from '#dist/engine/local/spilled-parts.js';
import { SpilledViews } from '#dist/engine/local/spilled-views.js';
import { TemporaryFile } from '#dist/storage/temporary-file.js';
import { temporaryFolder } from '../../temporary-folder.ts';
import { atOnce } from './at-once.ts';

const products = 40;

/** The products of each path, as a part of them is read again from the disk. */
function reread(views: readonly (readonly [path: string, product: number])[], partBytes: number): string[] {
  const file = new TemporaryFile(temporaryFolder(), 'views');
  try {
    const spilled = new SpilledViews(file);
    for (const [path, product] of views) {
      const id = Buffer.from(path);
      spilled.view(id, 0, id.length, product);
    }
    const rankOf = Uint32Array.from({ length: products }, (_, number) => number);
    const parts = new SpilledParts(spilled, { pathShare: 0, partBytes }, rankOf, Number.POSITIVE_INFINITY);
    const found: string[] = [];
    for (let part = 0; part < parts.count; part++) {
      const { distinct } = atOnce(parts.load(part, newKernel()));
      const { rows, pathStarts } = distinct;
      for (let path = 0; path + 1 < pathStarts.length; path++) {
        found.push([...rows.subarray(pathStarts[path], pathStarts[path + 1])].sort((a, b) => a - b).join());
      }
    }
    return found.sort();
  } finally {
    file.close();
  }
}

test('a path that repeats its views more often than a part has room for is read again with each of them once', () => {
  const views = Array.from({ length: 3_000 }, (_, at): readonly [string, number] =>
    at % 3 === 0 ? [`p${at % 11}`, (at * 7) % products] : ['0', (at * at) % products],
  );
  const whole = reread(views, 1e6);
  expect(whole).toHaveLength(12);
  // Room for 20 views while they are sorted: less than the distinct ones of a path, too.
  expect(reread(views, 320)).toEqual(whole);
  expect(reread(views, 1_600)).toEqual(whole);
});
