import { existsSync, readFileSync } from 'node:fs';
import {
  AddJobFlowStepsCommand,
  CancelStepsCommand,
  DescribeClusterCommand,
  DescribeStepCommand,
  ListBootstrapActionsCommand,
  ListClustersCommand,
  ListInstanceGroupsCommand,
  ListInstancesCommand,
  ListStepsCommand,
  PutAutoTerminationPolicyCommand,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import { describe, expect, inject, test, vi } from 'vitest';
import { temporaryFolder } from '../../temporary-folder.ts';
import { startEmr } from './emr.ts';
import {
  bashStep,
  clusterIn,
  clusterRequest,
  emrClient,
  emrForThisFile,
  startCluster,
  stepStates,
  stepsOf,
} from './emr-fixture.ts';
import { s3ForThisFile } from './s3-files.ts';

const here = emrForThisFile();
const newBucket = s3ForThisFile();
const transient = { Instances: { ...clusterRequest().Instances, KeepJobFlowAliveWhenNoSteps: false } };
const statesOf = (id: string) => here.emr.clusters.find((cluster) => cluster.id === id)?.states;
const terminate = (id: string) => here.client.send(new TerminateJobFlowsCommand({ JobFlowIds: [id] }));

/** Whether the process does anything; one that was killed may still wait for its parent to see it. */
function isRunning(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) Z /.test(readFileSync(file, 'utf8'));
}

test('a transient cluster runs its steps in their order and ends', async () => {
  const { client } = here;
  const file = `${temporaryFolder()}/said`;
  const before = Date.now();
  const Steps = ['one', 'two'].map((word) => bashStep(`echo ${word} >>${file}`));
  const id = await startCluster(client, {
    ...transient,
    Steps: [...Steps, bashStep(`test "$(cat ${file})" = $'one\\ntwo'`)],
  });
  const cluster = await clusterIn(client, id, 'TERMINATED');
  expect(cluster?.Status?.StateChangeReason).toEqual({ Code: 'ALL_STEPS_COMPLETED', Message: 'Steps completed' });
  expect(statesOf(id)).toEqual([
    ...['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'RUNNING', 'RUNNING', 'TERMINATING', 'TERMINATED'],
  ]);
  const steps = await stepsOf(client, id);
  expect(steps.map(({ Status }) => Status?.State)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED']);
  const { CreationDateTime, ReadyDateTime, EndDateTime } = cluster?.Status?.Timeline ?? {};
  const times = [CreationDateTime, ReadyDateTime, steps[0]?.Status?.Timeline?.StartDateTime, EndDateTime].map(Number);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[0]).toBeGreaterThanOrEqual(before - 1);
  expect(times[3]).toBeLessThanOrEqual(Date.now() + 1);
});

test('a cluster that is kept waits, and runs what is added', async () => {
  const { client } = here;
  const id = await startCluster(client, { Tags: [{ Key: 'run', Value: '7' }] });
  const waiting = await clusterIn(client, id, 'WAITING');
  expect(waiting).toMatchObject({ AutoTerminate: false, Tags: [{ Key: 'run', Value: '7' }] });
  const { StepIds } = await client.send(new AddJobFlowStepsCommand({ JobFlowId: id, Steps: [bashStep('')] }));
  expect(StepIds).toEqual([expect.stringMatching(/^s-[0-9A-Z]{13}$/)]);
  await vi.waitFor(async () => expect(await stepStates(client, id)).toEqual(['COMPLETED']));
  expect((await clusterIn(client, id, 'WAITING'))?.Status?.StateChangeReason?.Message).toMatch(
    /after last step completed/,
  );
  await terminate(id);
  const ended = await clusterIn(client, id, 'TERMINATED');
  expect(ended?.Status?.StateChangeReason).toEqual({ Code: 'USER_REQUEST', Message: 'Terminated by user request' });
  expect(statesOf(id)).toEqual([
    'STARTING',
    'BOOTSTRAPPING',
    'WAITING',
    'RUNNING',
    'WAITING',
    'TERMINATING',
    'TERMINATED',
  ]);
});

describe('after a failed step', () => {
  test.each([
    ['CONTINUE', ['FAILED', 'COMPLETED'], 'WAITING'],
    ['CANCEL_AND_WAIT', ['FAILED', 'CANCELLED'], 'WAITING'],
    ['TERMINATE_CLUSTER', ['FAILED', 'CANCELLED'], 'TERMINATED_WITH_ERRORS'],
  ] as const)('%s makes the steps %o and the cluster %s', async (ActionOnFailure, states, end) => {
    const { client } = here;
    const id = await startCluster(client, { Steps: [bashStep('exit 3', { ActionOnFailure }), bashStep('')] });
    const cluster = await clusterIn(client, id, end);
    expect(await stepStates(client, id)).toEqual(states);
    if (end !== 'WAITING') expect(cluster?.Status?.StateChangeReason?.Code).toBe('STEP_FAILURE');
    const [failed] = await stepsOf(client, id);
    const { Step } = await client.send(new DescribeStepCommand({ ClusterId: id, StepId: failed?.Id }));
    expect(Step?.Status?.FailureDetails).toEqual({ Reason: 'Unknown Error.' });
  });
});

test('termination interrupts the step that runs, kills what it started, and cancels the next', async () => {
  const { client } = here;
  const file = `${temporaryFolder()}/pid`;
  const id = await startCluster(client, { Steps: [bashStep(`sleep 600 & echo $! >${file}; wait`), bashStep('')] });
  const pid = await vi.waitFor(() => {
    expect(readFileSync(file, 'utf8')).toMatch(/^\d+\n$/);
    return Number(readFileSync(file, 'utf8'));
  }, 20_000);
  await terminate(id);
  await clusterIn(client, id, 'TERMINATED');
  expect(await stepStates(client, id)).toEqual(['INTERRUPTED', 'CANCELLED']);
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false));
});

