import type { Cluster, Step } from '@aws-sdk/client-emr';
import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { pause } from '../../pause.ts';
import { type Explanation, explainFailure } from '../cluster/explain-failure.ts';
import { applicationOf } from '../cluster/job-report.ts';
import type { EmrApi } from './emr-api.ts';
import { containerLogs, nodeLogs, ofBootstrap, readLogs, stepLogs } from './emr-logs.ts';
import { isLive } from './emr-queries.ts';
import { type StepEnd, stateOf } from './follow-step.ts';
import { readIfThere, reportBeside } from './staging.ts';

/** EMR writes logs every five minutes, and the last ones within minutes after the end of a cluster. */
const logsWaitMs = 8 * 60_000;

/** Lines of a bootstrap action that are shown. */
const bootstrapLines = 10;

/** What went wrong with a step, for the operator. */
export interface StepDiagnosis extends Explanation {
  /** Where the rest is to be found: addresses of S3 and of the console. */
  readonly links: readonly string[];
}

/**
 * Finds out why a step failed: from the report that its script left on S3, from what EMR says, and from EMR's logs.
 *
 * @param waitMs the pause between two looks for logs that may still come; `undefined` looks once
 */
export async function diagnoseStep(
  emr: EmrApi,
  { step, cluster }: StepEnd,
  waitMs: number | undefined,
  effects: Effects,
): Promise<StepDiagnosis> {
  const id = cluster?.Id ?? '';
  const logUri = cluster?.LogUri;
  const steps = logUri === undefined ? undefined : stepLogs(logUri, id, step.Id ?? '');
  const report = reportOf(step);
  const text = report === undefined ? undefined : await readIfThere(report, effects);
  const lines = (text ?? '').split('\n');
  const links = [text === undefined ? undefined : report, steps, emr.consoleUrl(id)].filter(
    (link) => link !== undefined,
  );

  const state = stateOf(step);
  const ofCluster = clusterFailure(cluster, state);
  if (ofCluster === undefined && state === 'CANCELLED') {
    const cause = `the step ${step.Id} was cancelled${reasonOf(step)}`;
    return { cause, remedy: 'Somebody cancelled it; run again.', certain: true, links };
  }
  const fromReport = explainFailure(lines);
  if (fromReport.certain || logUri === undefined) {
    return { ...fromReport, links };
  }
  if (cluster?.Status?.StateChangeReason?.Code === 'BOOTSTRAP_FAILURE') {
    const nodes = nodeLogs(logUri, id);
    const said = (await awaitLogs(nodes, ofBootstrap, waitMs, effects)).filter((line) => line !== '');
    return {
      cause: [ofCluster, ...said.slice(-bootstrapLines)].join('\n'),
      remedy:
        'Node.js must be installable on the nodes (scripts/emr-bootstrap.sh), or travel with the job: --node-archive.',
      certain: said.length > 0,
      links: [nodes, ...links],
    };
  }
  const gathered = await awaitLogs(steps ?? '', () => true, waitMs, effects);
  const application = [...lines, ...gathered].map(applicationOf).findLast((found) => found !== undefined);
  const ofTasks =
    application === undefined || explainFailure(gathered).certain
      ? []
      : await readLogs(containerLogs(logUri, id, application), effects);
  const found = explainFailure([...lines, ...ofTasks, ...gathered].filter((line) => line !== ''));
  const cause = [ofCluster, detailsOf(step), found.cause]
    .filter((part) => part !== undefined && part !== '')
    .join('\n');
  return {
    cause: cause === '' ? `EMR says that the step is ${state}, and no more` : cause,
    remedy:
      ofCluster === undefined && gathered.length > 0 ? found.remedy : 'The logs have the rest, when they are there.',
    certain: found.certain,
    links,
  };
}

/** The failure of a phase, as the command ends with. */
export function stepFailure(title: string, { cause, remedy, links }: StepDiagnosis): ExpectedFailure {
  return new ExpectedFailure('unavailable', `The ${title} failed: ${cause}`, {
    remedy: `${remedy}\n  See ${links.join('\n      ')}`,
  });
}

/** What EMR itself says about a failed step at once, in a line; often no more than "Unknown Error." */
export function detailsOf(step: Step): string | undefined {
  const { Reason, Message, LogFile } = step.Status?.FailureDetails ?? {};
  const parts = [Reason, Message, LogFile].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? undefined : `EMR says: ${parts.join(' · ')}`;
}

/** The script of a step is its last argument, and its report lies beside it. */
function reportOf(step: Step): string | undefined {
  const script = step.Config?.Args?.at(-1);
  return script !== undefined && /^s3:.*\.sh$/.test(script) ? reportBeside(script) : undefined;
}

/** What the end of the cluster says about the step; one that was ended after the step had failed says nothing. */
function clusterFailure(cluster: Cluster | undefined, stepState: string): string | undefined {
  const { Code, Message } = cluster?.Status?.StateChangeReason ?? {};
  if (cluster === undefined || isLive(cluster.Status?.State) || (stepState === 'FAILED' && Code === 'USER_REQUEST')) {
    return undefined;
  }
  return `the cluster ${cluster.Id} is ${cluster.Status?.State}: ${[Code, Message].filter(Boolean).join(', ')}`;
}

function reasonOf(step: Step): string {
  const { Message } = step.Status?.StateChangeReason ?? {};
  return Message === undefined ? '' : `: ${Message}`;
}

/** The lines of logs, as soon as there are some that explain the failure; those that are there when the time is up. */
async function awaitLogs(
  prefix: string,
  wanted: (location: string) => boolean,
  waitMs: number | undefined,
  effects: Effects,
): Promise<string[]> {
  const end = performance.now() + logsWaitMs;
  for (let told = false; ; ) {
    const lines = await readLogs(prefix, effects, wanted);
    if (lines.length > 0 || waitMs === undefined || performance.now() > end) {
      return lines;
    }
    if (!told) {
      effects.log.info(`EMR: waiting for the logs, which take some minutes: ${prefix}`);
      told = true;
    }
    await pause(waitMs, effects.signal);
  }
}
