import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { EmrApi, inRegion } from './emr-api.ts';
import { describeCluster, describeStep, listSteps } from './emr-queries.ts';
import { detailsOf, diagnoseStep } from './explain-step.ts';
import { stateOf } from './follow-step.ts';

/**
 * The probable cause of a failed step, from what EMR and the logs say by now, as text.
 *
 * @param step default: the newest step that did not end well
 * @throws ExpectedFailure when there is no such cluster or no such step
 */
export async function diagnose(
  region: string,
  clusterId: string,
  stepId: string | undefined,
  given: Effects,
): Promise<string> {
  const effects = inRegion(region, given);
  const emr = new EmrApi(region, effects);
  const cluster = await describeCluster(emr, clusterId);
  const id = stepId ?? (await listSteps(emr, clusterId, ['FAILED', 'CANCELLED', 'INTERRUPTED']))[0]?.Id;
  if (id === undefined) {
    throw new ExpectedFailure('noInput', `Cannot diagnose ${clusterId}: none of its steps failed or was cancelled`, {
      remedy: `Name a step, or see ${emr.consoleUrl(clusterId)}.`,
    });
  }
  const step = await describeStep(emr, clusterId, id);
  const { cause, remedy, links } = await diagnoseStep(emr, { step, cluster }, undefined, effects);
  const { State, StateChangeReason } = cluster.Status ?? {};
  return [
    `Cluster ${clusterId}: ${[State, StateChangeReason?.Message].filter(Boolean).join(', ')}`,
    `Step ${id}, ${step.Name}: ${stateOf(step)}`,
    detailsOf(step),
    '',
    cause,
    '',
    remedy,
    ...links.map((link) => `See ${link}`),
  ]
    .filter((line) => line !== undefined)
    .map((line) => `${line}\n`)
    .join('');
}