test('steps are cancelled while they wait and while they run; one that ended is not', async () => {
  const { client } = here;
  const id = await startCluster(client, { Steps: [bashStep(''), bashStep('sleep 600'), bashStep('')] });
  await vi.waitFor(
    async () => expect(await stepStates(client, id)).toEqual(['COMPLETED', 'RUNNING', 'PENDING']),
    20_000,
  );
  const ids = (await stepsOf(client, id)).map(({ Id = '' }) => Id);
  const { CancelStepsInfoList } = await client.send(new CancelStepsCommand({ ClusterId: id, StepIds: ids }));
  expect(CancelStepsInfoList?.map(({ Status }) => Status)).toEqual(['FAILED', 'SUBMITTED', 'SUBMITTED']);
  await clusterIn(client, id, 'WAITING');
  expect(await stepStates(client, id)).toEqual(['COMPLETED', 'CANCELLED', 'CANCELLED']);
});

describe('an idle cluster', () => {
  test('ends when its policy says so, counted from its last step', async () => {
    const { client, emr } = here;
    emr.faults.idleSecondMs = 1;
    const id = await startCluster(client, {
      AutoTerminationPolicy: { IdleTimeout: 60 },
      Steps: [bashStep('sleep 0.2')],
    });
    await clusterIn(client, id, 'TERMINATED');
    expect(await stepStates(client, id)).toEqual(['COMPLETED']);
    expect(statesOf(id)).toEqual(['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING', 'TERMINATING', 'TERMINATED']);
  });

  test('ends by a policy that it is given while it waits', async () => {
    const { client, emr } = here;
    emr.faults.idleSecondMs = 1;
    const id = await startCluster(client);
    await clusterIn(client, id, 'WAITING');
    const AutoTerminationPolicy = { IdleTimeout: 60 };
    await client.send(new PutAutoTerminationPolicyCommand({ ClusterId: id, AutoTerminationPolicy }));
    await clusterIn(client, id, 'TERMINATED');
  });
});

describe('a bootstrap action', () => {
  const bootstrap = (Path: string, ...Args: string[]) => [{ Name: 'node', ScriptBootstrapAction: { Path, Args } }];

  test('gets its arguments, and what it installs is there for steps', async () => {
    const { client } = here;
    const { bucket, put } = await newBucket();
    await put(
      'install.sh',
      'set -e\ntest "$1 $2" = "a b c"\nsudo dnf install -y nodejs22 nodejs22-npm\nnode-22 --version\n',
    );
    const BootstrapActions = bootstrap(`s3://${bucket}/install.sh`, 'a b', 'c');
    const id = await startCluster(client, { ...transient, BootstrapActions, Steps: [bashStep('node --version')] });
    await clusterIn(client, id, 'TERMINATED');
    expect(await stepStates(client, id)).toEqual(['COMPLETED']);
    const { BootstrapActions: listed } = await client.send(new ListBootstrapActionsCommand({ ClusterId: id }));
    expect(listed).toEqual([{ Name: 'node', ScriptPath: `s3://${bucket}/install.sh`, Args: ['a b', 'c'] }]);
  });

  test('that is not there or installs nothing leaves steps without Node.js', async () => {
    const { client } = here;
    const id = await startCluster(client, { ...transient, Steps: [bashStep('node --version')] });
    await clusterIn(client, id, 'TERMINATED');
    expect(await stepStates(client, id)).toEqual(['FAILED']);
  });

  test.each([
    ['fails', 'exit 4', /bootstrap action 1 returned a non-zero return code/],
    ['is not on S3', undefined, /bootstrap action 1 could not be downloaded/],
  ])('that %s ends the cluster with errors', async (_, script, message) => {
    const { client } = here;
    const { bucket, put } = await newBucket();
    if (script !== undefined) await put('install.sh', script);
    const BootstrapActions = bootstrap(`s3://${bucket}/install.sh`);
    const id = await startCluster(client, { BootstrapActions, Steps: [bashStep('')] });
    const cluster = await clusterIn(client, id, 'TERMINATED_WITH_ERRORS');
    const reason = { Code: 'BOOTSTRAP_FAILURE', Message: expect.stringMatching(message) };
    expect(cluster?.Status?.StateChangeReason).toEqual(reason);
    expect(await stepStates(client, id)).toEqual(['CANCELLED']);
  });
});

