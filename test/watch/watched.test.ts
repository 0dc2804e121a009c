import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { hasEnded, thisProcess } from '#dist/process-identity.js';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { expectNoSecret, secretMark } from '../services/secret-mark.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { checkServer } from './check-server.ts';
import { parseMetrics } from './parse-metrics.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A shop with views, and its run from there. */
function shop(): { folder: string; run: (args: string[], env?: Record<string, string>) => Promise<Ended> } {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'views.tsv'), '1\ta\n1\tb\n');
  return {
    folder,
    run: (args, env) =>
      alsoViewed(['run', '--source', 'views.tsv', '--target', 'target.tsv', '--work', 'work', ...args], {
        cwd: folder,
        ...(env === undefined ? {} : { env }),
      }),
  };
}

test('the monitor hears of the start and the success of a run, under one id', async () => {
  const { url, pings } = await checkServer();
  const { run } = shop();
  expect(await run(['--ping', url])).toMatchObject({ code: 0 });
  expect(pings.map(({ method, path: where }) => `${method} ${where}`)).toEqual([
    'POST /secret-check/start',
    'POST /secret-check/0',
  ]);
  expect(pings[0]?.run).toMatch(uuid);
  expect(pings[1]?.run).toBe(pings[0]?.run);
  expect(pings[1]?.text).toMatch(/^Run \S+ succeeded after [\d.]+ s\nexport: done, rows 2/);
});

test('the monitor hears of a failure with its exit code and its reason', async () => {
  const { url, pings } = await checkServer();
  const { run } = shop();
  expect(await run(['--ping', `${url}/`, '--source', 'none.tsv'])).toMatchObject({ code: 66 });
  expect(pings.map((ping) => ping.path)).toEqual(['/secret-check/start', '/secret-check/66']);
  expect(pings[1]?.text).toContain('failed in its export stage with exit code 66');
  expect(pings[1]?.text).toContain('Cannot read none.tsv: it does not exist');
});

test('a ping that the monitor could not take is sent again', async () => {
  const { url, pings } = await checkServer((_, before) => (before.length === 0 ? 503 : 200));
  expect(await shop().run(['--ping', url])).toMatchObject({ code: 0, stderr: expect.not.stringContaining('ping') });
  expect(pings.map((ping) => ping.path)).toEqual(['/secret-check/start', '/secret-check/start', '/secret-check/0']);
});

test('a check that is not there is asked once, and no output shows its URL; the run is as good', async () => {
  const { url, pings } = await checkServer(() => 404);
  const { folder, run } = shop();
  const { code, stderr } = await run(['--ping', url, '--verbose', '--log-format', 'json']);
  expect(code).toBe(0);
  expect(stderr).toMatch(/"warn".*Could not ping 127\.0\.0\.1:\d+: it answered 404/);
  expect(pings).toHaveLength(2);
  const [id = ''] = readdirSync(path.join(folder, 'work', 'runs'));
  const manifest = readFileSync(path.join(folder, 'work', 'runs', id, 'manifest.json'), 'utf8');
  expect(stderr + manifest).not.toContain('secret-check');
});

test('a monitor that is silent ends with the run that was told to stop', async () => {
  const { url } = await checkServer(() => undefined);
  const cwd = temporaryFolder();
  const ended = await alsoViewed(['run', '--source', '-', '--target', 'target.tsv', '--work', 'work', '--ping', url], {
    cwd,
    signal: { when: /export: begins/, send: 'SIGTERM' },
  });
  expect(ended.code).toBe(143);
}, 20_000);

test('metrics are written after success and after failure, which keeps when the last success was', async () => {
  const { folder, run } = shop();
  const file = path.join(folder, 'also-viewed.prom');
  const metrics = () => parseMetrics(readFileSync(file, 'utf8'));
  expect(await run(['--metrics', 'also-viewed.prom'])).toMatchObject({ code: 0 });
  const first = metrics();
  expect(first).toMatchObject({ also_viewed_exit_code: 0, also_viewed_relations: 2 });
  chmodSync(file, 0o600);
  expect(await run(['--metrics', 'also-viewed.prom', '--source', 'none.tsv'])).toMatchObject({ code: 66 });
  const success = 'also_viewed_last_success_timestamp_seconds';
  expect(metrics()).toMatchObject({ also_viewed_exit_code: 66, [success]: first[success] });
  // Before there is a run, too.
  expect(await run(['--metrics', 'also-viewed.prom', '--since', '90d'])).toMatchObject({ code: 64 });
  expect(metrics()).toMatchObject({ also_viewed_exit_code: 64, [success]: first[success] });
  expect(statSync(file).mode & 0o777).toBe(0o644);
  expect(readdirSync(folder).sort()).toEqual(['also-viewed.prom', 'target.tsv', 'views.tsv', 'work']);
});

