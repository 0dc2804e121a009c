import type { Cluster } from './cluster.ts';
import { epoch } from './epoch.ts';
import type { Lifetime } from './instances.ts';
import { hadoopVersion } from './release-labels.ts';

/** Normalized hours of an hour of an xlarge instance. */
const hoursOfInstance = 8;

export function clusterArn(id: string, region: string): string {
  return `arn:aws:elasticmapreduce:${region}:123456789012:cluster/${id}`;
}

/** The cluster as ListClusters gives it: without its tags. */
export function summarizeCluster(cluster: Cluster, region: string) {
  const { id, request, state, reason, created, ready, ended, groups } = cluster;
  const hours = ready === undefined ? 0 : Math.ceil(((ended ?? new Date()).getTime() - ready.getTime()) / 3_600_000);
  const instances = groups.reduce((sum, group) => sum + group.instances.length, 0);
  return {
    Id: id,
    Name: request.Name,
    Status: {
      State: state,
      StateChangeReason: reason,
      Timeline: {
        CreationDateTime: epoch(created),
        ...(ready === undefined ? {} : { ReadyDateTime: epoch(ready) }),
        ...(ended === undefined ? {} : { EndDateTime: epoch(ended) }),
      },
    },
    NormalizedInstanceHours: hours * instances * hoursOfInstance,
    ClusterArn: clusterArn(id, region),
  };
}

/** The cluster as DescribeCluster gives it. */
export function describeCluster(cluster: Cluster, region: string) {
  const { request, ready, terminationProtected } = cluster;
  const { Instances, ReleaseLabel = '', LogUri } = request;
  return {
    ...summarizeCluster(cluster, region),
    Ec2InstanceAttributes: {
      ...(Instances.Ec2SubnetId === undefined ? {} : { Ec2SubnetId: Instances.Ec2SubnetId }),
      RequestedEc2SubnetIds: Instances.Ec2SubnetIds ?? [],
      IamInstanceProfile: request.JobFlowRole,
    },
    InstanceCollectionType: 'INSTANCE_GROUP',
    // The service gives the scheme of its first S3 client, whatever the request had.
    ...(LogUri === undefined ? {} : { LogUri: LogUri.replace(/^s3[an]?:/, 's3n:') }),
    ReleaseLabel,
    AutoTerminate: !Instances.KeepJobFlowAliveWhenNoSteps,
    TerminationProtected: terminationProtected,
    VisibleToAllUsers: request.VisibleToAllUsers,
    Applications: [{ Name: 'Hadoop', Version: hadoopVersion(ReleaseLabel) }],
    Tags: request.Tags,
    ServiceRole: request.ServiceRole,
    Configurations: request.Configurations,
    StepConcurrencyLevel: request.StepConcurrencyLevel,
    ...(ready === undefined ? {} : { MasterPublicDnsName: 'ip-10-0-0-1.ec2.internal' }),
  };
}

/** What the cluster's state makes of its instances. */
export function lifetime({ state, created, ready, ended }: Cluster): Lifetime {
  const states = { STARTING: 'PROVISIONING', BOOTSTRAPPING: 'BOOTSTRAPPING' } as const;
  const running = state === 'RUNNING' || state === 'WAITING' || state === 'TERMINATING' ? 'RUNNING' : 'TERMINATED';
  return { state: state === 'STARTING' || state === 'BOOTSTRAPPING' ? states[state] : running, created, ready, ended };
}
