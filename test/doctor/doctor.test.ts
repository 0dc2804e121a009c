import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {
  type Diagnosis,
  type DoctorOptions,
  doctor,
  type Effects,
  type Finding,
  parseMysqlUri,
  run,
} from 'also-viewed';
import { expect, test } from 'vitest';
import { formatProcess, thisProcess } from '#dist/process-identity.js';
import { alsoViewed } from '../cli/also-viewed.ts';
import { inFakeTime } from '../fake-time.ts';
import { silentServer } from '../mysql/silent-server.ts';
import { ownBucket } from '../storage/own-bucket.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { problems } from './problems.ts';

const storage = ownBucket();

/** A folder with a few views. */
function shop(): string {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'views.tsv'), '1\ta\n1\tb\n2\ta\n2\tb\n');
  return folder;
}

async function look(
  folder: string,
  options: Partial<DoctorOptions> = {},
  effects: Partial<Effects> = {},
): Promise<Diagnosis> {
  return await doctor(
    {
      source: { kind: 'files', locations: [path.join(folder, 'views.tsv')] },
      target: { kind: 'file', location: path.join(folder, 'relations.tsv') },
      work: path.join(folder, 'work'),
      ...options,
    },
    effects,
  );
}

const found = ({ findings }: Diagnosis, check: string): Finding[] => findings.filter((each) => each.check === check);

/** A finished run in the work folder of a shop. @returns its folder */
async function finishedRun(folder: string): Promise<string> {
  const result = await run({
    source: { kind: 'files', locations: [path.join(folder, 'views.tsv')] },
    target: { kind: 'file', location: path.join(folder, 'relations.tsv') },
    work: path.join(folder, 'work'),
    parameters: {},
  });
  return result.folder;
}

