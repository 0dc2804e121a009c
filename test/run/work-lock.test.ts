import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import type { Effects } from '#dist/effects.js';
import { silentLog } from '#dist/effects.js';
import { Interrupted } from '#dist/failure.js';
import { formatProcess, thisProcess } from '#dist/process-identity.js';
import { listRuns } from '#dist/run/list-runs.js';
import { type WorkLock, withWorkLock } from '#dist/run/work-lock.js';
import { storageOf } from '#dist/storage/storage.js';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { faultyS3 } from '../storage/faulty-s3.ts';
import { ownBucket } from '../storage/own-bucket.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const own = ownBucket();
const effects = defaultEffects();

/** Where work folders may be. */
const places: [string, () => string][] = [
  ['on disk', () => path.join(temporaryFolder(), 'work')],
  ['on S3', () => `s3://${own.bucket}/${Math.random()}/work`],
];

/** A lock that somebody else left, unless something is given about him. */
function holder(about: Record<string, unknown> = {}): Buffer {
  const now = new Date().toISOString();
  const other = { host: 'elsewhere', pid: 7, machine: 'another', run: 'R0', since: now, renewedAt: now };
  return Buffer.from(JSON.stringify({ ...other, leaseSeconds: 60, token: `${Math.random()}`, changes: 0, ...about }));
}

const lockOf = (work: string): string => `${work}/lock.json`;

async function lock(work: string): Promise<Record<string, unknown> | undefined> {
  const found = await (await storageOf(work, effects)).readVersion(lockOf(work));
  return found && JSON.parse(found.content.toString());
}

/** Writes a lock as if another process did, over that of whoever holds it. */
async function writeLock(work: string, content: Buffer): Promise<void> {
  const storage = await storageOf(work, effects);
  await storage.makeFolder(work);
  const found = await storage.readVersion(lockOf(work));
  if (found !== undefined) {
    expect(await storage.removeIf(lockOf(work), found.version)).toBe(true);
  }
  expect(await storage.writeIfAbsent(lockOf(work), content)).toBe(true);
}

/** Effects whose pauses take no time; `atPause` sees the seconds waited so far. */
function patient(atPause: (seconds: number) => Promise<void> | void = () => {}): Effects & { waited: () => number } {
  let seconds = 0;
  const pause = async (ms: number): Promise<void> => {
    seconds += ms / 1000;
    await atPause(seconds);
  };
  return { ...defaultEffects({ pause }), waited: () => seconds };
}

/** A lock that is held until the function is called. */
async function hold(
  work: string,
  given = effects,
): Promise<{ held: WorkLock; signal: AbortSignal; free: () => Promise<unknown> }> {
  let letGo = (): void => {};
  const isFree = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return await new Promise((resolve, reject) => {
    const free = (): Promise<unknown> => {
      letGo();
      return all;
    };
    const all = withWorkLock(work, 0, given, async (held, { signal }) => {
      resolve({ held, signal, free });
      await isFree;
    });
    all.catch(reject);
  });
}

/** A run under way, which waits for its views. */
interface WaitingRun {
  readonly ended: Promise<Ended>;
  /** Gives it its views. */
  readonly feed: () => Promise<void>;
  readonly kill: (signal: NodeJS.Signals) => Promise<Ended>;
}

async function waitingRun(work: string, options: readonly string[] = []): Promise<WaitingRun> {
  const cwd = temporaryFolder();
  const views = path.join(cwd, 'views.tsv');
  execFileSync('mkfifo', [views]);
  const args = ['run', '--source', 'views.tsv', '--target', 'target.tsv', '--work', work, ...options];
  const ended = alsoViewed(args, { cwd, env: own.environment });
  // Resolves once the run has opened the other end.
  const pipe = await open(views, 'w');
  return {
    ended,
    feed: async () => {
      await pipe.write('1\ta\n1\tb\n');
      await pipe.close();
    },
    kill: async (signal) => {
      process.kill(Number((await lock(work))?.['pid']), signal);
      const how = await ended;
      await pipe.close();
      return how;
    },
  };
}

/** A run that has all it needs. */
function run(work: string, ...more: string[]): Promise<Ended> {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'views.tsv'), '1\ta\n1\tb\n');
  return alsoViewed(['run', '--source', 'views.tsv', '--target', 'target.tsv', '--work', work, ...more], {
    cwd,
    env: own.environment,
  });
}

