import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type RelateOptions, relate } from 'also-viewed';
import { describe, expect, inject, test, vi } from 'vitest';
import { formatProcess, thisProcess } from '#dist/process-identity.js';
import { alsoViewed } from '../../cli/also-viewed.ts';
import { onlineRetail, onlineRetailSha256, seventhOfOnlineRetail } from '../../real-data.ts';
import { createBucket } from '../../services/create-bucket.ts';
import { hadoopEnvironment, quickProperties } from '../../services/hadoop.ts';
import { hadoopS3Properties } from '../../services/hadoop-s3.ts';
import { s3Client } from '../../services/s3-client.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const hadoop = hadoopEnvironment();
const env = { ...process.env, ...hadoop };
const quick = Object.entries(quickProperties).map(([name, value]) => `${name}=${value}`);

/** Figures that every engine finds alike. */
async function both(
  views: string,
  options: RelateOptions = {},
): Promise<{ local: unknown; hadoop: unknown; text: string }> {
  const folder = temporaryFolder();
  const figures = async (engine: 'local' | 'hadoop'): Promise<unknown> => {
    const { artefact, ...counts } = await relate(
      views,
      {
        ...options,
        engine,
        hadoopProperty: [...quick, ...(options.hadoopProperty ?? [])],
        out: path.join(folder, engine),
      },
      { env },
    );
    return { ...counts, sha256: artefact.sha256, bytes: artefact.bytes, lines: artefact.lines };
  };
  return {
    local: await figures('local'),
    hadoop: await figures('hadoop'),
    text: readFileSync(path.join(folder, 'hadoop'), 'utf8'),
  };
}

function viewsFile(content: string | Buffer, name = 'v.tsv'): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}

/** Temporary folders of clients, and those on the cluster, whose file system is this machine's. */
const temporaryNames = (): string[] =>
  [...readdirSync('/tmp'), ...readdirSync(tmpdir())].filter((name) => /^also-viewed-.*\.cluster$/.test(name));
// /tmp is everybody's: what another process left there, killed before it could clear up, is not these tests' matter.
const thereBefore = new Set(temporaryNames());
const left = (): string[] => temporaryNames().filter((name) => !thereBefore.has(name));

describe('the hadoop engine gives the bytes and the figures of the local one', () => {
  test('on the real views, from gzip, with two reducers', async () => {
    const { local, hadoop } = await both(onlineRetail, { reducers: 2 });
    expect(hadoop).toEqual(local);
    expect(hadoop).toMatchObject({ sha256: onlineRetailSha256, order: 'text', rows: 541_909 });
    expect(left()).toEqual([]);
  }, 180_000);

  test('from many files in splits, rows shuffled, with five reducers and limits, every odd id in a file with an odd name, the same rows rejected', async () => {
    const folder = temporaryFolder();
    const { header, rows: some } = seventhOfOnlineRetail();
    for (const part of [0, 1, 2]) {
      const rows = some.filter((_, at) => at % 3 === part).reverse();
      const text = `${[header, ...rows].join('\n')}\n`;
      writeFileSync(path.join(folder, `${part}.tsv${part === 2 ? '.gz' : ''}`), part === 2 ? gzipSync(text) : text);
    }
    const ids = [
      'a',
      'A',
      'a ',
      ' a',
      'é',
      'e\u0301',
      '10',
      '010',
      'a\\\\',
      'a_b',
      '"q"',
      "'",
      '🛒',
      '\uffee',
      'x'.repeat(255),
    ];
    const bad = ['1\ta\\tb', '1\ta\rb', '1\t', 'x', '\\N\ta', '1\tNULL', '', '1\ta\u007f'];
    const odd = [...['1', '2'].flatMap((visit) => ids.map((id) => `${visit}\t${id}`)), ...bad, '1\tcrlf\r', '2\tcrlf'];
    writeFileSync(path.join(folder, '2026-11-21T00:00 {x},*.tsv'), odd.join('\n'));
    const splits = 'mapreduce.input.fileinputformat.split.maxsize=100000';
    const { local, hadoop, text } = await both(folder, {
      reducers: 5,
      hadoopProperty: [splits],
      top: 15,
      minWeight: 2,
      maxPathProducts: 50,
    });
    expect(hadoop).toEqual(local);
    expect(hadoop).toMatchObject({ rejected: 8, order: 'text' });
    expect(text).toContain('\na\\\\\tcrlf\t2\n');
    expect(text).toContain('\ncrlf\ta\\\\\t2\n');
  }, 180_000);

  test('with integer ids up to 2^64-1, in numeric order, no other targets than listed, and a header that puts the columns elsewhere, though only the first split sees it', async () => {
    const ids = ['18446744073709551615', '9', '10', '8', '7', '100', '99'];
    const rows = Array.from({ length: 400 }, (_, at) => `${ids[at % 7]}\tu${at}\t${at % 50}\n`).join('');
    // All but 7.
    const products = viewsFile(`${['product_id', ...ids.filter((id) => id !== '7')].join('\n')}\n`, 'products.tsv');
    const { local, hadoop, text } = await both(viewsFile(`product_id\tuser\tpath_id\n${rows}`), {
      products,
      reducers: 2,
      hadoopProperty: ['mapreduce.input.fileinputformat.split.maxsize=2500'],
    });
    expect(hadoop).toEqual(local);
    expect(hadoop).toMatchObject({ order: 'integer', paths: 50, products: 7 });
    expect(text).not.toContain('\t7\t');
    expect([
      ...new Set(
        text
          .trimEnd()
          .split('\n')
          .map((line) => line.split('\t')[0]),
      ),
    ]).toEqual(['7', '8', '9', '10', '99', '100', '18446744073709551615']);
  }, 120_000);

  test('on views that lie on S3, by either name of it', async () => {
    const s3 = inject('s3');
    const bucket = await createBucket(s3);
    const client = s3Client(s3);
    for (const [Key, Body] of [
      ['one/v.tsv', '1\ta\n1\tb\n2\ta\n'],
      ['other/v.tsv', '2\tb\n'],
    ] as const) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    }
    client.destroy();
    const s3Properties = Object.entries(hadoopS3Properties(s3)).map(([name, value]) => `${name}=${value}`);
    const hadoopProperty = [...quick, ...s3Properties];
    const out = path.join(temporaryFolder(), 'r.tsv');
    const views = [`s3://${bucket}/one/`, `s3a://${bucket}/other/`];
    await relate(views, { engine: 'hadoop', hadoopProperty, out }, { env });
    expect(readFileSync(out, 'utf8')).toBe('a\tb\t2\nb\ta\t2\n');
  });

  test('on empty views', async () => {
    const { local, hadoop } = await both(viewsFile(''));
    expect(hadoop).toEqual(local);
  }, 120_000);
});

