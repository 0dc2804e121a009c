import type { Effects } from '../effects.ts';
import { ExpectedFailure, exitCodeOf, messageOf } from '../failure.ts';
import { logWith } from '../log-with.ts';
import { outlasting } from '../outlasting.ts';
import type { Manifest } from '../run/manifest.ts';
import { WorkTaken } from '../run/work-taken.ts';
import { untilAborted } from '../until-aborted.ts';
import { withLimit } from '../with-limit.ts';
import { runFailureHook } from './failure-hook.ts';
import { describeOutcome, type Outcome } from './outcome.ts';
import { writeMetrics } from './write-metrics.ts';

/** Who is told how a run goes. */
export interface WatchSettings {
  /** A file of this machine whose name ends in `.prom`, for node_exporter's textfile collector. */
  readonly metrics?: string | undefined;
  /** URL of a check, as healthchecks.io gives it. */
  readonly ping?: string | undefined;
  /** Command of the shell. */
  readonly onFailure?: string | undefined;
  /** The name of the shop, where one configuration is for several. */
  readonly store?: string | undefined;
}

/** What telling may still take, in milliseconds, once the job was told to stop: who sent the signal expects an end within 5 s. */
const tellingMs = 4500;

/** What writing the metrics may take, in milliseconds: their disk may be one that does not answer. */
const metricsMs = 30_000;

/**
 * Does `work` and tells those who watch when it begins and how it ends. None of them can make it fail, or fail to end.
 *
 * @param work is to be passed `observe` on, to say which run it is
 * @throws whatever `work` throws
 */
export async function watched<T>(
  settings: WatchSettings,
  effects: Effects,
  work: (observe: (manifest: Manifest) => void) => Promise<T>,
): Promise<T> {
  const startedAt = effects.now();
  const { own, done } = outlasting(effects, tellingMs);
  const ping = settings.ping === undefined ? undefined : new (await import('./ping.ts')).Ping(settings.ping, own);
  const begun = ping?.send('start', '');
  let manifest: Manifest | undefined;
  const end = async (error: unknown, failure: Outcome['failure']): Promise<void> => {
    const exitCode = failure === undefined ? 0 : exitCodeOf(error);
    const outcome: Outcome = { manifest, startedAt, finishedAt: effects.now(), exitCode, failure };
    // The monitor is to hear of the start first.
    const pinged = begun?.then(() => ping?.send(exitCode, describeOutcome(outcome)));
    const log = logWith(own.log, { run: manifest?.run });
    await Promise.all([pinged, told(settings, outcome, error, { ...own, log })]);
  };
  try {
    const result = await work((observed) => {
      manifest = observed;
    });
    await end(undefined, undefined);
    return result;
  } catch (error) {
    const remedy = error instanceof ExpectedFailure ? error.remedy : undefined;
    await end(error, { message: messageOf(error), remedy });
    throw error;
  } finally {
    done();
  }
}

async function told(
  { metrics, onFailure, store }: WatchSettings,
  outcome: Outcome,
  error: unknown,
  effects: Effects,
): Promise<void> {
  if (metrics !== undefined && !(error instanceof WorkTaken)) {
    const writing = writeMetrics({ metrics, store }, outcome, effects);
    await untilAborted(writing, withLimit(effects.signal, metricsMs)).catch((thrown: unknown) => {
      effects.log.warn(`Could not write the metrics: ${messageOf(thrown)}`);
    });
  }
  if (onFailure !== undefined && outcome.failure !== undefined) {
    await runFailureHook(onFailure, outcome, store, effects).catch((thrown: unknown) => {
      effects.log.warn(`The command for failures could not be run: ${messageOf(thrown)}`);
    });
  }
}