/** Changes the manifest of a run. */
function rewrite(run: string, changes: object): void {
  const file = path.join(run, 'manifest.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...changes }));
}

test('files need no database: all is right, and nothing is made', async () => {
  const folder = shop();
  const diagnosis = await look(folder);
  expect(problems(diagnosis)).toEqual([]);
  expect(diagnosis.exitCode).toBe(0);
  expect(readdirSync(folder)).toEqual(['views.tsv']);
  const probed = await look(folder, { probeWrite: true, number: (count) => `<${count}>` });
  expect(problems(probed)).toEqual([]);
  expect(found(probed, 'source')[0]?.message).toMatch(/^<1> file in /);
  expect(readdirSync(folder)).toEqual(['views.tsv']);
});

test('it tells how old the last success is, a warning when a night was missed', async () => {
  const folder = shop();
  const last = await finishedRun(folder);
  expect(problems(await look(folder))).toEqual([]);
  expect(found(await look(folder), 'work runs')[0]?.message).toMatch(/^the last success, run .*, was \d+ s ago$/);
  expect(found(await look(folder), 'work disk')[0]?.message).toMatch(/the last run took \d+ bytes$/);
  const later = new Date(Date.now() + 30 * 3_600_000);
  expect(problems(await look(folder, {}, { now: () => later }))).toEqual([
    expect.stringMatching(/^warning: work runs: the last success, run .*, was 30 h 0 min ago$/),
  ]);
  rewrite(last, { state: 'running' });
  expect(problems(await look(folder))).toEqual([
    expect.stringMatching(/^warning: work runs: run .* was killed$/),
    'warning: work runs: no run has succeeded',
  ]);
  rewrite(last, { state: 'failed', error: { message: 'The disk is full', exitCode: 74 } });
  expect(problems(await look(folder))[0]).toMatch(/^warning: work runs: the newest run, .*, failed: The disk is full$/);
  writeFileSync(path.join(last, 'manifest.json'), '{');
  expect(problems(await look(folder))).toEqual([
    expect.stringMatching(/^warning: work runs: Passed over .*it is not the manifest of a run$/),
  ]);
});

test('it tells what killed runs left unfinished, and leaves it', async () => {
  const folder = shop();
  const last = await finishedRun(folder);
  const left = path.join(last, `.views.tsv.gz.${formatProcess(thisProcess())}.01234567.tmp`);
  writeFileSync(left, '');
  const diagnosis = await look(folder);
  expect(problems(diagnosis)).toEqual([]);
  expect(found(diagnosis, 'work leftovers')).toMatchObject([
    { message: `killed runs left a file unfinished, as ${left}; the next run removes what is left` },
  ]);
  expect(existsSync(left)).toBe(true);
  await finishedRun(folder);
  expect(existsSync(left)).toBe(false);
  expect(found(await look(folder), 'work leftovers')).toEqual([]);
});

test('it says who holds the work folder, and that a dead one does not', async () => {
  const folder = shop();
  await finishedRun(folder);
  const lock = path.join(folder, 'work', 'lock.json');
  const now = new Date().toISOString();
  const holder = {
    host: 'h',
    pid: 12,
    machine: 'm',
    since: now,
    renewedAt: now,
    leaseSeconds: 60,
    token: 't',
    changes: 1,
  };
  writeFileSync(lock, JSON.stringify(holder));
  expect(problems(await look(folder))).toEqual([
    expect.stringMatching(
      /^warning: work lock: a run that begins \(host h, process 12, since .*\) holds it, and last said so \d s ago$/,
    ),
  ]);
  expect(existsSync(lock)).toBe(true);
});

test('a file in the place of the work folder is a failure', async () => {
  const folder = shop();
  const diagnosis = await look(folder, { work: path.join(folder, 'views.tsv', 'work') });
  expect(diagnosis.exitCode).toBe(78);
  expect(problems(diagnosis)).toEqual([
    expect.stringMatching(/^failure: work folder: .*views\.tsv: a file has the name of the folder$/),
  ]);
});

test.skipIf(process.getuid?.() === 0)('so is a folder that may not be written to', async () => {
  const folder = shop();
  const work = path.join(folder, 'work');
  mkdirSync(work, { mode: 0o500 });
  expect(problems(await look(folder, { work }))).toEqual([expect.stringMatching(/^failure: work folder: .*denied/)]);
});

test('a work folder on S3 is listed, and probed if that is wanted', async () => {
  const folder = shop();
  const work = `s3://${storage.bucket}/work`;
  expect(problems(await look(folder, { work }))).toEqual([]);
  const probed = await look(folder, { work, probeWrite: true });
  expect(problems(probed)).toEqual([]);
  expect(found(probed, 'work probe')[0]?.message).toMatch(/^wrote, read and deleted s3:/);
});

test('a bucket that is not there, and credentials that are wrong, are found', async () => {
  const folder = shop();
  const nowhere = 's3://no-such-bucket-anywhere/file';
  const missing = await look(folder, {
    work: nowhere,
    source: { kind: 'files', locations: [nowhere] },
    target: { kind: 'file', location: nowhere },
  });
  expect(missing.exitCode).toBe(78);
  expect(problems(missing)).toEqual([
    expect.stringMatching(/^failure: work folder: .*there is no such bucket$/),
    expect.stringMatching(/^failure: source: Cannot read s3:\/\/no-such-bucket/),
    expect.stringMatching(/^failure: target: .*there is no bucket no-such-bucket-anywhere$/),
  ]);
  const { code, stdout } = await alsoViewed(
    ['doctor', '--source', 'views.tsv', '--target', 'out.tsv', '--work', `s3://${storage.bucket}/work`],
    {
      cwd: folder,
      env: { ...storage.environment, AWS_SECRET_ACCESS_KEY: 'a-wrong-one', ALSO_VIEWED_S3_PATH_STYLE: '1' },
    },
  );
  expect({ code, stdout }).toMatchObject({
    code: 78,
    stdout: expect.stringMatching(/failure +work folder .*SignatureDoesNotMatch/),
  });
  expect(stdout).not.toContain('a-wrong-one');
});

test('what contradicts itself, and files that are not there, are found together', async () => {
  const folder = shop();
  const diagnosis = await look(folder, {
    pathColumn: 'id',
    productColumn: 'id',
    source: { kind: 'files', locations: [path.join(folder, 'nothing.tsv')] },
    target: { kind: 'file', location: '-' },
    tempDir: path.join(folder, 'no-folder'),
    memory: 1,
  });
  expect(diagnosis.exitCode).toBe(78);
  expect(problems(diagnosis)).toEqual([
    'failure: settings: Cannot read views: path and product are both the column id',
    expect.stringMatching(/^failure: machine temporary files: .*no-folder/),
    expect.stringMatching(/^failure: source: .*nothing\.tsv: it does not exist$/),
    expect.stringMatching(/^failure: target: Cannot import to standard output/),
    'failure: engine: Cannot relate in 1 bytes of memory',
  ]);
});

test('a side that cannot be told is a failure of its own, and one that nobody expected is a bug', async () => {
  const folder = shop();
  const diagnosis = await look(folder, { source: Promise.reject(new TypeError('x is not a function')) });
  expect(diagnosis.exitCode).toBe(70);
  expect(problems(diagnosis)).toEqual(['failure: source: x is not a function']);
});

test('the client of Hadoop, its jar, its Java, its cluster and the archive of Node.js are looked at', async () => {
  const folder = shop();
  const home = path.join(folder, 'hadoop');
  mkdirSync(path.join(home, 'bin'), { recursive: true });
  const ask = async (script: string, options: Partial<DoctorOptions> = {}): Promise<Diagnosis> => {
    writeFileSync(path.join(home, 'bin', 'hadoop'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const env = { PATH: process.env['PATH'], HADOOP_HOME: home };
    return await look(folder, { engine: 'hadoop', ...options }, { env });
  };
  const without = await look(folder, { engine: 'hadoop' }, { env: { HADOOP_HOME: folder } });
  expect(problems(without)).toEqual([expect.stringMatching(/^failure: engine: .*there is no `hadoop` command$/)]);
  expect(problems(await ask('exit 0'))).toEqual([expect.stringMatching(/no hadoop-streaming jar belongs to/)]);
  writeFileSync(path.join(home, 'hadoop-streaming-3.4.2.jar'), '');
  expect(problems(await ask('echo "ERROR: JAVA_HOME is not set." >&2; exit 1'))).toEqual([
    `failure: engine: Cannot run ${home}/bin/hadoop: ERROR: JAVA_HOME is not set.`,
  ]);
  const away = await ask('[ $1 = version ] && echo Hadoop 3.4.2 || { echo "ls: Connection refused" >&2; exit 1; }');
  expect(away.exitCode).toBe(69);
  expect(found(away, 'engine')[0]?.message).toBe(
    `Hadoop 3.4.2: ${home}/bin/hadoop, ${home}/hadoop-streaming-3.4.2.jar`,
  );
  expect(problems(away)).toEqual(["failure: engine: Cannot look at the cluster's files: ls: Connection refused"]);
  expect(problems(await ask('echo Hadoop 3.4.2; echo "$PWD $HADOOP_CLIENT_OPTS" >"$HADOOP_HOME/seen"'))).toEqual([]);
  // It writes nothing: no folder for it, and no file of the machine of Java.
  expect(readFileSync(path.join(home, 'seen'), 'utf8')).toBe('/ -XX:-UsePerfData\n');
  expect(problems(await ask('echo Hadoop 3.4.2', { nodeArchive: path.join(folder, 'node.tar.gz') }))).toEqual([
    expect.stringMatching(/^failure: engine: .*node\.tar\.gz: it does not exist$/),
  ]);
});

test('S3, a database and a client of Hadoop that never answer hold nothing up: all is over within 10 s', async () => {
  const folder = shop();
  const home = path.join(folder, 'hadoop');
  mkdirSync(path.join(home, 'bin'), { recursive: true });
  writeFileSync(path.join(home, 'hadoop-streaming-3.4.2.jar'), '');
  writeFileSync(path.join(home, 'bin', 'hadoop'), '#!/bin/sh\n: >"$HADOOP_HOME/asked"\nexec sleep 600\n', {
    mode: 0o755,
  });
  const port = await silentServer();
  const table = {
    address: parseMysqlUri(`mysql://job@127.0.0.1:${port}/shop`),
    password: undefined,
    table: 'related_products',
    sourceColumn: 'source_product_id',
    targetColumn: 'target_product_id',
    weightColumn: 'weight',
  } as const;
  const told: string[][] = [];
  const { outcome, seconds } = await inFakeTime(
    () =>
      look(
        folder,
        {
          work: 's3://silent/work',
          target: { kind: 'table', table },
          engine: 'hadoop',
          waiting: (checks) => told.push([...checks]),
        },
        {
          env: { PATH: process.env['PATH'], HADOOP_HOME: home },
          s3: { endpoint: `http://127.0.0.1:${port}`, pathStyle: true, region: 'us-east-1' },
        },
      ),
    () => existsSync(path.join(home, 'asked')) && told.at(-1)?.length !== 0,
  );
  expect(seconds).toBeLessThan(10);
  const diagnosis = outcome.status === 'fulfilled' ? outcome.value : expect.fail('It threw');
  expect(diagnosis.exitCode).toBe(69);
  expect(problems(diagnosis)).toEqual(
    ['work', 'target', 'engine'].map((check) => expect.stringMatching(`^failure: ${check}: `)),
  );
  expect(told).toContainEqual(['work', 'target', 'engine']);
  expect(told.at(-1)).toEqual([]);
});

test('a file that never opens, as on a file system that is away, holds up neither the answers nor the end: 69', async () => {
  const cwd = shop();
  execFileSync('mkfifo', [path.join(cwd, 'password')]);
  const ended = await alsoViewed(['doctor', '--source', 'views.tsv', '--target', 'mysql://job@127.0.0.1:1/shop'], {
    cwd,
    env: { ALSO_VIEWED_TARGET_PASSWORD_FILE: 'password' },
  });
  expect(ended).toMatchObject({ code: 69, stderr: '' });
  expect(ended.stdout).toMatch(/\nfailure {2}target +There was no answer within 6 s\n/);
  expect(ended.stdout).toMatch(/\nok {7}source /);
}, 20_000);

test('the command prints a line a finding, what to do below it, and ends with the code of the failures', async () => {
  const cwd = shop();
  const words = ['doctor', '--source', 'views.tsv', '--target', 'relations.tsv'];
  const right = await alsoViewed(words, { cwd });
  expect(right).toMatchObject({ code: 0, stderr: '' });
  expect(right.stdout).toMatch(/^ok {7}settings +views are path_id and product_id\n/);
  const wrong = await alsoViewed(['doctor', '--target', 'mysql://job@127.0.0.1:1/shop', '--since', '90d'], { cwd });
  expect(wrong).toMatchObject({ code: 78, stderr: '' });
  expect(wrong.stdout).toMatch(/failure {2}settings .*--since: .*no time column is named/);
  expect(wrong.stdout).toMatch(/failure {2}source .*no source is named\n +Add --source with/);
  expect(wrong.stdout).toMatch(/failure {2}target .*ECONNREFUSED/);
  expect(readdirSync(cwd)).toEqual(['views.tsv']);
});

test('programs get the findings as JSON, JSON lines, TSV or CSV', async () => {
  const cwd = shop();
  const words = ['doctor', '--source', 'nothing.tsv', '--target', 'relations.tsv', '--format'];
  const finding = {
    check: 'source',
    state: 'failure',
    message: expect.stringContaining('nothing.tsv'),
    remedy: 'Check the path.',
  };
  const json = await alsoViewed([...words, 'json'], { cwd });
  expect(JSON.parse(json.stdout)).toEqual({ exitCode: 78, findings: expect.arrayContaining([finding]) });
  const lines = (await alsoViewed([...words, 'jsonl'], { cwd })).stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(expect.arrayContaining([finding]));
  const tsv = (await alsoViewed([...words, 'tsv'], { cwd })).stdout;
  expect(tsv).toMatch(/^state\tcheck\tmessage\tremedy\n/);
  expect(tsv).toMatch(/\nfailure\tsource\tCannot read nothing\.tsv: it does not exist\tCheck the path\.\n/);
});

test('a configuration file that cannot be used is one failure of the settings, in the format asked for; the machine is looked at: 78', async () => {
  const cwd = shop();
  writeFileSync(path.join(cwd, 'bad.yml'), 'source: views.tsv\ntarget: relations.tsv\nwork: work\nthread: 2\n');
  const ended = await alsoViewed(['doctor', '--config', 'bad.yml', '--format', 'json'], { cwd });
  expect(ended).toMatchObject({ code: 78, stderr: '' });
  const { findings } = JSON.parse(ended.stdout);
  expect(findings.filter(({ state }: Finding) => state === 'failure')).toEqual([
    expect.objectContaining({ check: 'settings', message: expect.stringMatching(/bad\.yml:4:1.*thread/) }),
  ]);
  expect(findings.map(({ check }: Finding) => check)).toContain('machine node');
  expect(await alsoViewed(['doctor', '--config', 'bad.yml', '--format', 'jsn'], { cwd })).toMatchObject({ code: 64 });
});

test('of a file to be written its disk is looked at, and what the last one took', async () => {
  const folder = shop();
  expect(found(await look(folder), 'target disk')).toEqual([
    expect.objectContaining({ state: 'ok', message: expect.stringMatching(/ are free$/) }),
  ]);
  writeFileSync(path.join(folder, 'relations.tsv'), 'a\tb\t2\n');
  expect(found(await look(folder), 'target disk')[0]?.message).toMatch(/ are free; the published file took 6 bytes$/);
  // More than any disk has free; it takes none.
  truncateSync(path.join(folder, 'relations.tsv'), 2 ** 43);
  const full = await look(folder);
  expect(problems(full)).toEqual([
    expect.stringMatching(/^failure: target disk: .* are free, and the published file took /),
  ]);
  expect(full.exitCode).toBe(78);
});