test('metrics are written to the file behind a symbolic link', async () => {
  const { folder, run } = shop();
  const real = path.join(folder, 'real.prom');
  writeFileSync(real, '');
  symlinkSync('real.prom', path.join(folder, 'link.prom'));
  expect(await run(['--metrics', 'link.prom'])).toMatchObject({ code: 0 });
  expect(parseMetrics(readFileSync(real, 'utf8'))).toMatchObject({ also_viewed_exit_code: 0 });
  expect(readlinkSync(path.join(folder, 'link.prom'))).toBe('real.prom');
});

test('each store has metrics of its own, and its failures are told with its name', async () => {
  const { folder } = shop();
  const stores = ['uk:\n    target: uk.tsv', 'de:\n    target: de.tsv\n    source: none.tsv'];
  writeFileSync(
    path.join(folder, 'av.yml'),
    `metrics: av.prom\nsource: views.tsv\nstores:\n  ${stores.join('\n  ')}\n`,
  );
  const { code, stderr } = await alsoViewed(
    ['run', '--config', 'av.yml', '--all', '--on-failure', 'echo $ALSO_VIEWED_STORE > told', '--log-format', 'json'],
    { cwd: folder },
  );
  expect({ code, stderr }).toMatchObject({ code: 66 });
  const codeOf = (store: string) => parseMetrics(readFileSync(path.join(folder, `av-${store}.prom`), 'utf8'));
  expect(codeOf('uk')).toMatchObject({ 'also_viewed_exit_code{store="uk"}': 0 });
  expect(codeOf('de')).toMatchObject({ 'also_viewed_exit_code{store="de"}': 66 });
  expect(readFileSync(path.join(folder, 'told'), 'utf8')).toBe('de\n');
  expect(stderr).toMatch(/"level":"error".*"store":"de".*"stage":"export".*none\.tsv/);
});

test('a store may name a file for its metrics, which no other one may have; config shows the file of each', async () => {
  const { folder } = shop();
  const file = (own: string): void =>
    writeFileSync(
      path.join(folder, 'av.yml'),
      `metrics: av.prom\nsource: views.tsv\nstores:\n  uk:\n    target: uk.tsv\n  de:\n    target: de.tsv\n    metrics: ${own}\n`,
    );
  const told = async (): Promise<string> =>
    (await alsoViewed(['config', '--config', 'av.yml', '--all', '--format', 'tsv'], { cwd: folder })).stdout;
  file('german.prom');
  expect(await told()).toMatch(/^uk\tmetrics\tav-uk\.prom\t[\s\S]*^de\tmetrics\tgerman\.prom\t/m);
  expect(await alsoViewed(['run', '--config', 'av.yml', '--all'], { cwd: folder })).toMatchObject({ code: 0 });
  const files = () => readdirSync(folder).filter((name) => name.endsWith('.prom'));
  expect(files()).toEqual(['av-uk.prom', 'german.prom']);
  // A setting that is wrong is told of in the same files.
  for (const [store, metrics] of [
    ['uk', 'av-uk.prom'],
    ['de', 'german.prom'],
  ] as const) {
    const options = { cwd: folder, env: { ALSO_VIEWED_TOP: 'many' } };
    expect(await alsoViewed(['run', '--config', 'av.yml', '--store', store], options)).toMatchObject({ code: 78 });
    const told = parseMetrics(readFileSync(path.join(folder, metrics), 'utf8'));
    expect(told).toMatchObject({ [`also_viewed_exit_code{store="${store}"}`]: 78 });
  }
  expect(files()).toEqual(['av-uk.prom', 'german.prom']);
  expect(
    await alsoViewed(['run', '--config', 'av.yml', '--all', '--metrics', 'av.txt'], { cwd: folder }),
  ).toMatchObject({ code: 64, stderr: expect.stringContaining('.prom') });
  file('av-uk.prom');
  expect(await alsoViewed(['run', '--config', 'av.yml', '--store', 'uk'], { cwd: folder })).toMatchObject({
    code: 78,
    stderr: expect.stringMatching(/Cannot use stores uk and de: both would write their metrics to .*av-uk\.prom/),
  });
});

