import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { silentLog } from '#dist/effects.js';
import { RejectedRows } from '#dist/tsv/rejected-rows.js';
import { temporaryFolder } from '../temporary-folder.ts';

function rejectedBeside(out: string, effects = defaultEffects()): RejectedRows {
  const rejected = RejectedRows.beside(out, effects);
  rejected.add('views.tsv', 7, 'NULL', Buffer.from('1\tNULL'));
  return rejected;
}

test('rejected rows stand beside the output, with file, line and reason', async () => {
  const out = path.join(temporaryFolder(), 'r.tsv');
  await rejectedBeside(out).settle();
  expect(readFileSync(`${out}.rejected.tsv`, 'utf8')).toBe('views.tsv\t7\tNULL\t1\\tNULL\n');
});

test('beside a pipe, a device or standard output they are only counted', async () => {
  const folder = temporaryFolder();
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const out of [pipe, '/dev/null', '/dev/stdout', '-']) {
    const rejected = rejectedBeside(out);
    await rejected.settle();
    expect({ count: rejected.count, artefact: rejected.artefact }).toEqual({ count: 1, artefact: undefined });
  }
  expect(readdirSync(folder)).toEqual(['pipe']);
});

test('when the output cannot be created, the failure is about the output', async () => {
  const out = path.join(temporaryFolder(), 'nowhere', 'r.tsv');
  await expect(rejectedBeside(out).flush()).rejects.toMatchObject({
    kind: 'cannotCreate',
    message: `Cannot write ${out}: its folder does not exist`,
  });
});

test('a folder under the name is an expected failure, or a warning when there was nothing to write', async () => {
  const out = path.join(temporaryFolder(), 'r.tsv');
  mkdirSync(`${out}.rejected.tsv`);
  await expect(rejectedBeside(out).flush()).rejects.toMatchObject({ kind: 'cannotCreate' });
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (message: string) => void warnings.push(message) };
  await RejectedRows.beside(out, defaultEffects({ log })).settle();
  expect(warnings).toEqual([expect.stringContaining(`${out}.rejected.tsv`)]);
});

test('a file that an earlier job left goes when no row was rejected', async () => {
  const out = path.join(temporaryFolder(), 'r.tsv');
  writeFileSync(`${out}.rejected.tsv`, 'old\n');
  await RejectedRows.beside(out, defaultEffects()).settle();
  expect(readdirSync(path.dirname(out))).toEqual([]);
});
