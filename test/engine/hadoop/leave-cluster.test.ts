import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Interrupted, silentLog } from 'also-viewed';
import { expect, onTestFinished, test, vi } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { leaveCluster } from '#dist/engine/hadoop/leave-cluster.js';
import { temporaryFolder } from '../../temporary-folder.ts';

/** A limit for what takes milliseconds where nobody else is at work. */
const soon = { timeout: 30_000 };

test('a job that was told to stop does not wait for a cluster that takes longer: that is ended after it', async () => {
  const home = temporaryFolder();
  const bin = path.join(home, 'bin');
  mkdirSync(bin);
  const add = (name: string, script: string): void => {
    writeFileSync(path.join(bin, name), `#!/bin/sh\ncd "$(dirname "$0")/.."\n${script}\n`, { mode: 0o755 });
  };
  add('mapred', 'echo "$@" > asked; while [ ! -e go ]; do sleep 0.02; done; echo > ended');
  add('hadoop', 'echo "$@" > removed.tmp; mv removed.tmp removed');
  const said: string[] = [];
  const log = { ...silentLog, warn: (message: string) => said.push(message) };
  const effects = defaultEffects({ log, signal: AbortSignal.abort(new Interrupted()) });
  const client = { program: path.join(bin, 'hadoop'), streamingJar: '' };
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
    writeFileSync(path.join(home, 'go'), '');
  });
  const leaving = leaveCluster(client, ['/tmp/also-viewed-1', '/tmp/also-viewed-0'], 'application_17_0004', effects);
  vi.advanceTimersByTime(4000);
  await leaving;
  expect(said).toEqual([
    expect.stringMatching(
      /^Hadoop: process \d+ goes on ending application_17_0004 and removing \/tmp\/also-viewed-1 .*yarn application -kill application_17_0004/,
    ),
  ]);
  const pid = Number(/process (\d+)/.exec(said.join())?.[1]);
  vi.useRealTimers();
  await vi.waitUntil(() => existsSync(path.join(home, 'asked')), soon);
  expect(readFileSync(path.join(home, 'asked'), 'utf8')).toBe('job -kill job_17_0004\n');
  // As systemd does with all that a service leaves.
  process.kill(-pid, 'SIGTERM');
  expect(existsSync(path.join(home, 'removed'))).toBe(false);
  writeFileSync(path.join(home, 'go'), '');
  await vi.waitUntil(() => existsSync(path.join(home, 'removed')), soon);
  expect(readFileSync(path.join(home, 'removed'), 'utf8')).toBe(
    'fs -rm -r -f -skipTrash /tmp/also-viewed-1 /tmp/also-viewed-0\n',
  );
});