describe.each(places)('a work folder %s', (_, place) => {
  test('is held by one run, and free after it', async () => {
    const work = place();
    const { held, free } = await hold(work);
    await held.confirm('R1');
    const refused = await run(work);
    expect(refused).toMatchObject({ code: 75, stdout: '' });
    expect(refused.stderr).toContain(
      `Cannot use ${work}: run R1 (host ${hostname()}, process ${process.pid}, since 20`,
    );
    expect(refused.stderr).toContain('--wait 10m');
    await free();
    expect(await lock(work)).toBeUndefined();
    expect(await run(work)).toMatchObject({ code: 0 });
    expect(await lock(work)).toBeUndefined();
  });

  test('that is held is waited for with --wait', async () => {
    const work = place();
    const { free } = await hold(work);
    let waiting = (): void => {};
    const isWaiting = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    const cwd = temporaryFolder();
    writeFileSync(path.join(cwd, 'views.tsv'), '1\ta\n1\tb\n');
    const args = ['run', '--source', 'views.tsv', '--target', 'target.tsv', '--work', work, '--wait', '10m'];
    const ended = alsoViewed(args, {
      cwd,
      env: own.environment,
      watch: (stderr) => void (stderr.includes('Waiting for') && waiting()),
    });
    await isWaiting;
    await free();
    expect(await ended).toMatchObject({ code: 0 });
  });

  test('that is held for longer than --wait: 75', async () => {
    const work = place();
    await writeLock(work, holder());
    const waiting = patient();
    const body = (): Promise<never> => Promise.reject(new Error('it was held'));
    await expect(withWorkLock(work, 20_000, waiting, body)).rejects.toMatchObject({ kind: 'tryLater' });
    expect(waiting.waited()).toBe(20);
  });

  test('of a killed run is taken over at once; of ten who do so at once, one gets it', async () => {
    const work = place();
    expect(await (await waitingRun(work)).kill('SIGKILL')).toMatchObject({ code: null });
    expect(await lock(work)).toMatchObject({ host: hostname(), run: expect.any(String) });
    let failed = 0;
    let allFailed = (): void => {};
    const othersFailed = new Promise<void>((resolve) => {
      allFailed = resolve;
    });
    const ends = await Promise.all(
      Array.from({ length: 10 }, () =>
        withWorkLock(work, 0, defaultEffects(), async (held, { signal }) => {
          // S3Proxy, unlike S3, may tell two of them that they removed the lock of the killed run: the first to create its own then loses it.
          await Promise.race([othersFailed, once(signal, 'abort')]);
          await held.confirm('R1');
          return 'held';
        }).catch((error: { kind: string }) => {
          failed++;
          if (failed === 9) {
            allFailed();
          }
          return error.kind;
        }),
      ),
    );
    expect(ends.sort()).toEqual(['held', ...Array(9).fill('tryLater')]);
  });

  test('whose holder has the number of a process that began later is taken over at once', async () => {
    const work = place();
    await writeLock(work, holder({ ...thisProcess(), startedTicks: 1 }));
    const waiting = patient();
    expect(await withWorkLock(work, 0, waiting, async () => 'held')).toBe('held');
    expect(waiting.waited()).toBe(0);
  });

  test('that another host holds is taken over once its lock did not change for its lease', async () => {
    const work = place();
    await writeLock(work, holder({ renewedAt: '2026-01-01T00:00:00.000Z', leaseSeconds: 90 }));
    const waiting = patient();
    expect(await withWorkLock(work, 0, waiting, async () => 'held')).toBe('held');
    expect(waiting.waited()).toBe(90);
  });

  test('that another host renews is left to it, however wrong its clock is', async () => {
    const work = place();
    await writeLock(work, holder({ renewedAt: '2026-01-01T00:00:00.000Z' }));
    const waiting = patient(async (seconds) => {
      if (seconds === 59) {
        await writeLock(work, holder({ renewedAt: '2026-01-01T00:00:15.000Z' }));
      }
    });
    await expect(withWorkLock(work, 0, waiting, async () => 'held')).rejects.toMatchObject({
      kind: 'tryLater',
      message: expect.stringContaining('run R0 (host elsewhere, process 7'),
    });
    expect(waiting.waited()).toBe(59);
  });

  test('with a lock that nobody can read is taken over when it does not change', async () => {
    const work = place();
    await writeLock(work, Buffer.from('{"host":'));
    const waiting = patient();
    expect(await withWorkLock(work, 0, waiting, async () => 'held')).toBe('held');
    expect(waiting.waited()).toBe(60);
  });

  test('that was taken over while its holder stood still is not written to any more, and stays with the other one', async () => {
    const work = place();
    const metrics = path.join(temporaryFolder(), 'also-viewed.prom');
    const { ended, feed } = await waitingRun(work, ['--metrics', metrics]);
    const storage = await storageOf(work, effects);
    const manifest = `${work}/runs/${(await storage.listFolders(`${work}/runs`))[0]}/manifest.json`;
    const before = await storage.readVersion(manifest);
    await writeLock(work, holder());
    await feed();
    expect(await ended).toMatchObject({ code: 75, stderr: expect.stringContaining('run R0 (host elsewhere') });
    expect(await storage.readVersion(manifest)).toEqual(before);
    expect(await lock(work)).toMatchObject({ run: 'R0' });
    expect(existsSync(metrics)).toBe(false);
  });

  test('whose lock was removed is not written to any more', async () => {
    const work = place();
    const { held, signal, free } = await hold(work);
    await (await storageOf(work, effects)).remove(lockOf(work));
    await expect(held.confirm('R1')).rejects.toMatchObject({ kind: 'tryLater' });
    expect(signal.reason).toMatchObject({ kind: 'tryLater' });
    await free();
  });

  test('is free after SIGTERM', async () => {
    const work = place();
    expect(await (await waitingRun(work)).kill('SIGTERM')).toMatchObject({ code: 143 });
    expect(await lock(work)).toBeUndefined();
  });

  test('is kept until a job that was told to stop has ended what it runs on a cluster', async () => {
    const work = place();
    const stop = new AbortController();
    const reason = new Interrupted('SIGTERM');
    let end = (): void => {};
    const ending = new Promise<void>((resolve) => {
      end = resolve;
    });
    const stopped = withWorkLock(work, 0, defaultEffects({ signal: stop.signal }), async (held) => {
      held.keepFor(ending);
      stop.abort(reason);
      throw reason;
    });
    await expect(stopped).rejects.toBe(reason);
    await expect(withWorkLock(work, 0, effects, async () => 'held')).rejects.toMatchObject({ kind: 'tryLater' });
    end();
    await vi.waitFor(async () => expect(await lock(work)).toBeUndefined(), { timeout: 30_000 });
  });

  test('is renewed in time', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const work = place();
    const { free } = await hold(work);
    const before = await lock(work);
    vi.advanceTimersByTime(15_000);
    await vi.waitFor(async () => expect(await lock(work)).not.toEqual(before), { timeout: 5000 });
    await free();
    expect(await lock(work)).toBeUndefined();
  });
});

