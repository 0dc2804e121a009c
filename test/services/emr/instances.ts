import { randomBytes } from 'node:crypto';
import { epoch } from './epoch.ts';
import type { InstanceGroupConfig } from './inputs.ts';
import { randomId } from './random-id.ts';

export interface Instance {
  readonly id: string;
  readonly ec2Id: string;
  readonly number: number;
  /** Why it is gone. */
  lost?: { readonly Code: string; readonly Message: string };
  ended?: Date;
}

export interface InstanceGroup {
  readonly id: string;
  readonly config: InstanceGroupConfig;
  readonly instances: Instance[];
}

/** Instances of the groups that a cluster asked for. They are names only: everything runs on the primary node. */
export function newInstanceGroups(configs: readonly InstanceGroupConfig[]): InstanceGroup[] {
  let number = 0;
  return configs.map((config) => ({
    id: randomId('ig-'),
    config,
    instances: Array.from({ length: config.InstanceCount }, () => {
      number++;
      return { id: randomId('ci-'), ec2Id: `i-0${randomBytes(8).toString('hex')}`, number };
    }),
  }));
}

/** What the life of a cluster makes of its instances. */
export interface Lifetime {
  readonly state: 'PROVISIONING' | 'BOOTSTRAPPING' | 'RUNNING' | 'TERMINATED';
  readonly created: Date;
  readonly ready: Date | undefined;
  readonly ended: Date | undefined;
}

function timeline(created: Date, ready: Date | undefined, ended: Date | undefined) {
  return {
    CreationDateTime: epoch(created),
    ...(ready === undefined ? {} : { ReadyDateTime: epoch(ready) }),
    ...(ended === undefined ? {} : { EndDateTime: epoch(ended) }),
  };
}

export function describeInstance(group: InstanceGroup, { id, ec2Id, number, lost, ended }: Instance, life: Lifetime) {
  const address = `10.0.0.${number}`;
  const host = `ip-${address.replaceAll('.', '-')}.ec2.internal`;
  return {
    Id: id,
    Ec2InstanceId: ec2Id,
    PrivateDnsName: host,
    PrivateIpAddress: address,
    Status: {
      State: lost === undefined ? life.state : 'TERMINATED',
      StateChangeReason:
        lost ?? (life.state === 'TERMINATED' ? { Code: 'CLUSTER_TERMINATED', Message: 'Cluster was terminated.' } : {}),
      Timeline: timeline(life.created, life.ready, ended ?? life.ended),
    },
    InstanceGroupId: group.id,
    Market: group.config.Market,
    InstanceType: group.config.InstanceType,
  };
}

export function describeInstanceGroup({ id, config, instances }: InstanceGroup, life: Lifetime) {
  const running = life.state === 'RUNNING' ? instances.filter(({ lost }) => lost === undefined).length : 0;
  return {
    Id: id,
    ...(config.Name === undefined ? {} : { Name: config.Name }),
    Market: config.Market,
    InstanceGroupType: config.InstanceRole,
    ...(config.BidPrice === undefined ? {} : { BidPrice: config.BidPrice }),
    InstanceType: config.InstanceType,
    RequestedInstanceCount: config.InstanceCount,
    RunningInstanceCount: running,
    Status: {
      State: life.state,
      StateChangeReason:
        life.state === 'TERMINATED' ? { Code: 'CLUSTER_TERMINATED', Message: 'Job flow terminated' } : {},
      Timeline: timeline(life.created, life.ready, life.ended),
    },
  };
}
