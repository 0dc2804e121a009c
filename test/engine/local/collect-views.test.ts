import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import type { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { type Effects, Interrupted, type Related, type RelateOptions, relate } from 'also-viewed';
import { expect, onTestFinished, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { exitCodeOf } from '#dist/failure.js';
import { RejectedRows } from '#dist/tsv/rejected-rows.js';
import { temporaryFolder } from '../../temporary-folder.ts';
import { relateWithin } from './local-job.ts';

/** What parsing in two threads needs, and more. */
const memory = 4 * 2 ** 30;
/** Long ids, so that few rows make a file of three pieces. */
/** A path's id. */
const path_ = (number: number): string => `${number}`.padStart(200, 'p');
const rows = 100_000;

function manyViews(line: (row: number) => string): Buffer {
  return Buffer.from(Array.from({ length: rows }, (_, row) => line(row)).join(''));
}

/** With standard input, which is empty, among the views it is not known how large they are: then they are worth threads. */
function relateThreaded(
  views: readonly string[],
  options: RelateOptions,
  effects: Partial<Effects> = {},
): Promise<Related> {
  return relate([...views, '-'], { ...options, memory }, { ...effects, stdin: Readable.from([Buffer.alloc(0)]) });
}

async function relateIn(folder: string, views: readonly string[], options: RelateOptions): Promise<unknown[]> {
  const out = path.join(folder, `r-${options.threads}.tsv`);
  const { artefact, ...figures } = await relateThreaded(views, { ...options, out });
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
  await expect(relateThreaded([file], { threads: 2, out: path.join(folder, 'r.tsv') })).rejects.toThrow(
    'the gzip data ends early',
  );
});

test('a parsing thread that dies ends the job with 70, and nothing is left', async () => {
  const views = path.join(temporaryFolder(), 'views.tsv');
  writeFileSync(
    views,
    manyViews((row) => `${path_(row)}\t${row % 9}\n`),
  );
  const kill = (worker: Worker): void => void worker.once('message', () => void worker.terminate());
  process.on('worker', kill);
  onTestFinished(() => {
    process.off('worker', kill);
  });
  const folder = temporaryFolder();
  const relating = relateThreaded([views], { threads: 2, out: path.join(folder, 'r.tsv') });
  const ended = await relating.catch((error: unknown) => error);
  expect(String(ended)).toContain('A parser thread ended by itself');
  expect({ code: exitCodeOf(ended), left: readdirSync(folder) }).toEqual({ code: 70, left: [] });
});

test('a signal while threads parse ends the job, and nothing is left', async () => {
  const views = path.join(temporaryFolder(), 'views.tsv');
  writeFileSync(
    views,
    manyViews((row) => `${path_(row)}\t${row % 9}\n`),
  );
  const stop = new AbortController();
  const progress = ({ done }: { done: number }): void => {
    if (done > 0) {
      stop.abort(new Interrupted('SIGTERM'));
    }
  };
  const folder = temporaryFolder();
  const out = path.join(folder, 'r.tsv');
  const relating = relateThreaded([views], { threads: 2, out }, { progress, signal: stop.signal });
  await expect(relating).rejects.toThrow('Interrupted by SIGTERM');
  expect(readdirSync(folder)).toEqual([]);
});

test('the rejected rows of a piece are written as they are listed, not when all of them are', async () => {
  const folder = temporaryFolder();
  const views = path.join(folder, 'views.tsv');
  writeFileSync(views, `${'wrong\n'.repeat(9_000)}1\ta\n`);
  let [waiting, most] = [0, 0];
  class Watched extends RejectedRows {
    override list(line: Uint8Array): void {
      waiting++;
      most = Math.max(most, waiting);
      super.list(line);
    }
    override async flush(): Promise<void> {
      waiting = 0;
      await super.flush();
    }
  }
  const rejected = new Watched(path.join(folder, 'rejected.tsv'), defaultEffects());
  await expect(relateWithin(views, folder, { memory: 2 ** 27, threads: 1, rejected })).rejects.toThrow('too many');
  await rejected.settle();
  expect(most).toBe(4_096);
  const lines = readFileSync(path.join(folder, 'rejected.tsv'), 'utf8').split('\n');
  expect(lines).toHaveLength(9_001);
  expect(lines[8_999]).toBe(`${views}\t9000\twrong number of fields\twrong`);
});
