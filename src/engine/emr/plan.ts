import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import type { FormatNumber } from '../../report/format-rows.ts';
import { listViews } from '../../tsv/list-views.ts';
import type { ClusterInput } from '../cluster/cluster-input.ts';
import type { RelateJob } from '../engine.ts';
import type { EmrPlace } from './emr-settings.ts';
import { estimateJob, type JobEstimate } from './estimate.ts';
import { sampleViews, type ViewEstimate } from './sample-views.ts';

/** What a job will do, as far as that can be told before it starts. */
export interface Plan {
  readonly views: ViewEstimate;
  /** `undefined` on a cluster that others use too: its size and its costs are not the job's. */
  readonly job: JobEstimate | undefined;
}

/** Estimates a job; `src/engine/emr/sample-views.ts` says how much of the views is read. */
export async function planJob(place: EmrPlace, input: ClusterInput, job: RelateJob, effects: Effects): Promise<Plan> {
  const files = [...input.local, ...(await listViews(input.remote, job.views.outputs ?? [], effects))];
  const views = await sampleViews(files, job.views.columns, job.maxPathProducts, effects);
  return { views, job: place.sharedCluster === undefined ? estimateJob(views, place.nodes) : undefined };
}

/** The estimate in words, one thing a line. */
export function describePlan(
  { views, job }: Plan,
  { nodes, sharedCluster, maxHours, maxInstanceHours }: EmrPlace,
  number: FormatNumber = String,
): string {
  const about = views.exact ? '' : 'about ';
  const read =
    views.bytesRead < views.bytes
      ? `, by the first ${mebibytes(views.bytesRead, number)} of ${mebibytes(views.bytes, number)}`
      : '';
  const lines = [
    `Views: ${about}${number(views.views)} in ${about}${number(views.paths)} paths, ${about}${number(views.pairs)} pairs of products${read}`,
  ];
  if (job === undefined) {
    lines.push(`Cluster: ${sharedCluster}, which is up`);
  } else {
    const task = nodes.taskCount === 0 ? '' : `, ${nodes.taskCount} task nodes ${nodes.taskType} (spot)`;
    lines.push(
      `Cluster: ${nodes.release}, a primary node ${nodes.primaryType}, ${nodes.coreCount} core nodes ${nodes.coreType}${task}: ${job.vcpus} vCPUs for the work`,
      `Time: about ${job.hours.toFixed(1)} hours (limit ${maxHours}), ${job.instanceHours.toFixed(1)} instance hours (limit ${maxInstanceHours})`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** @throws ExpectedFailure `usage` when the estimate is over a limit */
export function guard({ job }: Plan, { maxHours, maxInstanceHours }: EmrPlace): void {
  const over =
    job === undefined
      ? undefined
      : job.hours > maxHours
        ? `${job.hours.toFixed(1)} hours, and the limit is ${maxHours} (--emr-max-hours)`
        : job.instanceHours > maxInstanceHours
          ? `${job.instanceHours.toFixed(1)} instance hours, and the limit is ${maxInstanceHours} (--emr-max-instance-hours)`
          : undefined;
  if (over !== undefined) {
    throw new ExpectedFailure('usage', `Refused to start a cluster: the job would take about ${over}`, {
      remedy:
        'Raise the limit, leave out heavy paths (--max-path-products), or choose other nodes; --plan shows the estimate. --yes starts it all the same, and the limit ends it.',
    });
  }
}

function mebibytes(bytes: number, number: FormatNumber): string {
  return `${number(Math.ceil(bytes / 2 ** 20))} MiB`;
}
