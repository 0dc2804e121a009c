import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type RelateOptions, relate, silentLog } from 'also-viewed';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { alsoViewed } from '../cli/also-viewed.ts';
import { onlineRetail, onlineRetailSha256 } from '../real-data.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Cluster, startCluster } from './start-cluster.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster?.stop());

/** Relates on the cluster with two reducers; the figures that every engine finds alike. */
async function onCluster(views: string, options: RelateOptions = {}, info = (_: string): void => {}): Promise<unknown> {
  const { temporary, out } = folders();
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const given = { env: cluster.env, log: { ...silentLog, info } };
  try {
    return figures(await relate(views, { engine: 'hadoop', reducers: 2, out, ...options }, given));
  } finally {
    expect(readdirSync(temporary)).toEqual([]);
    expect(await leftOnCluster()).toEqual([]);
  }
}

/** A folder for temporary files, where a leftover is seen, and a place for the result. */
function folders(): { temporary: string; out: string } {
  return { temporary: temporaryFolder(), out: path.join(temporaryFolder(), 'relations.tsv') };
}

function figures({ artefact, ...counts }: Awaited<ReturnType<typeof relate>>): unknown {
  return { ...counts, sha256: artefact.sha256, bytes: artefact.bytes, lines: artefact.lines };
}

/** Our folders on HDFS, and what was sent there with jobs. */
async function leftOnCluster(): Promise<string[]> {
  const paths = await cluster.hadoop('fs', '-ls', '-C', '/tmp', '/tmp/hadoop-yarn/staging/*/.staging');
  return paths.split('\n').filter((name) => /^\/tmp\/also-viewed|\/\.staging\/./.test(name));
}

const local = async (): Promise<unknown> => figures(await relate(onlineRetail, { out: folders().out }));

test('views of this machine give the bytes and the figures of the local engine', async () => {
  const related = await onCluster(onlineRetail);
  expect(related).toEqual(await local());
  expect(related).toMatchObject({ sha256: onlineRetailSha256, rows: 541_909 });
});

test('views on HDFS do as well', async () => {
  const folder = `${cluster.fileSystem}/views`;
  await cluster.hadoop('fs', '-mkdir', '-p', folder);
  await cluster.hadoop('fs', '-put', onlineRetail, folder);
  expect(await onCluster(`${folder}/${path.basename(onlineRetail)}`)).toEqual(await local());
});

test('rejected rows are listed from the logs of the containers, which the client does not see', async () => {
  const folder = temporaryFolder();
  const views = path.join(folder, 'v.tsv');
  writeFileSync(views, '1\ta\n1\tb\n1\t\nbad\n');
  const out = path.join(folder, 'r.tsv');
  expect(await onCluster(views, { out })).toMatchObject({ rejected: 2, rows: 4, relations: 2 });
  // Two tasks share the 15 bytes; the second one counts its lines from the first that begins in its half.
  expect(readFileSync(`${out}.rejected.tsv`, 'utf8')).toBe(
    `${views}, from byte 7\t1\tempty field\t1\\t\n${views}, from byte 7\t2\twrong number of fields\tbad\n`,
  );
});

test('SIGTERM kills the application and leaves nothing, and the next run works', async () => {
  const { temporary, out } = folders();
  const ended = await alsoViewed(['relate', onlineRetail, '--engine', 'hadoop', '--reducers', '2', '--out', out], {
    env: { ...cluster.env, TMPDIR: temporary },
    signal: { when: /pairs phase, map \d+ %/, send: 'SIGTERM' },
  });
  expect(ended).toMatchObject({ code: 143, stderr: expect.stringMatching(/end(ed|ing) application_\d+_\d+/) });
  const application = /end(?:ed|ing) (application_\d+_\d+)/.exec(ended.stderr)?.[1];
  expect(readdirSync(temporary)).toEqual([]);
  expect(readdirSync(path.dirname(out))).toEqual([]);
  // A client that needs longer than our end may take goes on by itself.
  const soon = { timeout: 60_000, interval: 500 };
  await vi.waitFor(async () => {
    // A job that ends when it is told to is FINISHED, as KILLED; one that had to be cut off would be KILLED in both.
    expect(await cluster.ask(`apps/${application}`)).toMatchObject({ app: { finalStatus: 'KILLED' } });
    expect(await leftOnCluster()).toEqual([]);
  }, soon);

  expect(await onCluster(onlineRetail, { out })).toMatchObject({ sha256: onlineRetailSha256 });
});

/** The process of YARN around a task of this cluster that runs this program. */
function containerOf(program: string): number | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (words.includes(program) && readlinkSync(`/proc/${pid}/cwd`).startsWith(path.dirname(cluster.logs))) {
        return Number(/\) \w (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
      }
    } catch {
      // It has ended.
    }
  }
  return undefined;
}

test('tasks that are lost with their node run again, and nothing counts twice', async () => {
  const lost: string[] = [];
  const lose = (program: string): void => {
    void vi
      .waitUntil(() => containerOf(program), { timeout: 600_000, interval: 10 })
      .then((pid) => {
        process.kill(pid, 'SIGKILL');
        lost.push(program);
      });
  };
  const programs = ['pairs-mapper.mjs', 'weights-reducer.mjs'];
  const related = onCluster(onlineRetail, {}, (message) => {
    const program = programs[0];
    if (program !== undefined && message === `Hadoop: ${program.split('-')[0]} phase`) {
      programs.shift();
      lose(program);
    }
  });
  expect(await related).toEqual(await local());
  expect(lost).toEqual(['pairs-mapper.mjs', 'weights-reducer.mjs']);
});

test('a task that fails is explained by the stack of Node.js, from the logs of its container, and the next run works', async () => {
  const failing = onCluster(onlineRetail, { hadoopProperty: ['also-viewed.min-weight=none'] });
  await expect(failing).rejects.toMatchObject({
    exitCode: 69,
    message: expect.stringMatching(
      /weights phase failed: a task failed \(attempt_\w+_r_\w+\):\nError: .*min-weight: none is not a whole number.*\n {4}at .*weights-reducer\.mjs/,
    ),
  });
  expect(await onCluster(onlineRetail)).toMatchObject({ sha256: onlineRetailSha256 });
});
