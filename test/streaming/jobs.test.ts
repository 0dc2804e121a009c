import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { onlineRetail, onlineRetailSha256 } from '../real-data.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const jobs = fileURLToPath(new URL('../../dist/jobs', import.meta.url));
const job = (name: string): string => `"${process.execPath}" "${path.join(jobs, name)}.mjs"`;
const pipe = `${job('pairs-mapper')} | LC_ALL=C sort | ${job('pairs-reducer')} | LC_ALL=C sort | ${job('weights-reducer')}`;

function shell(script: string, cwd: string, env: Readonly<Record<string, string>> = {}): ReturnType<typeof spawnSync> {
  return spawnSync('bash', ['-o', 'pipefail', '-c', script], {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
}

test('in a shell pipe the jobs give the relations of the real views, though little memory makes them flush', () => {
  const folder = temporaryFolder();
  // With enough memory Hadoop gives them in another test.
  for (const memory of process.env['SOAK'] === undefined ? ['2000000'] : ['2000000', '256M']) {
    const { status, stderr } = shell(`zcat "${onlineRetail}" | ${pipe} > r.tsv`, folder, {
      ALSO_VIEWED_MEMORY: memory,
    });
    expect(status).toBe(0);
    expect(stderr).toContain('reporter:counter:also-viewed,weight,57145672\n');
    expect(
      createHash('sha256')
        .update(readFileSync(path.join(folder, 'r.tsv')))
        .digest('hex'),
    ).toBe(onlineRetailSha256);
  }
});

test('settings come from flags or the environment by hand, and as properties inside Hadoop', () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'v.tsv'), 'sku\tvisit\nb\t1\na\t1\nc\t1\na\t2\nb\t2\n');
  writeFileSync(path.join(folder, 'targets'), 'a\nc\n');
  const columns = { ALSO_VIEWED_PATH_COLUMN: 'visit', ALSO_VIEWED_PRODUCT_COLUMN: 'sku' };
  expect(shell(`cat v.tsv | ${pipe}`, folder, { ...columns, ALSO_VIEWED_TOP: '1' }).stdout).toBe(
    'a\tb\t2\nb\ta\t2\nc\ta\t1\n',
  );
  expect(shell(`cat v.tsv | ${pipe}`, folder, { ...columns, also_viewed_targets_file: 'targets' }).stdout).toBe(
    'a\tc\t1\nb\ta\t2\nb\tc\t1\nc\ta\t1\n',
  );
  expect(shell(`cat v.tsv | ${pipe} --top 1`, folder, { ...columns, ALSO_VIEWED_TOP: '2' }).stdout).toBe(
    'a\tb\t2\nb\ta\t2\nc\ta\t1\n',
  );
  const inHadoop = { mapreduce_task_id: 'task_1_m_0', also_viewed_top: '1', ALSO_VIEWED_MIN_WEIGHT: '9' };
  expect(shell(`printf 'a\\tb\\t3\\tc\\t4\\n' | ${job('weights-reducer')}`, folder, inHadoop).stdout).toBe('a\tc\t4\n');
});

test('a setting that is no number, or a stripe that is none, fails the task', () => {
  const folder = temporaryFolder();
  expect(shell(`${job('weights-reducer')} < /dev/null`, folder, { ALSO_VIEWED_TOP: '-1' })).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('the setting top: -1'),
  });
  expect(shell(`${job('pairs-reducer')} --memory 64K < /dev/null`, folder)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('the setting memory: 64K is not a size of at least 1M'),
  });
  expect(shell(`${job('pairs-mapper')} --memory 64M < /dev/null`, folder)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("Unknown option '--memory'"),
  });
  expect(shell(`printf 'a\\tb\\tx\\n' | ${job('weights-reducer')}`, folder)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('x is no count'),
  });
});

test('a mapper that fails tells which part of the input it had', () => {
  const inHadoop = {
    mapreduce_task_id: 'task_1_m_0',
    mapreduce_map_input_file: 'hdfs://n/v.tsv',
    mapreduce_map_input_start: '64',
    mapreduce_map_input_length: '32',
  };
  const { stderr } = shell(
    `yes $'1\\ta' | head -n 3000000 | ${job('pairs-mapper')} | true`,
    temporaryFolder(),
    inHadoop,
  );
  expect(stderr).toContain('also-viewed: failed on the input split hdfs://n/v.tsv:64+32\n');
  expect(stderr).toMatch(/^Error: EPIPE/m);
});