test('waiting for a work folder ends with the signal', async () => {
  const work = places[0]?.[1]() ?? '';
  await writeLock(work, holder());
  const stop = new AbortController();
  const reason = new Interrupted('SIGTERM');
  const log = { ...silentLog, info: () => stop.abort(reason) };
  const waiting = withWorkLock(work, 600_000, defaultEffects({ signal: stop.signal, log }), async () => 'held');
  await expect(waiting).rejects.toBe(reason);
});

test('a work folder whose lock is a symbolic link to nothing is refused, with the link', async () => {
  const work = path.join(temporaryFolder(), 'work');
  mkdirSync(work);
  symlinkSync('nowhere.json', lockOf(work));
  await expect(withWorkLock(work, 600_000, patient(), async () => 'held')).rejects.toMatchObject({
    kind: 'cannotCreate',
    message: `Cannot write ${lockOf(work)}: it is a symbolic link to nowhere.json, which does not exist`,
    remedy: 'Remove the link.',
  });
});

test('a process that was killed while it changed the lock of a work folder is in nobody’s way', async () => {
  const work = path.join(temporaryFolder(), 'work');
  const dead = { ...thisProcess(), startedTicks: 1 };
  await writeLock(work, holder(dead));
  const found = await (await storageOf(work, effects)).readVersion(lockOf(work));
  const temporary = path.join(work, `.lock.json.${formatProcess(dead)}.01234567.tmp`);
  writeFileSync(temporary, '');
  linkSync(temporary, path.join(work, `.lock.json.${found?.version}.tmp`));
  const waiting = patient();
  expect(await withWorkLock(work, 0, waiting, async () => 'held')).toBe('held');
  expect(waiting.waited()).toBe(1);
  expect(readdirSync(work)).toEqual([]);
});