test('each store has a check of its own, by its name in the URL for all or by a URL of its own', async () => {
  const { url, pings } = await checkServer();
  const { folder } = shop();
  const stores = ['uk:\n    target: uk.tsv', `de:\n    target: de.tsv\n    source: none.tsv\n    ping: ${url}/own`];
  writeFileSync(path.join(folder, 'av.yml'), `source: views.tsv\nstores:\n  ${stores.join('\n  ')}\n`);
  const env = { ALSO_VIEWED_PING: `${url}/also-viewed-{store}` };
  const words = ['run', '--config', 'av.yml', '--all'];
  writeFileSync(
    path.join(folder, 'own.yml'),
    `ping: ${url}/shop-{store}\nstores:\n  ${stores.join('\n  ')}\nsource: views.tsv\n`,
  );
  expect(await alsoViewed(words, { cwd: folder, env })).toMatchObject({ code: 66 });
  const events = (): string[] => pings.splice(0).map((ping) => ping.path.replace('/secret-check/', ''));
  expect(events()).toEqual(['also-viewed-uk/start', 'also-viewed-uk/0', 'also-viewed-de/start', 'also-viewed-de/66']);
  expect(await alsoViewed(['run', '--config', 'own.yml', '--all'], { cwd: folder })).toMatchObject({ code: 66 });
  expect(events()).toEqual(['shop-uk/start', 'shop-uk/0', 'own/start', 'own/66']);
  expect(await alsoViewed([...words, '--ping', `${url}/one`], { cwd: folder })).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('Cannot use stores uk and de: both would ping one check'),
  });
});

test('a run that finds another one at work leaves the metrics to it: 75', async () => {
  const { folder, run } = shop();
  const now = new Date().toISOString();
  const holder = { host: 'elsewhere', pid: 7, machine: 'another', since: now, renewedAt: now, leaseSeconds: 60 };
  mkdirSync(path.join(folder, 'work'));
  writeFileSync(path.join(folder, 'work', 'lock.json'), JSON.stringify({ ...holder, token: 'T', changes: 0 }));
  const { url, pings } = await checkServer();
  expect(await run(['--metrics', 'also-viewed.prom', '--ping', url])).toMatchObject({ code: 75 });
  expect(existsSync(path.join(folder, 'also-viewed.prom'))).toBe(false);
  expect(pings.map((ping) => ping.path)).toEqual(['/secret-check/start', '/secret-check/75']);
});

test('metrics that cannot be written are a warning', async () => {
  expect(await shop().run(['--metrics', 'missing/also-viewed.prom'])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('Warning: Could not write the metrics: Cannot write missing/also-viewed.prom'),
  });
});

test.each([
  ['--metrics', 'also-viewed.txt'],
  ['--metrics', 's3://bucket/also-viewed.prom'],
  ['--ping', 'ftp://127.0.0.1/check'],
  ['--ping', 'http://user:password@127.0.0.1/check'],
])('%s %s is refused: 64', async (...args) => {
  expect(await shop().run(args)).toMatchObject({ code: 64 });
});

test('the command for failures gets what happened, and no password', async () => {
  const { folder, run } = shop();
  const { url } = await checkServer();
  const aws = { AWS_SECRET_ACCESS_KEY: 'mark', ALSO_VIEWED_HADOOP_PROPERTY: 'fs.s3a.secret.key=mark' };
  const secrets = { ALSO_VIEWED_TARGET_PASSWORD: 'mark', ALSO_VIEWED_PING: 'mark', ...aws };
  const command = 'env > told; pwd >> told';
  const args = ['--source', 'none.tsv', '--ping', `${url}?mark`, '--on-failure', command];
  expect(await run(args, { ...secrets, PATH: process.env['PATH'] ?? '', HOME: folder })).toMatchObject({ code: 66 });
  const told = readFileSync(path.join(folder, 'told'), 'utf8');
  const [id] = readdirSync(path.join(folder, 'work', 'runs'));
  for (const line of [
    `ALSO_VIEWED_RUN_ID=${id}`,
    'ALSO_VIEWED_STAGE=export',
    'ALSO_VIEWED_EXIT_CODE=66',
    'ALSO_VIEWED_MESSAGE=Cannot read none.tsv: it does not exist',
    `HOME=${folder}`,
  ]) {
    expect(told.split('\n')).toContain(line);
  }
  expect(told).not.toContain('mark');
});

