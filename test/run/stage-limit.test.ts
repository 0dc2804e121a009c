import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { type Effects, silentLog } from '#dist/effects.js';
import { Interrupted } from '#dist/failure.js';
import { RunRecord } from '#dist/run/run-record.js';
import { withinLimit } from '#dist/run/stage-limit.js';
import { alsoViewed } from '../cli/also-viewed.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Ends, as a connection does, only when it is told to. */
function hanging({ signal }: Effects): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('The socket was destroyed')));
  });
}

describe('a stage that may hang for a minute', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
  });

  const failure = {
    kind: 'unavailable',
    message: 'The export stage hung: it got no further for 60 s',
    remedy: expect.stringContaining('--stage-timeout'),
  };

  test('fails after it, with what it hung for and not with what broke off', async () => {
    const ended = withinLimit('export', 60_000, defaultEffects(), hanging);
    vi.advanceTimersByTime(60_000);
    vi.advanceTimersByTime(1000);
    await expect(ended).rejects.toMatchObject(failure);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each(['alive', 'progress'] as const)('may take as long as it likes while it gets on: %s', async (how) => {
    let aborted: boolean | undefined;
    const work = async ({ signal, alive, progress }: Effects): Promise<string> => {
      for (let minute = 0; minute < 100; minute++) {
        vi.advanceTimersByTime(60_000);
        how === 'alive' ? alive() : progress({ stage: 'Reading', done: minute, total: undefined, unit: 'views' });
      }
      aborted = signal.aborted;
      return 'done';
    };
    expect(await withinLimit('export', 60_000, defaultEffects(), work)).toBe('done');
    expect(aborted).toBe(false);
  });

  test('fails even when what hangs does not hear that it is to stop', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
    const ended = withinLimit('export', 60_000, defaultEffects(), () => new Promise<never>(() => {}));
    vi.advanceTimersByTime(61_000 + 2500);
    await expect(ended).rejects.toMatchObject(failure);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is given up soon after the job’s signal when it does not hear that', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
    const stop = new AbortController();
    const reason = new Interrupted('SIGTERM');
    const effects = defaultEffects({ signal: stop.signal });
    const ended = withinLimit('export', 60_000, effects, () => new Promise<never>(() => {}));
    stop.abort(reason);
    vi.advanceTimersByTime(2500);
    await expect(ended).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('keeps the process no longer once it is over, when a later one is told to stop', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
    const stop = new AbortController();
    const effects = defaultEffects({ signal: stop.signal });
    await withinLimit('export', 60_000, effects, async () => 'done');
    stop.abort(new Interrupted('SIGTERM'));
    expect(vi.getTimerCount()).toBe(0);
  });

  test('fails with its own failure when it has one', async () => {
    const work = () => Promise.reject(new Error('bad rows'));
    await expect(withinLimit('export', 60_000, defaultEffects(), work)).rejects.toThrow('bad rows');
  });

  test('is told to stop by the job’s signal as ever', async () => {
    const stop = new AbortController();
    const ended = withinLimit('export', 60_000, defaultEffects({ signal: stop.signal }), hanging);
    stop.abort();
    await expect(ended).rejects.toThrow('The socket was destroyed');
  });
});

test('a run whose source says nothing more fails after --stage-timeout: 69, and frees its work folder', async () => {
  const cwd = temporaryFolder();
  execFileSync('mkfifo', [path.join(cwd, 'views.tsv')]);
  const args = ['run', '--source', 'views.tsv', '--target', 'target.tsv', '--work', 'work', '--stage-timeout', '1s'];
  expect(await alsoViewed(args, { cwd })).toMatchObject({
    code: 69,
    stderr: expect.stringContaining('The export stage hung: it got no further for 1 s'),
  });
  expect(readdirSync(path.join(cwd, 'work'))).toEqual(['runs']);
  const [id = ''] = readdirSync(path.join(cwd, 'work', 'runs'));
  const folder = path.join(cwd, 'work', 'runs', id);
  expect(readdirSync(folder)).toEqual(['manifest.json']);
  expect(JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'))).toMatchObject({
    state: 'failed',
    stages: [{ name: 'export', state: 'failed' }],
    error: { exitCode: 69 },
  });
});

test('a stage that is given up after a signal leaves a second for the record of the run, if S3 hangs too', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const stop = new AbortController();
  const reason = new Interrupted('SIGTERM');
  let confirmed = Promise.resolve();
  const lock = { confirm: () => confirmed, keepFor: () => {} };
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (message: string) => void warnings.push(message) };
  const effects = defaultEffects({ signal: stop.signal, log });
  const record = await RunRecord.start(temporaryFolder(), { parameters: {} }, lock, effects);
  confirmed = new Promise(() => {});
  stop.abort(reason);
  vi.advanceTimersByTime(2500);
  const recorded = record.fail(reason);
  vi.advanceTimersByTime(1000);
  await recorded;
  expect(warnings).toEqual(['The manifest of the run could not be written: Interrupted by SIGTERM']);
});

test.each([
  ['export', ['export', '--source', 'silent', '--out', 'views.tsv']],
  ['publish', ['import', 'silent', '--target', 'target.tsv']],
])('a silent %s of a command of its own ends after --stage-timeout, too: 69', async (stage, words) => {
  const cwd = temporaryFolder();
  execFileSync('mkfifo', [path.join(cwd, 'silent')]);
  expect(await alsoViewed([...words, '--stage-timeout', '1s'], { cwd })).toMatchObject({
    code: 69,
    stderr: expect.stringContaining(`The ${stage} stage hung: it got no further for 1 s`),
  });
  expect(readdirSync(cwd)).toEqual(['silent']);
});

test('--stage-timeout 0s is refused: 64', async () => {
  expect(await alsoViewed(['run', '--stage-timeout', '0s'])).toMatchObject({ code: 64 });
});
