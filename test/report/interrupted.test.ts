import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Effects, evaluate, explain, relate, report } from 'also-viewed';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { toldProgress } from '../told-progress.ts';

/** What does a command on 10,000 products, each in a path with the next one and with the one behind that. */
async function commands(): Promise<Readonly<Record<string, (effects: Partial<Effects>) => Promise<unknown>>>> {
  const folder = temporaryFolder();
  const [views, relations] = [path.join(folder, 'v.tsv'), path.join(folder, 'r.tsv')];
  const rows = Array.from({ length: 10_000 }, (_, id) => [0, 1, 2].map((step) => `${id}\t${id + step}\n`).join(''));
  writeFileSync(views, rows.join(''));
  await relate(views, { out: relations });
  const from = { relations, views, work: 'nowhere', columns: { path: 'path_id', product: 'product_id' } };
  return {
    explain: (effects) => explain({ ...from, source: '1', target: '2' }, effects),
    report: (effects) => report({ ...from, out: path.join(folder, 'r.html') }, effects),
    evaluate: (effects) => evaluate({ views, threads: 1 }, effects),
  };
}

describe.each([
  ['explain', 'Sorting the views'],
  ['report', 'Sorting the views'],
  ['report', 'Looking at the products'],
  ['report', 'Packing the lists'],
  ['evaluate', 'Sorting the views'],
  ['evaluate', 'Evaluating the other lists'],
])('%s', (command, wanted) => {
  test(`stops in the middle of: ${wanted}`, async () => {
    const stopping = new AbortController();
    const told = toldProgress();
    const progress: Effects['progress'] = (progress) => {
      told.progress(progress);
      if (progress.stage === wanted && progress.done === 0) {
        // As soon as the stage lets an event in; the first turn is before it begins.
        setImmediate(() => setImmediate(() => stopping.abort(new Error('stopped'))));
      }
    };
    const job = (await commands())[command];
    await expect(job?.({ progress, signal: stopping.signal })).rejects.toThrow('stopped');
    expect(told.stages.at(-1)?.stage).toBe(wanted);
  });
});
