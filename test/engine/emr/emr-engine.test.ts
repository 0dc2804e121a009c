import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type Effects, type RelateOptions, relate, silentLog } from 'also-viewed';
import fc from 'fast-check';
import { afterEach, describe, expect, inject, test, vi } from 'vitest';
import { anyId, escaped, views } from '../../arbitraries.ts';
import { alsoViewed } from '../../cli/also-viewed.ts';
import { onlineRetail, seventhOfOnlineRetail } from '../../real-data.ts';
import type { InstanceGroup } from '../../services/emr/instances.ts';
import { s3Client } from '../../services/s3-client.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { emrShop } from './emr-shop.ts';

const s3 = inject('s3');
const shop = emrShop();

function viewsFile(content: string | Buffer, name = 'v.tsv'): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}

async function put(key: string, body: string | Buffer): Promise<string> {
  const client = s3Client(s3);
  await client.send(new PutObjectCommand({ Bucket: shop.bucket, Key: key, Body: body }));
  client.destroy();
  return `s3://${shop.bucket}/${key}`;
}

/** Figures that every engine finds alike. */
async function both(
  local: string,
  options: RelateOptions = {},
  onEmr = local,
  effects: Partial<Effects> = {},
): Promise<{ local: unknown; emr: unknown; text: string }> {
  const figures = ({ artefact, ...counts }: Awaited<ReturnType<typeof relate>>): unknown => ({
    ...counts,
    sha256: artefact.sha256,
    bytes: artefact.bytes,
    lines: artefact.lines,
  });
  const { text, ...related } = await shop.relate(onEmr, options, effects);
  const out = path.join(temporaryFolder(), 'r');
  return { local: figures(await relate(local, { ...options, out })), emr: figures(related), text };
}

const soak = process.env['SOAK'] !== undefined;

/**
 * Writes the real views and one with every odd id; a seventh of the real ones without `make soak`, since the test of the hadoop engine gives all to the
 * same jobs.
 *
 * @returns the file of the odd ids
 */
function writeViews(folder: string): string {
  const { header, rows } = seventhOfOnlineRetail();
  const real = soak ? readFileSync(onlineRetail) : gzipSync(`${[header, ...rows].join('\n')}\n`);
  writeFileSync(path.join(folder, 'v.tsv.gz'), real);
  const ids = ['a', 'A', 'a ', ' a', 'é', 'e\u0301', '10', '010', 'a\\\\', 'a_b', '"q"', "'", '🛒', 'x'.repeat(255)];
  const bad = ['1\ta\\tb', '1\ta\rb', '1\t', 'x', '\\N\ta', '1\tNULL', '', '1\ta\u007f'];
  const random = fc.sample(views(anyId), { numRuns: 30, seed: 4 }).flat();
  const rest = random.map(([path, product]) => `${escaped(path)}\t${escaped(product)}`);
  const odd = path.join(folder, "it's {odd}, v.tsv");
  writeFileSync(odd, [...ids.map((id) => `1\t${id}`), ...bad, '1\tcrlf\r', ...rest].join('\n'));
  return odd;
}

afterEach(() => shop.expectAllEnded());

