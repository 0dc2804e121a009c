import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { diff, evaluate, explain, type Progress, relate, report } from 'also-viewed';
import { expect, test } from 'vitest';
import { alsoViewed } from '../cli/also-viewed.ts';
import { terminal } from '../cli/terminal.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { toldProgress } from '../told-progress.ts';

/** Four paths of three products, their relations, and those of the same paths without the last. */
async function shop(): Promise<{ views: string; old: string; now: string; folder: string }> {
  const folder = temporaryFolder();
  const [views, fewer] = [path.join(folder, 'v.tsv'), path.join(folder, 'fewer.tsv')];
  const rows = ['1', '2', '3', '4'].flatMap((id) => ['a', 'b', 'c'].map((product) => `${id}\t${product}\n`));
  writeFileSync(views, rows.join(''));
  writeFileSync(fewer, rows.slice(0, -1).join(''));
  const [old, now] = [path.join(folder, 'old.tsv'), path.join(folder, 'now.tsv')];
  await relate(fewer, { out: old });
  await relate(views, { out: now });
  return { views, old, now, folder };
}

const columns = { path: 'path_id', product: 'product_id' };

test('evaluate tells of each of its stages', async () => {
  const { progress, stages } = toldProgress();
  await evaluate({ views: (await shop()).views }, { progress });
  expect(stages.map(({ stage, done, total, unit }) => [stage, done, total, unit])).toEqual([
    ['Reading the views', 12, 12, 'views'],
    ['Ordering the views', 12, 12, 'views'],
    ['Splitting the views', 12, 12, 'views'],
    // Of one path of four the last new product is left out.
    ['Sorting the views', 11, 11, 'views'],
    ['Evaluating', 20, 20, 'pairs'],
    ['Evaluating the other lists', 3, 3, 'products'],
  ]);
});

test('explain and report tell of each of their stages', async () => {
  const { views, now, folder } = await shop();
  const told = toldProgress();
  await explain({ source: 'a', target: 'b', relations: now, views, work: 'nowhere', columns }, told);
  expect(told.stages.map(({ stage, done }) => [stage, done])).toEqual([
    ['Reading the views', 12],
    ['Sorting the views', 12],
    ['Reading the relations', 6],
  ]);
  const { progress, stages } = toldProgress();
  await report({ relations: now, views, work: 'nowhere', columns, out: path.join(folder, 'r.html') }, { progress });
  expect(stages.map(({ stage, done }) => [stage, done])).toEqual([
    ['Reading the views', 12],
    ['Sorting the views', 12],
    ['Reading the relations', 6],
    ['Looking at the products', 3],
    ['Packing the lists', 3],
  ]);
});

test.each(['tsv', 'csv', 'jsonl'] as const)('diff tells how far the changes are written as %s', async (format) => {
  const { old, now, folder } = await shop();
  const told: Progress[] = [];
  const changes = { out: path.join(folder, 'changes'), format };
  const progress = (progress: Progress): void => void told.push(progress);
  await diff({ kind: 'file', location: old }, { kind: 'file', location: now }, { changes }, { progress });
  // Four relations of c, a line of ten bytes each.
  const [unit, all] = format === 'tsv' ? (['bytes', 40] as const) : (['relations', 4] as const);
  expect(told.at(-1)).toEqual({ stage: 'Writing the changes', done: all, total: all, unit });
});

test('messages for a person have thousands separators, others have none', async () => {
  const { views, now, folder } = await shop();
  writeFileSync(now, 'a\tb\t12345\n');
  const args = ['show', 'a', '--relations', now, '--views', views];
  const warning = (figure: string): string =>
    `Warning: a and b are related with weight ${figure}, and 4 paths have both`;
  expect((await alsoViewed(args, { cwd: folder, env: terminal })).stderr).toContain(warning('12,345'));
  expect((await alsoViewed(args, { cwd: folder })).stderr).toContain(warning('12345'));
});
