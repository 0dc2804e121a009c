import {
  AddJobFlowStepsCommand,
  CancelStepsCommand,
  DescribeClusterCommand,
  DescribeReleaseLabelCommand,
  DescribeStepCommand,
  EMRClient,
  GetManagedScalingPolicyCommand,
  ListClustersCommand,
  ListReleaseLabelsCommand,
  ListStepsCommand,
  PutAutoTerminationPolicyCommand,
  RunJobFlowCommand,
  type RunJobFlowCommandInput,
  SetTerminationProtectionCommand,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { bashStep, clusterIn, clusterRequest, commandStep, emrForThisFile, startCluster } from './emr-fixture.ts';

const here = emrForThisFile();
const instances = clusterRequest().Instances;
const group = { InstanceRole: 'MASTER', InstanceType: 'm5.xlarge', InstanceCount: 1 } as const;

describe('RunJobFlow refuses', () => {
  // What the types of the SDK forbid travels as text from elsewhere.
  const word = <T extends string>(text: string): T => JSON.parse(JSON.stringify(text));
  const cases: [what: string, Partial<RunJobFlowCommandInput>, message: RegExp][] = [
    ['a name with a backtick', { Name: 'a`b' }, /Cluster name may not contain/],
    ['a name with a control character', { Name: 'a\u0001' }, /at 'name' failed to satisfy constraint/],
    ['an unknown release', { ReleaseLabel: 'emr-99.9.9' }, /^The supplied release label is invalid: emr-99\.9\.9\.$/],
    ['no release', { ReleaseLabel: undefined }, /release label/],
    ['no instance profile', { JobFlowRole: undefined }, /^InstanceProfile is required for creating cluster/],
    ['no service role', { ServiceRole: undefined }, /^ServiceRole is required for creating cluster/],
    ['a log address that is not on S3', { LogUri: '/var/log' }, /log URI is invalid: \/var\/log/],
    ['no instances', { Instances: {} }, /exactly one master instance group/],
    ['two primary groups', { Instances: { InstanceGroups: [group, group] } }, /exactly one master instance group/],
    ['two primary nodes', { Instances: { InstanceGroups: [{ ...group, InstanceCount: 2 }] } }, /3 or 1 instances/],
    [
      'no nodes in a group',
      { Instances: { InstanceGroups: [{ ...group, InstanceCount: 0 }] } },
      /'instances\.instanceGroups\.1\.member\.instanceCount' failed .* greater than or equal to 1/,
    ],
    [
      'fleets, which it has not',
      { Instances: { InstanceFleets: [{ InstanceFleetType: 'MASTER' }] } },
      /instance groups only/,
    ],
    [
      'a tag whose key is too long',
      { Tags: [{ Key: 'k'.repeat(129), Value: '' }] },
      /'tags\.1\.member\.key' .* less than or equal to 128/,
    ],
    [
      'a tag whose value is too long',
      { Tags: [{ Key: 'k', Value: 'v'.repeat(257) }] },
      /'tags\.1\.member\.value' .* less than or equal to 256/,
    ],
    [
      'an idle timeout under a minute',
      { AutoTerminationPolicy: { IdleTimeout: 59 } },
      /idleTimeout' .* greater than or equal to 60/,
    ],
    [
      'an idle timeout over a week',
      { AutoTerminationPolicy: { IdleTimeout: 604_801 } },
      /less than or equal to 604800/,
    ],
    [
      'an unknown ActionOnFailure',
      { Steps: [bashStep('', { ActionOnFailure: word('RETRY') })] },
      /^1 validation error detected: Value 'RETRY' at 'steps\.1\.member\.actionOnFailure' failed to satisfy constraint: Member must satisfy enum value set: \[TERMINATE_JOB_FLOW, TERMINATE_CLUSTER, CANCEL_AND_WAIT, CONTINUE\]$/,
    ],
    ['257 steps', { Steps: Array.from({ length: 257 }, () => bashStep('')) }, /^Maximum number of active steps/],
    [
      'a step of 10,241 characters',
      { Steps: [commandStep(['x'.repeat(10_241 - 'command-runner.jar'.length)])] },
      /10241 characters: the limit is 10240/,
    ],
    [
      'CANCEL_AND_WAIT when steps run at once',
      { StepConcurrencyLevel: 2, Steps: [bashStep('', { ActionOnFailure: 'CANCEL_AND_WAIT' })] },
      /StepConcurrencyLevel greater than 1/,
    ],
  ];
  test.each(cases)('%s', async (_, changes, message) => {
    const before = here.emr.clusters.length;
    await expect(here.client.send(new RunJobFlowCommand(clusterRequest(changes)))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400 },
    });
    expect(here.emr.clusters).toHaveLength(before);
  });

  test('nothing that it accepts at the limit', async () => {
    const id = await startCluster(here.client, {
      Tags: [{ Key: 'k'.repeat(128), Value: 'v'.repeat(256) }],
      AutoTerminationPolicy: { IdleTimeout: 60 },
      Instances: { ...instances, KeepJobFlowAliveWhenNoSteps: true },
      Steps: [commandStep(['true', 'x'.repeat(10_240 - 'command-runner.jartrue'.length)])],
    });
    expect(id).toMatch(/^j-[0-9A-Z]{13}$/);
  });
});