test('nodes without Node.js get it with the job', async () => {
  const folder = temporaryFolder();
  // The way of a distributed tarball, around the program that runs this test; the tasks find no other one on their PATH.
  const bin = path.join(folder, 'node-v0-linux', 'bin');
  mkdirSync(bin, { recursive: true });
  copyFileSync(process.execPath, path.join(bin, 'node'));
  execFileSync('tar', ['-C', folder, '-cf', path.join(folder, 'node.tar'), 'node-v0-linux']);
  const tools = temporaryFolder();
  for (const place of (process.env['PATH'] ?? '').split(path.delimiter).filter((place) => existsSync(place))) {
    for (const name of readdirSync(place).filter(
      (name) => !/^node(js)?$/.test(name) && !existsSync(path.join(tools, name)),
    )) {
      symlinkSync(path.join(place, name), path.join(tools, name));
    }
  }
  const options = { engine: 'hadoop', hadoopProperty: quick, out: path.join(folder, 'r.tsv') } as const;
  const bare = { env: { ...env, PATH: tools } };
  const views = viewsFile('1\ta\n1\tb\n');
  await expect(relate(views, options, bare)).rejects.toThrow(/cannot run node/);
  const { relations } = await relate(views, { ...options, nodeArchive: path.join(folder, 'node.tar') }, bare);
  expect(relations).toBe(2);
}, 120_000);