describe('the emr engine gives the bytes and the figures of the local one', () => {
  test('on the real views and every odd id, with two reducers, and rejects the same rows, though its spot instances are taken away in the middle of each phase and the clock is set', async () => {
    const folder = temporaryFolder();
    const odd = writeViews(folder);
    const instancesOf = ({ config, instances }: InstanceGroup): string[] =>
      instances.map((each) => `${config.InstanceRole} ${config.Market} ${each.lost === undefined ? 'up' : 'lost'}`);
    const states: string[] = [];
    const lost: string[] = [];
    const lose = (message: string): void => {
      const phase = /EMR: (\w+) phase RUNNING/.exec(message)?.[1];
      const cluster = shop.emr.clusters.at(-1);
      if (phase !== undefined && !lost.includes(phase) && cluster !== undefined) {
        lost.push(phase);
        void vi
          .waitUntil(() => shop.emr.loseTaskNodes(cluster.id), { timeout: 60_000 })
          .then(() => states.push(`${phase}: ${cluster.groups.flatMap(instancesOf).join()}`));
      }
    };
    let day = 0;
    // A clock that is set back and forth by ten days, which no limit of time heeds.
    const now = (): Date => new Date(Date.UTC(2026, 10, 1 + 10 * (day++ % 3)));
    const options = { reducers: 2, emrTaskCount: 2 };
    const said: string[] = [];
    const log = { ...silentLog, info: lose, warn: (message: string) => void said.push(message) };
    const { local, emr } = await both(folder, options, folder, { log, now });
    expect(emr).toEqual(local);
    expect(emr).toMatchObject({ order: 'text', rejected: 8 });
    expect(said.join('\n')).toContain(`the first at ${odd}:15: control character;`);
    const nodes = 'MASTER ON_DEMAND up,CORE ON_DEMAND up,CORE ON_DEMAND up,TASK SPOT lost,TASK SPOT lost';
    expect(states).toEqual([`pairs: ${nodes}`, `weights: ${nodes}`]);
    expect(shop.emr.clusters.at(-1)?.steps.map(({ state }) => state)).toEqual(['COMPLETED', 'COMPLETED']);
    // What the run had on S3 is gone; the jobs are kept for the next one.
    expect(await shop.keys('logs/also-viewed/runs/')).toEqual([]);
    expect((await shop.keys('logs/also-viewed/jobs/')).map((key) => path.basename(key)).sort()).toEqual([
      'emr-bootstrap.sh',
      'pairs-mapper.mjs',
      'pairs-reducer.mjs',
      'weights-reducer.mjs',
    ]);
  }, 300_000);

  test('on views that lie on S3, with integer ids up to 2^64-1, limits and a list of targets, whatever lies at the place of its outputs', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'v'));
    const files = ['1\t9\n1\t10\n1\t18446744073709551615\n', '2\t10\n2\t9\n3\t9\n3\t8\n'];
    writeFileSync(path.join(folder, 'v', '1.tsv'), files[0] ?? '');
    writeFileSync(path.join(folder, 'v', '2.tsv.gz'), gzipSync(files[1] ?? ''));
    await put('views/1.tsv', files[0] ?? '');
    await put('views/2.tsv.gz', gzipSync(files[1] ?? ''));
    for (const phase of ['pairs', 'weights']) {
      await put(`logs/also-viewed/runs/again/${phase}/part-00000`, '9\t10\t9\n');
      await put(`logs/also-viewed/runs/again/${phase}/_temporary/0/part-00000`, '9\t10\t9\n');
      await put(`logs/also-viewed/runs/again/${phase}.report.gz`, gzipSync('also-viewed: exit code 0\n'));
    }
    const products = viewsFile('product_id\n9\n10\n18446744073709551615\n', 'products.tsv');
    const run = { id: 'again', resumed: false };
    const options = { products, top: 2, maxPathProducts: 3, ids: 'integer', run } as const;
    const { local, emr, text } = await both(path.join(folder, 'v'), options, `s3://${shop.bucket}/views/`);
    expect(emr).toEqual(local);
    expect(text.split('\n')[0]).toBe('8\t9\t1');
  }, 180_000);
});

test('a run whose cluster was lost goes on behind the phase that was done', async () => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'views.tsv'), '1\ta\n1\tb\n');
  const run = ['run', '--source', 'views.tsv', '--target', 'target.tsv', '--work', 'work'];
  const before = shop.emr.clusters.length;
  const lose = (said: string): void => {
    if (/weights phase RUNNING/.test(said)) {
      shop.emr.loseCluster(shop.emr.clusters[before]?.id ?? '');
    }
  };
  const lost = await alsoViewed(run, { cwd, env: shop.env, watch: lose });
  expect(lost).toMatchObject({
    code: 69,
    stderr: expect.stringMatching(
      /weights phase failed: the cluster j-\w+ is TERMINAT\w+: INSTANCE_FAILURE, The master/,
    ),
  });
  const resumed = await alsoViewed([...run, '--resume'], { cwd, env: shop.env });
  expect(resumed).toMatchObject({ code: 0, stderr: expect.stringContaining('the pairs phase was done before') });
  expect(readFileSync(path.join(cwd, 'target.tsv'), 'utf8')).toBe('a\tb\t1\nb\ta\t1\n');
  expect(
    shop.emr.clusters.slice(before).map(({ steps }) => steps.map(({ config }) => config.Name.split(' ')[1])),
  ).toEqual([['pairs', 'weights'], ['weights']]);
}, 240_000);
