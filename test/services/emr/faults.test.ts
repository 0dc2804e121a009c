import {
  DescribeClusterCommand,
  ListClustersCommand,
  ListInstancesCommand,
  RunJobFlowCommand,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  bashStep,
  clusterIn,
  clusterRequest,
  emrClient,
  emrForThisFile,
  startCluster,
  stepStates,
} from './emr-fixture.ts';
import { noFaults } from './faults.ts';
import { s3ForThisFile } from './s3-files.ts';

const here = emrForThisFile();
const newBucket = s3ForThisFile();

afterEach(() => {
  const { faults } = here.emr;
  const { denied, trouble, ...rest } = noFaults();
  faults.denied.clear();
  faults.trouble.length = 0;
  Object.assign(faults, rest);
});

/** A client that tries again, as the SDK's do unless told otherwise. */
function patientClient(attempts = 3) {
  const client = emrClient(here.emr, attempts);
  onTestFinished(() => client.destroy());
  return client;
}

describe('a call', () => {
  test('that is denied names the action, and does nothing', async () => {
    const { client, emr } = here;
    emr.faults.denied.add('RunJobFlow');
    const before = emr.clusters.length;
    await expect(client.send(new RunJobFlowCommand(clusterRequest()))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(
        /^User: \S+ is not authorized to perform: elasticmapreduce:RunJobFlow on resource: /,
      ),
    });
    expect(emr.clusters).toHaveLength(before);
    await client.send(new ListClustersCommand({}));
  });

  test.each(['throttle', 'internal', 'reset'] as const)(
    'that meets the trouble "%s" twice is tried again by the client',
    async (kind) => {
      const { emr } = here;
      emr.faults.trouble.push({ operation: 'ListClusters', times: 2, kind });
      const before = emr.requests.length;
      await patientClient().send(new ListClustersCommand({}));
      expect(emr.requests.slice(before).map(({ operation }) => operation)).toEqual([
        ...['ListClusters', 'ListClusters', 'ListClusters'],
      ]);
    },
  );

  test.each([
    ['throttle', 'ThrottlingException'],
    ['internal', 'InternalServerException'],
    ['reset', 'TimeoutError'],
  ] as const)('whose client does not try again ends with the trouble "%s" as %s', async (kind, name) => {
    const { client, emr } = here;
    emr.faults.trouble.push({ times: 1, kind });
    await expect(client.send(new ListClustersCommand({}))).rejects.toMatchObject({ name });
  });

  test('whose answer is lost is done all the same, so that a client that tries again starts a second cluster', async () => {
    const { emr } = here;
    emr.faults.trouble.push({ operation: 'RunJobFlow', times: 1, kind: 'lost-answer' });
    const before = emr.clusters.length;
    await startCluster(patientClient());
    expect(emr.clusters).toHaveLength(before + 2);
  });

  test('is throttled until the time that is set, and answered after it', async () => {
    const { client, emr } = here;
    emr.faults.throttledUntil = Number.POSITIVE_INFINITY;
    const throttled = { name: 'ThrottlingException', message: 'Rate exceeded' };
    await expect(client.send(new ListClustersCommand({}))).rejects.toMatchObject(throttled);
    emr.faults.throttledUntil = Date.now() - 1;
    await client.send(new ListClustersCommand({}));
  });
});

test('a cluster that is lost interrupts its step and ends with errors', async () => {
  const { client, emr } = here;
  const id = await startCluster(client, { Steps: [bashStep('sleep 600')] });
  await vi.waitFor(async () => expect(await stepStates(client, id)).toEqual(['RUNNING']), 20_000);
  emr.loseCluster(id);
  const cluster = await clusterIn(client, id, 'TERMINATED_WITH_ERRORS');
  expect(cluster?.Status?.StateChangeReason?.Code).toBe('INSTANCE_FAILURE');
  expect(await stepStates(client, id)).toEqual(['INTERRUPTED']);
});

test('spot instances that are taken away are listed as terminated, and the cluster goes on', async () => {
  const { client, emr } = here;
  const id = await startCluster(client);
  await clusterIn(client, id, 'WAITING');
  emr.loseTaskNodes(id);
  const { Instances = [] } = await client.send(new ListInstancesCommand({ ClusterId: id }));
  const lost = Instances.filter(({ Status }) => Status?.State === 'TERMINATED');
  expect([lost.length, Instances.length]).toEqual([3, 6]);
  expect(lost[0]).toMatchObject({ Market: 'SPOT', Status: { StateChangeReason: { Code: 'INSTANCE_FAILURE' } } });
  const { Cluster } = await client.send(new DescribeClusterCommand({ ClusterId: id }));
  expect(Cluster?.Status?.State).toBe('WAITING');
});

test('a step that hangs runs until its cluster is terminated', async () => {
  const { client, emr } = here;
  emr.faults.stepsHang = true;
  const id = await startCluster(client, { Steps: [bashStep('')] });
  await vi.waitFor(async () => expect(await stepStates(client, id)).toEqual(['RUNNING']), 20_000);
  await client.send(new TerminateJobFlowsCommand({ JobFlowIds: [id] }));
  await clusterIn(client, id, 'TERMINATED');
  expect(await stepStates(client, id)).toEqual(['INTERRUPTED']);
});

test('a bootstrap action fails when the package is missing, and its log says so', async () => {
  const { client, emr } = here;
  emr.faults.packagesMissing = true;
  const { bucket, put, get, keys } = await newBucket();
  await put('install.sh', 'set -e\nsudo dnf install -y nodejs22\n');
  const id = await startCluster(client, {
    LogUri: `s3://${bucket}/logs`,
    BootstrapActions: [{ Name: 'node', ScriptBootstrapAction: { Path: `s3://${bucket}/install.sh` } }],
  });
  await clusterIn(client, id, 'TERMINATED_WITH_ERRORS');
  const [log = ''] = (await keys(`logs/${id}/node/`)).filter((key) => key.endsWith('/bootstrap-actions/1/stderr.gz'));
  expect(await get(log)).toMatch(/^Error: Unable to find a match: nodejs22$/m);
});

test('steps get the environment that is set', async () => {
  const { client, emr } = here;
  emr.faults.stepEnvironment = { BROKEN: 'yes' };
  const id = await startCluster(client, { Steps: [bashStep('test "$BROKEN" = yes')] });
  await clusterIn(client, id, 'WAITING');
  expect(await stepStates(client, id)).toEqual(['COMPLETED']);
});

test('logs wait for their delay, or for the end of the cluster', async () => {
  const { client, emr } = here;
  const { bucket, get, keys } = await newBucket();
  const run = async (word: string) => {
    const id = await startCluster(client, { LogUri: `s3://${bucket}/${word}/`, Steps: [bashStep(`echo ${word}`)] });
    await clusterIn(client, id, 'WAITING');
    return id;
  };
  emr.faults.logDelayMs = 100;
  const soon = await run('soon');
  await vi.waitFor(async () => expect(await keys(`soon/${soon}/steps/`)).toHaveLength(4), 20_000);

  emr.faults.logDelayMs = 3_600_000;
  const late = await run('late');
  expect(await keys('late')).toEqual([]);
  await client.send(new TerminateJobFlowsCommand({ JobFlowIds: [late] }));
  await clusterIn(client, late, 'TERMINATED');
  const logs = await keys(`late/${late}/steps/`);
  expect(logs.map((key) => key.split('/').at(-1))).toEqual(['controller.gz', 'stderr.gz', 'stdout.gz', 'syslog.gz']);
  expect(await get(logs[2] ?? '')).toBe('late\n');
});