describe('a failure', () => {
  test('of the input: too many bad rows are 65 with their places', async () => {
    const out = path.join(temporaryFolder(), 'r.tsv');
    const views = viewsFile('bad\n'.repeat(11));
    const relating = relate(views, { engine: 'hadoop', hadoopProperty: quick, out }, { env });
    await expect(relating).rejects.toMatchObject({
      exitCode: 65,
      message: expect.stringMatching(`11 of 11 rows .* at ${views}:1: wrong number of fields`),
      remedy: expect.stringContaining('10 of 11 of them are in'),
    });
    const [first, ...others] = readFileSync(`${out}.rejected.tsv`, 'utf8').trimEnd().split('\n');
    expect(first).toBe(`${views}\t1\twrong number of fields\tbad`);
    expect(others).toHaveLength(9);
    expect(left()).toEqual([]);
  }, 120_000);

  test('of a task is explained with the stack of Node.js', async () => {
    const hadoopProperty = [...quick, 'also-viewed.min-weight=none'];
    const relating = relate(
      viewsFile('1\ta\n1\tb\n'),
      { engine: 'hadoop', out: path.join(temporaryFolder(), 'r'), hadoopProperty },
      { env },
    );
    await expect(relating).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(
        /weights phase failed: a task failed[\s\S]*the setting min-weight: none is not a whole number[\s\S]*\n\s+at /,
      ),
    });
    expect(left()).toEqual([]);
  }, 120_000);

  test('to find all relations in the parts is 65, and writes nothing', async () => {
    const out = path.join(temporaryFolder(), 'r.tsv');
    const hadoopProperty = [...quick, 'mapreduce.output.fileoutputformat.compress=true'];
    const relating = relate(viewsFile('1\ta\n1\tb\n'), { engine: 'hadoop', out, hadoopProperty }, { env });
    await expect(relating).rejects.toMatchObject({
      exitCode: 65,
      message: expect.stringContaining('counted 2 relations, and its parts hold 0'),
    });
    expect(existsSync(out)).toBe(false);
  });

  test('to find Hadoop is 78, before a run exports anything, and CSV or standard input are 64', async () => {
    const nowhere = { HADOOP_HOME: temporaryFolder() };
    expect(await alsoViewed(['relate', viewsFile(''), '--engine', 'hadoop'], { env: nowhere })).toMatchObject({
      code: 78,
    });
    const cwd = temporaryFolder();
    const run = ['run', '--source', viewsFile('1\ta\n'), '--target', 't.tsv', '--work', 'work', '--engine', 'hadoop'];
    expect(await alsoViewed(run, { cwd, env: nowhere })).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('there is no `hadoop` command'),
    });
    // Nothing was exported.
    expect(readdirSync(cwd)).toEqual([]);
    for (const views of ['-', viewsFile('', 'v.csv')]) {
      const given = { env: hadoop, stdin: '' };
      expect(await alsoViewed(['relate', views, '--engine', 'hadoop'], given)).toMatchObject({ code: 64 });
    }
  });

  test('of the client itself shows what it said', async () => {
    const home = temporaryFolder();
    mkdirSync(path.join(home, 'bin'));
    mkdirSync(path.join(home, 'share'));
    writeFileSync(path.join(home, 'share', 'hadoop-streaming-3.4.2.jar'), '');
    writeFileSync(
      path.join(home, 'bin', 'hadoop'),
      '#!/bin/sh\necho "Call From a to b failed: Connection refused" >&2\nexit 1\n',
    );
    chmodSync(path.join(home, 'bin', 'hadoop'), 0o755);
    const ended = await alsoViewed(['relate', viewsFile('1\ta\n'), '--engine', 'hadoop'], {
      env: { HADOOP_HOME: home },
    });
    expect(ended).toMatchObject({ code: 69, stderr: expect.stringContaining('the cluster cannot be reached') });
  });
});

test('temporary files of the client go to a folder that is removed, also when it is killed; so does what a killed job left on the cluster', async () => {
  const home = temporaryFolder();
  mkdirSync(path.join(home, 'bin'));
  writeFileSync(path.join(home, 'hadoop-streaming.jar'), '');
  const script = '#!/bin/sh\necho "$@" >>"$HADOOP_HOME/asked"\necho "Exception: $HADOOP_CLIENT_OPTS" >&2\nexit 1\n';
  writeFileSync(path.join(home, 'bin', 'hadoop'), script, { mode: 0o755 });
  const { pid } = spawnSync(process.execPath, ['-e', '0']);
  const killed = `also-viewed-hadoop-${formatProcess({ ...thisProcess(), pid, startedTicks: undefined })}-aaaaaa`;
  mkdirSync(path.join(home, killed));
  writeFileSync(path.join(home, killed, 'also-viewed.xml'), '');
  const { stderr } = await alsoViewed(['relate', viewsFile('1\ta\n'), '--engine', 'hadoop'], {
    env: { HADOOP_HOME: home, HADOOP_CLIENT_OPTS: '-Xmx77m', TMPDIR: home },
  });
  expect(readFileSync(path.join(home, 'asked'), 'utf8')).toMatch(
    new RegExp(`^fs -mkdir .*\nfs -rm -r -f -skipTrash \\S+\\.cluster /tmp/${killed}\\.cluster\n$`),
  );
  expect(readdirSync(home).filter((name) => name.startsWith('also-viewed-'))).toEqual([]);
  expect(stderr).toMatch(/Exception: -Xmx77m -Djava\.io\.tmpdir=\S+\/also-viewed-[\w-]+/);
});