describe('an id that nobody has', () => {
  const noCluster = {
    name: 'InvalidRequestException',
    ErrorCode: 'NoSuchCluster',
    message: "Cluster id 'j-NONE' is not valid.",
  };
  const noJobFlow = { name: 'ValidationException', message: 'Specified job flow ID does not exist.' };

  test('of a cluster is refused by each operation, as the service words it', async () => {
    const { client } = here;
    const ClusterId = 'j-NONE';
    await expect(client.send(new DescribeClusterCommand({ ClusterId }))).rejects.toMatchObject(noCluster);
    await expect(client.send(new ListStepsCommand({ ClusterId }))).rejects.toMatchObject(noCluster);
    await expect(client.send(new PutAutoTerminationPolicyCommand({ ClusterId }))).rejects.toMatchObject(noCluster);
    const adding = new AddJobFlowStepsCommand({ JobFlowId: ClusterId, Steps: [bashStep('')] });
    await expect(client.send(adding)).rejects.toMatchObject(noJobFlow);
    const terminating = new TerminateJobFlowsCommand({ JobFlowIds: [ClusterId] });
    await expect(client.send(terminating)).rejects.toMatchObject(noJobFlow);
  });

  test('of a step is refused', async () => {
    const { client } = here;
    const ClusterId = await startCluster(client);
    const refusal = { name: 'InvalidRequestException', message: "Step id 's-NONE' is not valid." };
    await expect(client.send(new DescribeStepCommand({ ClusterId, StepId: 's-NONE' }))).rejects.toMatchObject(refusal);
    await expect(client.send(new CancelStepsCommand({ ClusterId, StepIds: ['s-NONE'] }))).rejects.toMatchObject(
      refusal,
    );
  });

  test('of a release is refused', async () => {
    const asking = new DescribeReleaseLabelCommand({ ReleaseLabel: 'emr-0.0.0' });
    await expect(here.client.send(asking)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

test('a protected cluster is not terminated until the protection is lifted', async () => {
  const { client } = here;
  const id = await startCluster(client, { Instances: { ...instances, TerminationProtected: true } });
  const terminating = new TerminateJobFlowsCommand({ JobFlowIds: [id] });
  await expect(client.send(terminating)).rejects.toThrow(/since they are termination protected/);
  await client.send(new SetTerminationProtectionCommand({ JobFlowIds: [id], TerminationProtected: false }));
  await client.send(terminating);
  await clusterIn(client, id, 'TERMINATED');
});

test('a cluster that ends takes no more steps', async () => {
  const { client } = here;
  const id = await startCluster(client);
  await client.send(new TerminateJobFlowsCommand({ JobFlowIds: [id] }));
  const adding = () => client.send(new AddJobFlowStepsCommand({ JobFlowId: id, Steps: [bashStep('')] }));
  const refusal = {
    name: 'ValidationException',
    message: expect.stringMatching(/terminated, or finished may not be modified/),
  };
  await expect(adding()).rejects.toMatchObject(refusal);
  await clusterIn(client, id, 'TERMINATED');
  await expect(adding()).rejects.toMatchObject(refusal);
});

describe('a caller', () => {
  const caller = (changes: { region?: string; accessKeyId?: string }) => {
    const { accessKeyId, secretAccessKey, region } = { ...inject('s3'), ...changes };
    const { endpoint } = here.emr;
    const client = new EMRClient({ endpoint, region, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey } });
    onTestFinished(() => client.destroy());
    return client.send(new ListClustersCommand({}));
  };

  test('of another region is refused', async () => {
    const refusal = { name: 'InvalidSignatureException', message: 'Credential should be scoped to a valid region. ' };
    await expect(caller({ region: 'eu-west-1' })).rejects.toMatchObject(refusal);
  });

  test('with an unknown key is refused', async () => {
    await expect(caller({ accessKeyId: 'nobody' })).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });

  test('without a signature is refused', async () => {
    const headers = { 'x-amz-target': 'ElasticMapReduce.ListClusters' };
    const response = await fetch(here.emr.endpoint, { method: 'POST', headers, body: '{}' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  });

  test('of an operation that the stand-in has not is told so', async () => {
    const asking = new GetManagedScalingPolicyCommand({ ClusterId: 'j-NONE' });
    await expect(here.client.send(asking)).rejects.toMatchObject({ name: 'UnknownOperationException' });
  });
});

test('the releases with a Hadoop can be asked for', async () => {
  const { ReleaseLabels } = await here.client.send(
    new ListReleaseLabelsCommand({ Filters: { Prefix: 'emr-7', Application: 'hadoop@3.4.0' } }),
  );
  expect(ReleaseLabels).toEqual(['emr-7.7.0']);
  const asking = new DescribeReleaseLabelCommand({ ReleaseLabel: 'emr-7.12.0' });
  expect(await here.client.send(asking)).toMatchObject({ Applications: [{ Name: 'Hadoop', Version: '3.4.1-amzn-4' }] });
});