test('the command for failures does not stand in the list of processes, and reads nothing of the job', async () => {
  const { folder, run } = shop();
  const command = [
    `: ${secretMark}`,
    'cat /proc/$$/cmdline /proc/$PPID/cmdline > told',
    'cat >> told',
    'ls /proc/$$/fd > open',
  ].join('\n');
  const env = { PATH: process.env['PATH'] ?? '', ALSO_VIEWED_ON_FAILURE: command };
  expect(await run(['--source', 'none.tsv'], env)).toMatchObject({
    code: 66,
    stderr: expect.not.stringContaining('The command for failures'),
  });
  const told = readFileSync(path.join(folder, 'told'), 'utf8');
  expect(told).toContain('/bin/sh');
  expectNoSecret(told, 'the list of processes');
  expect(readFileSync(path.join(folder, 'open'), 'utf8').split('\n')).not.toContain('3');
});

test('the command for failures is not run after a success', async () => {
  const { folder, run } = shop();
  expect(await run(['--on-failure', 'touch told'])).toMatchObject({ code: 0 });
  expect(existsSync(path.join(folder, 'told'))).toBe(false);
});

test('a command for failures that fails is a warning with what it said; the exit code stays', async () => {
  expect(await shop().run(['--source', 'none.tsv', '--on-failure', 'echo no mail; exit 3'])).toMatchObject({
    code: 66,
    stderr: expect.stringContaining('The command for failures did not work: it ended with 3\n  no mail'),
  });
});

test('the command for failures gets the beginning of a message that is longer than a variable may be', async () => {
  const { folder } = shop();
  writeFileSync(path.join(folder, 'av.yml'), `source: ${'a'.repeat(150_000)}\ntarget: target.tsv\nwork: work\n`);
  const args = ['run', '--config', 'av.yml', '--on-failure', 'printf %s "$ALSO_VIEWED_MESSAGE" > told'];
  expect((await alsoViewed(args, { cwd: folder })).code).toBe(66);
  expect(readFileSync(path.join(folder, 'told'), 'utf8')).toMatch(/^Cannot read a{9988}$/);
});

test('a command for failures that hangs ends with the run that was told to stop, and all that it started', async () => {
  const cwd = temporaryFolder();
  const command = 'sleep 1000 & echo $! > pid; wait';
  const ended = await alsoViewed(
    ['run', '--source', '-', '--target', 'target.tsv', '--work', 'work', '--on-failure', command],
    { cwd, signal: { when: /export: begins/, send: 'SIGTERM' } },
  );
  expect(ended).toMatchObject({ code: 143, stderr: expect.stringContaining('it took too long') });
  const pid = Number(readFileSync(path.join(cwd, 'pid'), 'utf8'));
  await vi.waitFor(() => expect(hasEnded({ ...thisProcess(), pid, startedTicks: undefined })).toBe(true));
});

test('every line of the log of a run is JSON with its id, and with its stage and its figures within one', async () => {
  const { folder, run } = shop();
  const { stderr } = await run(['--log-format', 'json']);
  const [id] = readdirSync(path.join(folder, 'work', 'runs'));
  const lines: Record<string, unknown>[] = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.filter((line) => line['run'] !== id)).toEqual([]);
  const states = lines.filter(({ state }) => state !== undefined);
  expect(states.map(({ stage, state }) => `${stage ?? 'run'} ${state}`)).toEqual([
    ...['export', 'relate', 'check', 'publish'].flatMap((stage) => [`${stage} running`, `${stage} done`]),
    'run succeeded',
  ]);
  expect(states[1]).toMatchObject({ seconds: expect.any(Number), rows: 2, rejected: 0 });
  expect(lines.at(-2)).toMatchObject({ seconds: expect.any(Number), exitCode: 0 });
});

test('the log of a run that failed names its stage and exit code, also in the line that says why', async () => {
  const { stderr } = await shop().run(['--log-format', 'json', '--source', 'none.tsv']);
  const lines: Record<string, unknown>[] = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.slice(-3)).toMatchObject(
    [
      { stage: 'export', state: 'failed', seconds: expect.any(Number) },
      { state: 'failed', exitCode: 66, run: expect.any(String) },
      { level: 'error', stage: 'export', exitCode: 66, run: lines[0]?.['run'], message: /^Cannot read none.tsv/ },
    ].map((line) => ('message' in line ? { ...line, message: expect.stringMatching(line.message ?? '') } : line)),
  );
});
