import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { newKernel } from '#dist/engine/local/new-kernel.js';
import { temporaryFolder } from '../../temporary-folder.ts';
import { relateWithin } from './local-job.ts';

/** Pages of a block's buffer, which no other memory of little data has. */
const bufferPages = 32;

test('one buffer does for all blocks of a thread that write little or nothing, packed', async () => {
  const folder = temporaryFolder();
  const views = path.join(folder, 'views.tsv');
  // Some 30 blocks; every second one has relations to write.
  const once = Array.from({ length: 2_000 }, (_, product) => `a\t${product}\n`);
  const twice = Array.from({ length: 15 }, (_, at) => `b${at}\t${132 * at}\nb${at}\t${132 * at + 1}\n`);
  writeFileSync(views, [...once, ...twice].join(''));
  const memories: { grow(pages: number): number } = Object.getPrototypeOf(newKernel().memory);
  const grow = vi.spyOn(memories, 'grow');
  try {
    const out = path.join(folder, 'r.tsv.gz');
    const { relations } = await relateWithin(views, folder, { memory: 2 ** 32, threads: 1, minWeight: 2, out });
    expect(relations).toBe(30);
    expect(grow.mock.calls.filter(([pages]) => pages === bufferPages)).toHaveLength(1);
  } finally {
    grow.mockRestore();
  }
});
