import type { EmrPlace } from './emr-settings.ts';
import { instancesOf } from './estimate.ts';

/** A time at which a job is ended, and why. */
export interface TimeLimit {
  /** In milliseconds of `performance.now()`, which no clock that is set changes. */
  readonly end: number;
  /** What a job has done that is ended, and which limit that is. */
  readonly reached: string;
  readonly remedy: string;
}

/** How long a step may take whose client is lost, and the setting that this comes from. */
export function longestStep(place: EmrPlace): { readonly seconds: number; readonly limit: string } {
  const ofInstances = hoursOfInstances(place);
  return ofInstances < place.maxHours
    ? { seconds: Math.ceil(3600 * ofInstances), limit: '--emr-max-instance-hours' }
    : { seconds: Math.ceil(3600 * place.maxHours), limit: '--emr-max-hours' };
}

/**
 * When a job must have ended: when it has taken `max-hours`, or when the instances that were asked for have taken `max-instance-hours` together
 * since their cluster was, whichever is first. A cluster that others use too costs what it costs without the job.
 *
 * @param begun when this client began, in milliseconds of `performance.now()`
 * @param created when the run's own cluster was asked for, if it was
 */
export function timeLimit(place: EmrPlace, begun: number, created: number | undefined): TimeLimit {
  const after = (start: number, hours: number): number => start + 3_600_000 * hours;
  const end = after(begun, place.maxHours);
  const ofInstances = created === undefined ? undefined : after(created, hoursOfInstances(place));
  if (ofInstances !== undefined && ofInstances < end) {
    return {
      end: ofInstances,
      reached: `the ${instancesOf(place.nodes)} instances of its cluster have taken ${place.maxInstanceHours} hours together, the limit of --emr-max-instance-hours`,
      remedy: 'Raise --emr-max-instance-hours, or leave out heavy paths: --max-path-products.',
    };
  }
  return {
    end,
    reached: `the job has taken ${place.maxHours} hours, the limit of --emr-max-hours`,
    remedy: 'Raise --emr-max-hours, or take more or larger nodes: --emr-core-count, --emr-core-type.',
  };
}

function hoursOfInstances({ maxInstanceHours, nodes, sharedCluster }: EmrPlace): number {
  return sharedCluster === undefined ? maxInstanceHours / instancesOf(nodes) : Number.POSITIVE_INFINITY;
}
