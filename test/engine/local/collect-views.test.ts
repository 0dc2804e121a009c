import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { type RelateOptions, relate } from 'also-viewed';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../temporary-folder.ts';

/** What parsing in two threads needs, and more. */
const memory = 4 * 2 ** 30;
/** Long ids, so that few rows make a file of three pieces. */
const path_ = (number: number): string => `${number}`.padStart(200, 'p');
const rows = 100_000;

function manyViews(line: (row: number) => string): Buffer {
  return Buffer.from(Array.from({ length: rows }, (_, row) => line(row)).join(''));
}

async function relateIn(folder: string, views: readonly string[], options: RelateOptions): Promise<unknown[]> {
  const out = path.join(folder, `r-${options.threads}.tsv`);
  const { artefact, ...figures } = await relate(views, { ...options, out, memory });
  return [artefact.sha256, figures, readFileSync(`${out}.rejected.tsv`, 'utf8')];
}

test('a large file gives the same relations, figures and rejected rows with their lines in one thread and in several, plain and packed', async () => {
  const folder = temporaryFolder();
  const wrong = new Set([1, 40_000, 40_001, 77_777, rows - 1]);
  const views = manyViews((row) =>
    wrong.has(row) ? `wrong ${row}\n` : `${path_((row * 7) % 30_011)}\t${row % 100}\r\n`,
  );
  const withHeader = manyViews((row) =>
    wrong.has(row) ? `${row}\tNULL\t\n` : `${row % 50}\tmore\t${path_((row * 5) % 20_011)}\n`,
  );
  const files = ['a.tsv', 'b.tsv', 'c.tsv.gz', 'd.tsv'].map((name) => path.join(folder, name));
  const [a = '', b = '', c = '', d = ''] = files;
  writeFileSync(a, views);
  writeFileSync(b, Buffer.concat([Buffer.from('\ufeffproduct_id\tother\tpath_id\n'), withHeader]));
  writeFileSync(c, gzipSync(views, { level: 1 }));
  writeFileSync(d, '1\ta\n1\tb');
  const [one, two, three] = await Promise.all([1, 2, 3].map((threads) => relateIn(folder, files, { threads })));
  expect(two).toEqual(one);
  expect(three).toEqual(one);
  const rejected = String(one?.[2]).split('\n');
  expect(rejected).toHaveLength(3 * wrong.size + 1);
  expect(rejected[3]).toBe(`${a}\t77778\twrong number of fields\twrong 77777`);
  expect(rejected[8]).toBe(`${b}\t77779\tempty field\t77777\\tNULL\\t`);
});

test('packed views that end early are told as such while other threads parse what was read', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'views.tsv.gz');
  // Digests do not pack, so that a cut in the middle is behind the second piece.
  const digest = (row: number): string => createHash('sha512').update(String(row)).digest('base64');
  const packed = gzipSync(
    manyViews((row) => `${digest(row)}${digest(-row)}${row}\t${row % 9}\n`),
    { level: 1 },
  );
  writeFileSync(file, packed.subarray(0, -1_000));
  await expect(relate(file, { threads: 2, memory, out: path.join(folder, 'r.tsv') })).rejects.toThrow(
    'the gzip data ends early',
  );
});
