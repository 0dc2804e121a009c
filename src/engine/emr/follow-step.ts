import type { Cluster, Step } from '@aws-sdk/client-emr';
import { duration } from '../../duration.ts';
import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { pause } from '../../pause.ts';
import type { EmrApi } from './emr-api.ts';
import { describeCluster, describeStep, isActive, isLive } from './emr-queries.ts';
import type { TimeLimit } from './time-limit.ts';

/** EMR and the network may be away so long before a job is given up: the cluster works on meanwhile. */
const patienceMs = 10 * 60_000;

/** A line about a step whose state does not change. */
const sayEveryMs = 60_000;

/** What became of a step: its own end, or that of its cluster. */
export interface StepEnd {
  readonly step: Step;
  /** Described when the step did not end well. */
  readonly cluster: Cluster | undefined;
}

/** What is watched, and how. */
export interface Watch {
  readonly cluster: string;
  readonly step: string;
  /** How messages name the step: `pairs phase`. */
  readonly title: string;
  readonly pollMs: number;
  readonly limit: TimeLimit;
}

/**
 * Asks for the state of a step until it has ended, and tells how it goes. Outages of EMR and throttling are sat out for ten minutes.
 *
 * @throws ExpectedFailure when EMR refuses to answer or is away for too long, and when the time is up
 */
export async function followStep(emr: EmrApi, watch: Watch, effects: Effects): Promise<StepEnd> {
  const { log, signal } = effects;
  const begun = performance.now();
  let answered = begun;
  let told = { state: '', at: 0 };
  for (;;) {
    try {
      const { step, cluster } = await look(emr, watch);
      answered = performance.now();
      // How far a step is, EMR does not tell; how long it may take has limits of its own.
      effects.alive();
      const state = stateOf(step);
      const where = cluster === undefined ? state : `waits, the cluster is ${cluster.Status?.State}`;
      if (where !== told.state || answered - told.at >= sayEveryMs) {
        told = { state: where, at: answered };
        log.info(`EMR: ${watch.title} ${where} after ${duration(answered - begun)}`, {
          cluster: watch.cluster,
          step: watch.step,
          state,
          seconds: Math.round((answered - begun) / 1000),
        });
      }
      if (!isActive(state) || (cluster !== undefined && !isLive(cluster.Status?.State))) {
        return {
          step,
          cluster: cluster ?? (state === 'COMPLETED' ? undefined : await describeCluster(emr, watch.cluster)),
        };
      }
    } catch (error) {
      const away = performance.now() - answered;
      if (!(error instanceof ExpectedFailure) || error.kind !== 'unavailable' || away > patienceMs) {
        throw error;
      }
      log.warn(`${error.message}; asking again for up to ${duration(patienceMs - away)}`);
    }
    const { end, reached, remedy } = watch.limit;
    if (performance.now() > end) {
      throw new ExpectedFailure('unavailable', `The ${watch.title} was ended: ${reached}`, { remedy });
    }
    await pause(watch.pollMs, signal);
  }
}

/** The step; and its cluster while the step waits, which may be because the cluster starts or will never do. */
async function look(emr: EmrApi, { cluster, step: id }: Watch): Promise<{ step: Step; cluster: Cluster | undefined }> {
  const step = await describeStep(emr, cluster, id);
  return { step, cluster: stateOf(step) === 'PENDING' ? await describeCluster(emr, cluster) : undefined };
}

export function stateOf(step: Step): string {
  return step.Status?.State ?? 'PENDING';
}