test('a process of another host that was killed while it took a work folder over is in nobody’s way after a minute', async () => {
  const work = path.join(temporaryFolder(), 'work');
  await writeLock(work, holder({ ...thisProcess(), startedTicks: 1 }));
  const found = await (await storageOf(work, effects)).readVersion(lockOf(work));
  const claim = path.join(work, `.lock.json.${found?.version}.tmp`);
  writeFileSync(claim, '');
  const old = path.join(work, '.lock.json.0123456789abcdef.tmp');
  writeFileSync(old, '');
  utimesSync(old, 0, 0);
  const waiting = patient((seconds) => {
    if (seconds === 60) {
      utimesSync(claim, 0, 0);
    }
  });
  expect(await withWorkLock(work, 0, waiting, async () => 'held')).toBe('held');
  expect(waiting.waited()).toBe(61);
  expect(readdirSync(work)).toEqual([]);
});

test('what killed runs were writing is removed by the next run; until then they are listed as killed', async () => {
  const work = path.join(temporaryFolder(), 'work');
  const { kill } = await waitingRun(work);
  expect(await listRuns(work, undefined)).toMatchObject([{ state: 'running' }]);
  expect(await kill('SIGKILL')).toMatchObject({ code: null });
  expect(await listRuns(work, undefined)).toMatchObject([{ state: 'killed' }]);
  const [killed = ''] = readdirSync(path.join(work, 'runs'));
  const left = (): string[] => readdirSync(path.join(work, 'runs', killed));
  expect(left()).toContainEqual(expect.stringMatching(/^\.views\.tsv\.gz\..*\.tmp$/));
  expect(await run(work)).toMatchObject({ code: 0 });
  expect(left()).toEqual(['manifest.json']);
  expect(await listRuns(work, undefined)).toMatchObject([{ state: 'succeeded' }, { state: 'killed' }]);
  expect(existsSync(lockOf(work))).toBe(false);
});

describe('a lock on S3 whose holder lost', () => {
  /** A lock that is held on a way to S3 that loses answers. */
  async function holdBehind(): Promise<{ work: string; lose: { answers: number } } & Awaited<ReturnType<typeof hold>>> {
    const work = places[1]?.[1]() ?? '';
    const lose = { answers: 0 };
    const { endpoint } = await faultyS3(own.s3, () => ({ resetAnswer: lose.answers > 0 && lose.answers-- > 0 }));
    return { work, lose, ...(await hold(work, defaultEffects({ s3: { endpoint, pathStyle: true } }))) };
  }

  test('an answer is renewed', async () => {
    const { work, lose, held, free } = await holdBehind();
    lose.answers = 1;
    await held.confirm('R1');
    expect(lose.answers).toBe(0);
    expect(await lock(work)).toMatchObject({ run: 'R1' });
    await free();
    expect(await lock(work)).toBeUndefined();
  });

  test('all answers of a while is still his', async () => {
    const { work, lose, held, free } = await holdBehind();
    lose.answers = 3;
    await expect(held.confirm('R1')).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await lock(work)).toMatchObject({ run: 'R1' });
    await held.confirm('R2');
    expect(await lock(work)).toMatchObject({ run: 'R2' });
    lose.answers = 3;
    await expect(held.confirm('R3')).rejects.toMatchObject({ kind: 'unavailable' });
    await free();
    expect(await lock(work)).toBeUndefined();
  });
});

test('a lock on S3 that does not answer is asked for once, however long that takes', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  let asked = 0;
  let answer: (() => void) | undefined;
  const { endpoint } = await faultyS3(own.s3, (request) => {
    if (answer === undefined || !request.startsWith('PUT')) {
      return undefined;
    }
    asked++;
    return {
      before: () =>
        new Promise<void>((resolve) => {
          answer = resolve;
        }),
    };
  });
  const { free } = await hold(places[1]?.[1]() ?? '', defaultEffects({ s3: { endpoint, pathStyle: true } }));
  answer = () => {};
  vi.advanceTimersByTime(150_000);
  await vi.waitFor(() => expect(asked).toBe(1), { timeout: 5000 });
  answer();
  await free();
  expect(asked).toBe(1);
});

test('the manifest of a run that a second one wanted to disturb says that it succeeded', async () => {
  const work = path.join(temporaryFolder(), 'work');
  const { ended, feed } = await waitingRun(work);
  expect(await run(work)).toMatchObject({ code: 75 });
  await feed();
  expect(await ended).toMatchObject({ code: 0 });
  const runs = readdirSync(path.join(work, 'runs'));
  expect(runs).toHaveLength(1);
  expect(JSON.parse(readFileSync(path.join(work, 'runs', runs[0] ?? '', 'manifest.json'), 'utf8'))).toMatchObject({
    state: 'succeeded',
  });
});
