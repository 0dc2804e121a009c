import { type DoctorOptions, doctor } from 'also-viewed';
import { expect, test } from 'vitest';
import { emrShop } from '../engine/emr/emr-shop.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { problems } from './problems.ts';

const shop = emrShop();

async function look(options: Partial<DoctorOptions>): Promise<string[]> {
  const folder = temporaryFolder();
  const diagnosis = await doctor({
    source: { kind: 'files', locations: [folder] },
    target: { kind: 'file', location: `${folder}/relations.tsv` },
    work: folder,
    engine: 'emr',
    emrLogUri: `s3://${shop.bucket}/logs/`,
    ...options,
  });
  return problems(diagnosis).filter((line) => !line.includes('failure: source'));
}

test('what the emr engine needs is asked for by reading only', async () => {
  const before = shop.emr.requests.length;
  expect(await look({})).toEqual([]);
  expect(await look({ emrLogUri: 's3://no-such-bucket-anywhere/logs/' })).toEqual([
    expect.stringMatching(/^failure: engine: .*there is no bucket no-such-bucket-anywhere$/),
  ]);
  expect(await look({ emrRelease: 'emr-99.9.9' })).toEqual([expect.stringMatching(/^failure: engine: .*emr-99\.9\.9/)]);
  expect(await look({ emrCluster: 'j-NOSUCHCLUSTER' })).toEqual([
    expect.stringMatching(/^failure: engine: .*elasticmapreduce:DescribeCluster/),
  ]);
  const asked = shop.emr.requests.slice(before);
  expect(asked.length).toBeGreaterThan(0);
  expect(JSON.stringify(asked)).not.toMatch(/RunJobFlow|AddJobFlowSteps|Terminate/);
  expect(await shop.keys()).toEqual([]);
});
