import {
  DescribeClusterCommand,
  EMRClient,
  ListStepsCommand,
  RunJobFlowCommand,
  type RunJobFlowCommandInput,
  type StepConfig,
} from '@aws-sdk/client-emr';
import { afterAll, beforeAll, expect, inject, vi } from 'vitest';
import { type EmrStandIn, startEmr } from './emr.ts';

const s3 = inject('s3');

/** A stand-in for all tests of a file, and a client of it. */
export function emrForThisFile(): { readonly emr: EmrStandIn; readonly client: EMRClient } {
  let emr: EmrStandIn | undefined;
  let client: EMRClient | undefined;
  beforeAll(async () => {
    emr = await startEmr({ s3 });
    client = emrClient(emr);
  });
  afterAll(async () => {
    client?.destroy();
    await emr?.stop();
  });
  return {
    get emr() {
      if (emr === undefined) throw new Error('Cannot use the stand-in before the tests begin');
      return emr;
    },
    get client() {
      if (client === undefined) throw new Error('Cannot use the client before the tests begin');
      return client;
    },
  };
}

/** A client of the stand-in. The caller destroys it. */
export function emrClient({ endpoint, region }: EmrStandIn, maxAttempts = 1): EMRClient {
  const { accessKeyId, secretAccessKey } = s3;
  return new EMRClient({ endpoint, region, maxAttempts, credentials: { accessKeyId, secretAccessKey } });
}

/** A request that the service accepts, with changes. */
export function clusterRequest(changes: Partial<RunJobFlowCommandInput> = {}): RunJobFlowCommandInput {
  return {
    Name: 'test',
    ReleaseLabel: 'emr-7.12.0',
    JobFlowRole: 'EMR_EC2_DefaultRole',
    ServiceRole: 'EMR_DefaultRole',
    Instances: {
      KeepJobFlowAliveWhenNoSteps: true,
      InstanceGroups: [
        { InstanceRole: 'MASTER', InstanceType: 'm5.xlarge', InstanceCount: 1 },
        { InstanceRole: 'CORE', InstanceType: 'm5.xlarge', InstanceCount: 2 },
        { InstanceRole: 'TASK', InstanceType: 'm5.xlarge', InstanceCount: 3, Market: 'SPOT' },
      ],
    },
    ...changes,
  };
}

/** A step that runs a script of bash. */
export function bashStep(script: string, changes: Partial<StepConfig> = {}): StepConfig {
  return commandStep(['bash', '-c', script], changes);
}

export function commandStep(Args: string[], changes: Partial<StepConfig> = {}): StepConfig {
  return {
    Name: 'step',
    ActionOnFailure: 'CONTINUE',
    HadoopJarStep: { Jar: 'command-runner.jar', Args },
    ...changes,
  };
}

/** Starts a cluster. @returns its id */
export async function startCluster(client: EMRClient, changes?: Partial<RunJobFlowCommandInput>): Promise<string> {
  const { JobFlowId } = await client.send(new RunJobFlowCommand(clusterRequest(changes)));
  return JobFlowId ?? '';
}

/** The cluster once it is in the state. */
export async function clusterIn(client: EMRClient, ClusterId: string, state: string) {
  return await vi.waitFor(
    async () => {
      const { Cluster } = await client.send(new DescribeClusterCommand({ ClusterId }));
      expect(Cluster?.Status?.State).toBe(state);
      return Cluster;
    },
    { timeout: 50_000, interval: 20 },
  );
}

/** The steps of a cluster, the first one first. */
export async function stepsOf(client: EMRClient, ClusterId: string) {
  const { Steps = [] } = await client.send(new ListStepsCommand({ ClusterId }));
  return Steps.reverse();
}

export async function stepStates(client: EMRClient, id: string) {
  return (await stepsOf(client, id)).map(({ Status }) => Status?.State);
}
