import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Effects, silentLog } from '#dist/effects.js';
import { listRuns } from '#dist/run/list-runs.js';
import { run } from '#dist/run/run.js';
import { alsoViewed } from '../cli/also-viewed.ts';
import { inFakeTime } from '../fake-time.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { parseMetrics } from '../watch/parse-metrics.ts';

/**
 * Makes a file that never opens, as none does where the server of a file system is away: nobody writes to the pipe that it is. A thread waits for
 * that, which ends with the test.
 */
function silentFile(file: string): void {
  execFileSync('mkfifo', [`${file}.pipe`]);
  renameSync(`${file}.pipe`, file);
  onTestFinished(() => {
    try {
      closeSync(openSync(file, constants.O_WRONLY | constants.O_NONBLOCK));
    } catch {
      // Nobody waits.
    }
  });
}

/** A work folder whose lock never opens. */
function silentWork(): string {
  const work = path.join(temporaryFolder(), 'work');
  mkdirSync(work);
  silentFile(path.join(work, 'lock.json'));
  return work;
}

const effects: Partial<Effects> = { log: silentLog };

/** Ten minutes in some seconds, in which what answers does. */
const pace = { stepMs: 10_000, realMs: 40 };

test.each<[string, (work: string) => Promise<unknown>]>([
  [
    'run',
    (work) =>
      run(
        {
          source: { kind: 'files', locations: ['views.tsv'] },
          target: { kind: 'file', location: 'target.tsv' },
          work,
          parameters: {},
        },
        effects,
      ),
  ],
  ['list of runs', (work) => listRuns(work, undefined, effects)],
])('a %s on a disk that does not answer fails after ten minutes', async (_, work) => {
  const { outcome, seconds } = await inFakeTime(
    () => work(silentWork()),
    () => true,
    pace,
  );
  expect(outcome).toMatchObject({
    status: 'rejected',
    reason: {
      kind: 'unavailable',
      message: expect.stringMatching(/^Cannot use .*lock\.json: its file system did not answer for 10 min$/),
      remedy: expect.stringContaining('df'),
    },
  });
  expect(seconds).toBeGreaterThanOrEqual(600);
});

test('SIGTERM ends a run whose work folder answers no more, and who watches is told', async () => {
  const cwd = temporaryFolder();
  const lock = path.join(cwd, 'work', 'lock.json');
  const watch = ['--metrics', 'm.prom', '--on-failure', 'echo $ALSO_VIEWED_MESSAGE > told'];
  let isSilent = false;
  const ended = await alsoViewed(['run', '--source', '-', '--target', 'target.tsv', '--work', 'work', ...watch], {
    cwd,
    watch: (stderr) => {
      if (!isSilent && stderr.includes('export: begins')) {
        isSilent = true;
        silentFile(lock);
      }
    },
    signal: { when: /export: begins/, send: 'SIGTERM' },
  });
  // What a shell calls 143.
  expect(ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  expect(ended.stderr).toContain('The manifest of the run could not be written: Interrupted by SIGTERM\n');
  expect(ended.stderr).toMatch(/Error: Interrupted by SIGTERM\n$/);
  expect(readFileSync(path.join(cwd, 'told'), 'utf8')).toBe('Interrupted by SIGTERM\n');
  expect(parseMetrics(readFileSync(path.join(cwd, 'm.prom'), 'utf8'))).toMatchObject({ also_viewed_exit_code: 143 });
});

/** Ends a process as the command line does when its command is over: time goes on a hundred times as fast there. */
async function over(cwd: string, before: string): Promise<[code: number | null, signal: NodeJS.Signals | null]> {
  const ending = new URL('../../dist/cli/end-in-time.js', import.meta.url);
  const script = `import { open } from 'node:fs';
    import { endWhenOver } from ${JSON.stringify(ending)};
    const { setInterval } = globalThis;
    globalThis.setInterval = (work, ms) => setInterval(work, ms / 100);
    ${before}
    process.exitCode = 74;
    endWhenOver();`;
  writeFileSync(path.join(cwd, 'over.mjs'), script);
  const child = spawn(process.execPath, ['over.mjs'], { cwd });
  const [code, signal] = await once(child, 'exit');
  return [code, signal];
}

test('a process whose command is over does not wait for a disk that does not answer', async () => {
  const cwd = temporaryFolder();
  silentFile(path.join(cwd, 'pipe'));
  // Node.js before 22.15 can give no exit code.
  const end = 'execve' in process ? [74, null] : [null, 'SIGKILL'];
  expect(await over(cwd, "open('pipe', () => {});")).toEqual(end);
  expect(await over(cwd, 'setTimeout(() => {}, 1000);')).toEqual([74, null]);
});
