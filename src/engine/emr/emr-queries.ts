import {
  type Cluster,
  type ClusterSummary,
  DescribeClusterCommand,
  DescribeStepCommand,
  ListClustersCommand,
  ListStepsCommand,
  type Step,
  type StepSummary,
} from '@aws-sdk/client-emr';
import { ExpectedFailure } from '../../failure.ts';
import type { EmrApi } from './emr-api.ts';

/** States in which a cluster takes steps, and costs money. */
const liveStates = ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING'] as const;

/** Whether a cluster in this state takes steps. */
export function isLive(state: string | undefined): boolean {
  return liveStates.some((live) => live === state);
}

/** @throws ExpectedFailure when there is no such cluster */
export async function describeCluster(emr: EmrApi, id: string): Promise<Cluster> {
  const { Cluster: cluster } = await emr.call('DescribeCluster', (client, options) =>
    client.send(new DescribeClusterCommand({ ClusterId: id }), options),
  );
  if (cluster === undefined) {
    throw new ExpectedFailure('configuration', `Cannot use the cluster ${id}: EMR does not know it`);
  }
  return cluster;
}

/** The clusters that are up, newest first. */
export async function listLiveClusters(emr: EmrApi): Promise<ClusterSummary[]> {
  const found: ClusterSummary[] = [];
  let Marker: string | undefined;
  do {
    const page = await emr.call('ListClusters', (client, options) =>
      client.send(new ListClustersCommand({ ClusterStates: [...liveStates], Marker }), options),
    );
    found.push(...(page.Clusters ?? []));
    Marker = page.Marker;
  } while (Marker !== undefined);
  return found;
}

/** Whether a step in this state runs or will: one that is to be cancelled runs until it has heeded that. */
export function isActive(state: string | undefined): boolean {
  return state === 'PENDING' || state === 'CANCEL_PENDING' || state === 'RUNNING';
}

/** The steps of a cluster, newest first; `states` leaves out others. */
export async function listSteps(
  emr: EmrApi,
  cluster: string,
  states?: ('PENDING' | 'RUNNING' | 'FAILED' | 'CANCELLED' | 'INTERRUPTED')[],
): Promise<StepSummary[]> {
  const found: StepSummary[] = [];
  let Marker: string | undefined;
  do {
    const page = await emr.call('ListSteps', (client, options) =>
      client.send(new ListStepsCommand({ ClusterId: cluster, StepStates: states, Marker }), options),
    );
    found.push(...(page.Steps ?? []));
    Marker = page.Marker;
  } while (Marker !== undefined);
  return found;
}

/** @throws ExpectedFailure when there is no such step */
export async function describeStep(emr: EmrApi, cluster: string, id: string): Promise<Step> {
  const { Step: step } = await emr.call('DescribeStep', (client, options) =>
    client.send(new DescribeStepCommand({ ClusterId: cluster, StepId: id }), options),
  );
  if (step === undefined) {
    throw new ExpectedFailure('configuration', `Cannot find the step ${id} of the cluster ${cluster}`);
  }
  return step;
}
