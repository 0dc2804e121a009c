import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { RunJobFlowCommand } from '@aws-sdk/client-emr';
import { expect, test, vi } from 'vitest';
import { parseConfiguration } from '#dist/config/configuration.js';
import { emrShop } from '../engine/emr/emr-shop.ts';
import { clusterRequest } from '../services/emr/emr-fixture.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { alsoViewed } from './also-viewed.ts';

const shop = emrShop();

function viewsFile(): string {
  const file = path.join(temporaryFolder(), 'views.tsv');
  writeFileSync(file, '1\ta\n1\tb\n2\ta\n2\tb\n2\tc\n');
  return file;
}

const plan =
  /^Views: 5 in 2 paths, 8 pairs of products\nCluster: emr-7\.\d+\.0, a primary node m5\.xlarge, 2 core nodes m5\.2xlarge: 16 vCPUs.*\nTime: about 0\.2 hours \(limit 12\), 0\.5 instance hours \(limit 100\)\n$/;

test('--plan prints the estimate, asks EMR nothing and starts nothing', async () => {
  const before = shop.emr.requests.length;
  expect(await alsoViewed(['relate', viewsFile(), '--plan'], { env: shop.env })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(plan),
  });
  const cwd = temporaryFolder();
  const run = ['run', '--source', viewsFile(), '--target', 't.tsv', '--work', 'work', '--plan'];
  expect(await alsoViewed(run, { cwd, env: shop.env })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(plan),
  });
  expect(readdirSync(cwd)).toEqual([]);
  expect(shop.emr.requests).toHaveLength(before);
  expect(await alsoViewed(['relate', viewsFile(), '--engine', 'hadoop', '--plan'])).toMatchObject({ code: 64 });
});

test('the configuration has a mapping for EMR', () => {
  const { common } = parseConfiguration('c.yml', 'engine: emr\nemr:\n  region: eu-central-1\n  core-count: 4\n');
  expect([...common].map(([name, { texts }]) => [name, ...texts])).toEqual([
    ['engine', 'emr'],
    ['emr-region', 'eu-central-1'],
    ['emr-core-count', '4'],
  ]);
  expect(() => parseConfiguration('c.yml', 'emr:\n  regoin: x\n')).toThrow('emr.regoin is not a known setting');
});

test('emr clusters lists those of this tool that are up, and no others', async () => {
  const { env } = shop;
  const none = await alsoViewed(['emr', 'clusters'], { env });
  expect(none).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^cluster\tstate\t.*\n$/),
    stderr: 'No cluster of also-viewed is up in us-east-1\n',
  });
  const Tags = [
    { Key: 'also-viewed', Value: '0.1.0' },
    { Key: 'also-viewed:run', Value: '20261121T050000000Z-abcdef' },
  ];
  const { JobFlowId } = await shop.client.send(new RunJobFlowCommand(clusterRequest({ Tags })));
  await shop.client.send(new RunJobFlowCommand(clusterRequest()));
  await vi.waitUntil(() => shop.emr.clusters.every(({ state }) => state === 'WAITING'), { timeout: 10_000 });
  const run = '20261121T050000000Z-abcdef';
  const listed = async (...format: string[]): Promise<string> =>
    (await alsoViewed(['emr', 'clusters', ...format], { env })).stdout;
  expect(await listed()).toMatch(
    new RegExp(
      `^cluster\tstate\trun\tcreated\tnormalized_instance_hours\n${JobFlowId}\tWAITING\t${run}\t20\\S+Z\t\\d+\n$`,
    ),
  );
  expect(await listed('--format', 'csv')).toMatch(new RegExp(`\n${JobFlowId},WAITING,${run},`));
  expect(await listed('--format', 'table')).toMatch(new RegExp(`\n${JobFlowId} +WAITING +${run} `));
  expect(JSON.parse(await listed('--format', 'jsonl'))).toMatchObject({ id: JobFlowId, state: 'WAITING', run });
  expect(await alsoViewed(['emr', 'diagnose', JobFlowId ?? ''], { env })).toMatchObject({
    code: 66,
    stderr: expect.stringContaining('none of its steps failed'),
  });
});

test('emr commands without a region are 78, of an unknown cluster too, and 64 of none', async () => {
  const { AWS_REGION: _, ...env } = shop.env;
  expect(await alsoViewed(['emr', 'clusters'], { env })).toMatchObject({ code: 78 });
  expect(await alsoViewed(['emr', 'diagnose', 'j-NOSUCH'], { env: shop.env })).toMatchObject({ code: 78 });
  expect(await alsoViewed(['emr', 'diagnose'], { env: shop.env })).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("Error: missing required argument 'cluster'"),
  });
});