test('both phases are told the memory, from a flag, the environment or the configuration, and secrets by a file for nobody else', async () => {
  const home = temporaryFolder();
  mkdirSync(path.join(home, 'bin'));
  writeFileSync(path.join(home, 'hadoop-streaming.jar'), '');
  const script = `#!/bin/sh
[ "$2" != -get ] || exec mkdir "$4"
[ "$1" != fs ] || exit 0
echo "$@" >> "$HADOOP_HOME/jobs"
[ "$3" = -conf ] && stat -c %a "$4" > "$HADOOP_HOME/mode" && cat "$4" > "$HADOOP_HOME/properties"
`;
  writeFileSync(path.join(home, 'bin', 'hadoop'), script, { mode: 0o755 });
  const configuration = path.join(home, 'also-viewed.yml');
  writeFileSync(configuration, 'memory: 3M\n');
  const relating = (args: string[], env: Record<string, string> = {}) =>
    alsoViewed(['relate', viewsFile('1\ta\n'), '--engine', 'hadoop', '--quiet', ...args], {
      env: { HADOOP_HOME: home, ...env },
    });
  expect(await relating(['--memory', '1G'])).toMatchObject({ code: 0 });
  expect(await relating([], { ALSO_VIEWED_MEMORY: '2M' })).toMatchObject({ code: 0 });
  const properties = ['--hadoop-property', 'fs.s3a.secret.key=<a&b>', '--hadoop-property', 'also-viewed.top=7'];
  expect(await relating(['--config', configuration, '--top', '9', ...properties])).toMatchObject({ code: 0 });
  const jobs = readFileSync(path.join(home, 'jobs'), 'utf8');
  expect([...jobs.matchAll(/also-viewed\.memory=(\d+)/g)].map(([, memory]) => memory)).toEqual(
    [2 ** 30, 2 ** 30, 2 ** 21, 2 ** 21, 3 * 2 ** 20, 3 * 2 ** 20].map(String),
  );
  expect(jobs).not.toMatch(/secret|<a&b>|also-viewed\.top/);
  expect(readFileSync(path.join(home, 'mode'), 'utf8')).toBe('600\n');
  expect(readFileSync(path.join(home, 'properties'), 'utf8')).toContain(
    '<property><name>fs.s3a.secret.key</name><value>&#60;a&#38;b&#62;</value></property>\n<property><name>also-viewed.top</name><value>7</value>',
  );
});

test('SIGTERM ends the job and what it started, and leaves nothing', async () => {
  const folder = temporaryFolder();
  const { header, rows } = seventhOfOnlineRetail();
  const views = viewsFile([header, ...rows].join('\n'));
  const { code } = await alsoViewed(['relate', views, '--engine', 'hadoop', '--out', path.join(folder, 'r.tsv')], {
    env: hadoop,
    signal: { when: /map 100 %/, send: 'SIGTERM' },
  });
  expect(code).toBe(143);
  expect(readdirSync(folder)).toEqual([]);
  // Where the client takes its seconds, it removes its files after our end.
  await vi.waitUntil(() => left().length === 0, { timeout: 60_000, interval: 100 });
}, 120_000);

describe('SIGTERM while a job runs on YARN', () => {
  /** A client whose job never ends, in a Hadoop of its own; `others` are programs beside it. */
  function endlessHadoop(others: Readonly<Record<string, string>>): string {
    const home = temporaryFolder();
    mkdirSync(path.join(home, 'bin'));
    writeFileSync(path.join(home, 'hadoop-streaming.jar'), '');
    const hadoop = `[ "$1" = jar ] || exit 0
echo 'INFO mapreduce.JobSubmitter: Submitting tokens for job: job_17_0004' >&2
echo 'INFO mapreduce.Job:  map 0% reduce 0%' >&2
exec sleep 600`;
    for (const [name, script] of Object.entries({ hadoop, ...others })) {
      writeFileSync(path.join(home, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    return home;
  }

  const interrupted = (home: string) =>
    alsoViewed(['relate', viewsFile('1\ta\n'), '--engine', 'hadoop'], {
      env: { HADOOP_HOME: home },
      signal: { when: /map 0 %/, send: 'SIGTERM' },
    });

  test('ends the job with mapred', async () => {
    const home = endlessHadoop({ mapred: 'echo "$@" >> "$(dirname "$0")/killed"', yarn: 'exit 1' });
    expect(await interrupted(home)).toMatchObject({
      code: 143,
      stderr: expect.stringContaining('ended application_17_0004'),
    });
    expect(readFileSync(path.join(home, 'bin', 'killed'), 'utf8')).toBe('job -kill job_17_0004\n');
  });

  test('ends the job with yarn when mapred could not', async () => {
    const home = endlessHadoop({ mapred: 'exit 255', yarn: 'echo "$@" >> "$(dirname "$0")/killed"' });
    expect(await interrupted(home)).toMatchObject({
      code: 143,
      stderr: expect.stringContaining('ended application_17_0004'),
    });
    expect(readFileSync(path.join(home, 'bin', 'killed'), 'utf8')).toBe('application -kill application_17_0004\n');
  });

  test('warns when neither is there', async () => {
    expect(await interrupted(endlessHadoop({}))).toMatchObject({
      code: 143,
      stderr: expect.stringMatching(
        /Warning: The job may still be running .*yarn application -kill application_17_0004/,
      ),
    });
  });
});
