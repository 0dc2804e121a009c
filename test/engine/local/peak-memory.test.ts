import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../temporary-folder.ts';
import { relateProcess, writeViews } from './relate-process.ts';

const MB = 2 ** 20;

test.each([
  ['that just fit, with long ids', 1_500_000, 6, true, /^Reading .*\n(?!The views do not fit)/],
  ['that do not fit', 5_500_000, 2, false, /Memory: \d parts in 128 MB/],
])('views %s are related in no more memory than --memory and 100 MB', (_, rows, perPath, text, how) => {
  const views = path.join(temporaryFolder(), 'views.tsv');
  writeViews(views, rows, perPath, 50_000, text);
  const { code, stderr, peak } = relateProcess([views, '--memory', '128M', '--threads', '2', '--out', '/dev/null']);
  expect(stderr).toMatch(how);
  expect(code).toBe(0);
  expect(peak).toBeLessThan(228 * MB);
});

test('a job that is given many threads stays below --memory and 100 MB too', () => {
  const views = path.join(temporaryFolder(), 'views.tsv');
  writeViews(views, 500_000, 40, 50_000, false);
  const { code, stderr, peak } = relateProcess([views, '--memory', '128M', '--threads', '500', '--out', '/dev/null']);
  expect(stderr).toContain('on 2 threads');
  expect(code).toBe(0);
  expect(peak).toBeLessThan(228 * MB);
});