test('instances are listed by their groups', async () => {
  const { client } = here;
  const id = await startCluster(client);
  await clusterIn(client, id, 'WAITING');
  const { InstanceGroups } = await client.send(new ListInstanceGroupsCommand({ ClusterId: id }));
  expect(
    InstanceGroups?.map(({ InstanceGroupType, RunningInstanceCount, Market }) => [
      InstanceGroupType,
      RunningInstanceCount,
      Market,
    ]),
  ).toEqual([
    ['MASTER', 1, 'ON_DEMAND'],
    ['CORE', 2, 'ON_DEMAND'],
    ['TASK', 3, 'SPOT'],
  ]);
  const { Instances } = await client.send(new ListInstancesCommand({ ClusterId: id, InstanceGroupTypes: ['CORE'] }));
  expect(Instances?.map(({ Status }) => Status?.State)).toEqual(['RUNNING', 'RUNNING']);
});

test('ListSteps gives the newest first, 50 a page', async () => {
  const { client } = here;
  const names = Array.from({ length: 120 }, (_, at) => `step ${at}`);
  const id = await startCluster(client, { Steps: names.map((Name) => bashStep('', { Name })) });
  await terminate(id);
  const listed: (string | undefined)[][] = [];
  let Marker: string | undefined;
  do {
    const { Steps = [], Marker: next } = await client.send(new ListStepsCommand({ ClusterId: id, Marker }));
    listed.push(Steps.map(({ Name }) => Name));
    Marker = next;
  } while (Marker !== undefined);
  expect(listed.map(({ length }) => length)).toEqual([50, 50, 20]);
  expect(listed.flat()).toEqual(names.toReversed());
  await expect(client.send(new ListStepsCommand({ ClusterId: id, Marker: 'x' }))).rejects.toThrow(
    /Marker 'x' is not valid/,
  );
});

test('ListClusters gives the newest first, by state and time, without tags', async () => {
  const { client } = here;
  const first = await startCluster(client);
  await terminate(first);
  const CreatedAfter = (await client.send(new DescribeClusterCommand({ ClusterId: first }))).Cluster?.Status?.Timeline
    ?.CreationDateTime;
  const second = await startCluster(client, { Tags: [{ Key: 'k', Value: 'v' }] });
  const list = async (states: ('TERMINATED' | 'STARTING' | 'BOOTSTRAPPING' | 'WAITING')[]) => {
    const asking = new ListClustersCommand({ CreatedAfter, ...(states.length === 0 ? {} : { ClusterStates: states }) });
    return (await client.send(asking)).Clusters ?? [];
  };
  const all = await list([]);
  expect(all.map(({ Id }) => Id)).toEqual([second, first]);
  expect(all[0]).not.toHaveProperty('Tags');
  await clusterIn(client, first, 'TERMINATED');
  expect((await list(['TERMINATED'])).map(({ Id }) => Id)).toEqual([first]);
  expect((await list(['STARTING', 'BOOTSTRAPPING', 'WAITING'])).map(({ Id }) => Id)).toEqual([second]);
});

test('a stand-in that stops kills what runs and leaves no file', async () => {
  const emr = await startEmr({ s3: inject('s3') });
  const client = emrClient(emr);
  const file = `${temporaryFolder()}/started`;
  const id = await startCluster(client, { Steps: [bashStep(`echo "$$ $PWD" >${file}; sleep 600`)] });
  const [pid = '', folder = ''] = await vi.waitFor(() => {
    const words = readFileSync(file, 'utf8').trim().split(' ');
    expect(words).toHaveLength(2);
    return words;
  }, 20_000);
  client.destroy();
  await emr.stop();
  await vi.waitFor(() => expect(isRunning(Number(pid))).toBe(false));
  expect(existsSync(folder.split('/clusters/')[0] ?? '')).toBe(false);
  expect(emr.clusters.find((cluster) => cluster.id === id)?.state).toBe('TERMINATED_WITH_ERRORS');
});
