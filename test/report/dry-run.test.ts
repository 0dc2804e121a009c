import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { alsoViewed } from '../cli/also-viewed.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test.each([
  ['table', 'Would publish 2 relations of 2 sources: 0 added, 2 changed, 2 removed, 0 as before\n'],
  ['tsv', 'figure\tvalue\nrelations\t2\nsources\t2\nadded\t0\nchanged\t2\nremoved\t2\nunchanged\t0\n'],
  ['csv', 'figure,value\nrelations,2\nsources,2\nadded,0\nchanged,2\nremoved,2\nunchanged,0\n'],
  [
    'jsonl',
    '{"relations":2,"sources":2,"added":0,"changed":2,"removed":2,"unchanged":0,"first_lists":0,"lost_lists":2,"movers":[{"change":"~","source":"a","target":"b","oldWeight":5,"newWeight":3}',
  ],
])('a dry run prints what would change as %s, and changes nothing', async (format, expected) => {
  const folder = temporaryFolder();
  const [old, next] = [path.join(folder, 'old.tsv'), path.join(folder, 'next.tsv')];
  writeFileSync(old, 'a\tb\t5\nb\ta\t5\nc\td\t1\nd\tc\t1\n');
  writeFileSync(next, 'a\tb\t3\nb\ta\t3\n');
  const call = ['import', next, '--target', old, '--dry-run', '--format', format];
  const { code, stdout } = await alsoViewed(call);
  expect({ code, stdout: stdout.slice(0, expected.length) }).toEqual({ code: 0, stdout: expected });
  expect(readFileSync(old, 'utf8')).toBe('a\tb\t5\nb\ta\t5\nc\td\t1\nd\tc\t1\n');
});
