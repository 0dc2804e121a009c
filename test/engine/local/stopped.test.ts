import { readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { Worker } from 'node:worker_threads';
import { Interrupted, type Progress, silentLog } from 'also-viewed';
import { expect, onTestFinished, test } from 'vitest';
import { exitCodeOf } from '#dist/failure.js';
import { alsoViewed } from '../../cli/also-viewed.ts';
import { onlineRetail } from '../../real-data.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { relateWithin } from './local-job.ts';

const plenty = 1 << 30;
/** Enough for half of the real views. */
const little = 26 << 20;

/** Files that were deleted and are still open. */
function openTemporaryFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const file = readlinkSync(`/proc/self/fd/${descriptor}`);
      return /also-viewed-.*\(deleted\)$/.test(file) ? [file] : [];
    } catch {
      // The one that was open for the listing.
      return [];
    }
  });
}

/** Does something with every worker thread when it has related its first block. */
function withWorkers(act: (worker: Worker) => void): void {
  const listener = (worker: Worker): void => void worker.once('message', () => act(worker));
  process.on('worker', listener);
  onTestFinished(() => {
    process.off('worker', listener);
  });
}

test.each([
  ['in memory', plenty],
  ['part by part', little],
])('a worker that dies ends the job %s with 70, and nothing is left', async (_, memory) => {
  withWorkers((worker) => void worker.terminate());
  const folder = temporaryFolder();
  const ended = await relateWithin(onlineRetail, folder, { memory, threads: 2 }).catch((error: unknown) => error);
  expect(String(ended)).toContain('A worker thread ended by itself');
  expect(exitCodeOf(ended)).toBe(70);
  expect([...readdirSync(folder), ...openTemporaryFiles()]).toEqual([]);
});

test('a worker without memory ends the command with 74 and what to do, and nothing is left', async () => {
  const folder = temporaryFolder();
  const hog = path.join(temporaryFolder(), 'hog.cjs');
  writeFileSync(
    hog,
    "if (!require('node:worker_threads').isMainThread) for (const all = []; ; ) all.push([...'0123456789']);",
  );
  const { code, stderr } = await alsoViewed(
    ['relate', onlineRetail, '--threads', '2', '--out', path.join(folder, 'r.tsv')],
    { env: { NODE_OPTIONS: `--max-old-space-size=64 --require=${hog}` } },
  );
  expect(stderr).toMatch(/^Error: Cannot relate the views: they do not fit in memory \(.+\)\n {2}Give less --memory/m);
  expect({ code, left: readdirSync(folder) }).toEqual({ code: 74, left: [] });
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s while relating in memory ends the command with %i, and nothing is left', async (send, code) => {
  const folder = temporaryFolder();
  const ended = await alsoViewed(['relate', onlineRetail, '--verbose', '--out', path.join(folder, 'r.tsv')], {
    signal: { when: /Relations: about/, send },
  });
  expect(ended.stderr).toContain(`Interrupted by ${send}`);
  expect({ code: ended.code, left: readdirSync(folder) }).toEqual({ code, left: [] });
});

test.each([
  ['reading, on disk already', /going on with temporary files/],
  ['relating a part', /Relating part 2/],
  ['merging the parts', /Merging/],
])('a signal while %s ends the job, and nothing is left', async (_, when) => {
  const stop = new AbortController();
  const look = (message: string): void => {
    if (when.test(message)) {
      stop.abort(new Interrupted('SIGTERM'));
    }
  };
  const folder = temporaryFolder();
  const log = { ...silentLog, info: look, debug: look };
  const relating = relateWithin(onlineRetail, folder, { memory: little, threads: 2 }, { log, signal: stop.signal });
  await expect(relating).rejects.toThrow('Interrupted by SIGTERM');
  expect([...readdirSync(folder), ...openTemporaryFiles()]).toEqual([]);
});

test.each([
  ['in memory', plenty],
  ['part by part', little],
])('a signal while views are sorted, %s, ends the job before it knows what relating will take', async (_, memory) => {
  const stop = new AbortController();
  const said: string[] = [];
  const say = (message: string): void => void said.push(message);
  // A signal is an event, too, which has to be let in.
  const progress = ({ stage, total }: Progress): void => {
    if (stage === 'Reading' && total !== undefined) {
      setImmediate(() => stop.abort(new Interrupted('SIGTERM')));
    }
  };
  const effects = { log: { ...silentLog, info: say, debug: say }, progress, signal: stop.signal };
  const folder = temporaryFolder();
  await expect(relateWithin(onlineRetail, folder, { memory, threads: 1 }, effects)).rejects.toThrow(
    'Interrupted by SIGTERM',
  );
  expect(said.filter((message) => message.startsWith('Views: '))).toEqual([]);
  expect([...readdirSync(folder), ...openTemporaryFiles()]).toEqual([]);
});

test.each([
  ['cannot be read to its end', (file: string) => symlinkSync('/proc/self/mem', file), 74],
  ['does not exist', (file: string) => symlinkSync('/nowhere/views.tsv', file), 66],
  ['is cut off', (file: string) => writeFileSync(file, readFileSync(onlineRetail).subarray(0, 500_000)), 65],
])(
  'a file that %s in the middle of many is named, and nothing is left, in memory and on disk',
  async (_, make, code) => {
    const views = temporaryFolder();
    for (const name of ['1.tsv.gz', '3.tsv.gz']) {
      symlinkSync(onlineRetail, path.join(views, name));
    }
    const bad = path.join(views, code === 65 ? '2.tsv.gz' : '2.tsv');
    make(bad);
    for (const memory of [plenty, little]) {
      const folder = temporaryFolder();
      const ended = await relateWithin(views, folder, { memory, threads: 2 }).catch((error: unknown) => error);
      expect(String(ended)).toContain(`${bad}: `);
      expect(exitCodeOf(ended)).toBe(code);
      expect([...readdirSync(folder), ...openTemporaryFiles()]).toEqual([]);
    }
  },
);
