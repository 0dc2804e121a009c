import { estimateCluster } from '../cluster/estimate.ts';
import type { ClusterNodes } from './emr-settings.ts';
import type { ViewEstimate } from './sample-views.ts';

/** Seconds from the request for a cluster to its first step: an assumption; most are said to take five to ten minutes. */
const startSeconds = 8 * 60;

/** What a job on a cluster of its own is estimated to take. */
export interface JobEstimate {
  readonly vcpus: number;
  readonly hours: number;
  readonly instances: number;
  readonly instanceHours: number;
}

/** The time and the instance hours of a job on these nodes. */
export function estimateJob({ views, pairs }: ViewEstimate, nodes: ClusterNodes): JobEstimate {
  const vcpus = nodes.coreCount * vcpusOf(nodes.coreType) + nodes.taskCount * vcpusOf(nodes.taskType);
  const { wallSeconds } = estimateCluster({ views, pairs, cores: vcpus });
  const hours = (startSeconds + wallSeconds) / 3600;
  const instances = instancesOf(nodes);
  return { vcpus, hours, instances, instanceHours: hours * instances };
}

/** How many instances a cluster has. */
export function instancesOf({ coreCount, taskCount }: ClusterNodes): number {
  return 1 + coreCount + taskCount;
}

/** Virtual processors of an instance type, by the naming of EC2: `large` has 2, `xlarge` 4, `Nxlarge` 4 N. Of other names, the least that EMR takes. */
export function vcpusOf(type: string): number {
  const [, times, size] = /\.(\d*)(large|xlarge)$/.exec(type) ?? [];
  return size === 'xlarge' ? 4 * Number(times === '' ? 1 : times) : 2;
}
