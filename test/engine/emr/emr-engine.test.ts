import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type Effects, type RelateOptions, relate, silentLog } from 'also-viewed';
import fc from 'fast-check';
import { afterEach, describe, expect, inject, test, vi } from 'vitest';
import { anyId, escaped, views } from '../../arbitraries.ts';
import { alsoViewed } from '../../cli/also-viewed.ts';
import { onlineRetail, onlineRetailSha256, seventhOfOnlineRetail } from '../../real-data.ts';
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

/** The real views; a seventh of them without `make soak`, since the test of the hadoop engine gives all to the same jobs. */
function someViews(): string {
  if (soak) {
    return onlineRetail;
  }
  const { header, rows } = seventhOfOnlineRetail();
  return viewsFile(gzipSync(`${[header, ...rows].join('\n')}\n`), 'v.tsv.gz');
}

afterEach(() => shop.expectAllEnded());

describe('the emr engine gives the bytes and the figures of the local one', () => {
  test('on the real views, with two reducers, though its spot instances are taken away in the middle of each phase', async () => {
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
    const options = { reducers: 2, emrTaskCount: 2 };
    const { local, emr } = await both(someViews(), options, undefined, { log: { ...silentLog, info: lose } });
    expect(emr).toEqual(local);
    expect(emr).toMatchObject(soak ? { sha256: onlineRetailSha256, rows: 541_909 } : { order: 'text', rows: 77_416 });
    const nodes = 'MASTER ON_DEMAND up,CORE ON_DEMAND up,CORE ON_DEMAND up,TASK SPOT lost,TASK SPOT lost';
    expect(states).toEqual([`pairs: ${nodes}`, `weights: ${nodes}`]);
    expect(shop.emr.clusters.at(-1)?.steps.map(({ state }) => state)).toEqual(['COMPLETED', 'COMPLETED']);
  }, 300_000);

  test('with every odd id, and rejects the same rows, while the clock is set', async () => {
    const ids = ['a', 'A', 'a ', ' a', 'é', 'e\u0301', '10', '010', 'a\\\\', 'a_b', '"q"', "'", '🛒', 'x'.repeat(255)];
    const bad = ['1\ta\\tb', '1\ta\rb', '1\t', 'x', '\\N\ta', '1\tNULL', '', '1\ta\u007f'];
    const random = fc.sample(views(anyId), { numRuns: 30, seed: 4 }).flat();
    const rows = random.map(([path, product]) => `${escaped(path)}\t${escaped(product)}`);
    const file = viewsFile(
      `${[...ids.map((id) => `1\t${id}`), ...bad, '1\tcrlf\r', ...rows].join('\n')}`,
      "it's {odd}, v.tsv",
    );
    let day = 0;
    // A clock that is set back and forth by ten days, which no limit of time heeds.
    const now = (): Date => new Date(Date.UTC(2026, 10, 1 + 10 * (day++ % 3)));
    const { local, emr } = await both(file, {}, file, { now });
    expect(emr).toEqual(local);
    expect(emr).toMatchObject({ rejected: 8 });
    expect(shop.said.join('\n')).toContain(`the first at ${file}:15: control character;`);
    // What the run had on S3 is gone; the jobs are kept for the next one.
    expect(await shop.keys('logs/also-viewed/runs/')).toEqual([]);
    expect((await shop.keys('logs/also-viewed/jobs/')).map((key) => path.basename(key)).sort()).toEqual([
      'emr-bootstrap.sh',
      'pairs-mapper.mjs',
      'pairs-reducer.mjs',
      'weights-reducer.mjs',
    ]);
  }, 180_000);

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
