import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { outlasting } from '../../outlasting.ts';
import type { EmrApi, Send } from './emr-api.ts';

/** How long EMR may be away, or throttle, before starting something is given up: about as long as the SDK's own ten attempts take. */
const patienceMs = 2 * 60_000;

/** How long, in milliseconds, the answer is waited for when the job was told to stop: it names what must be ended within seconds, too. */
const answerMs = 1500;

/** A request that starts something that costs money or writes. */
export interface Start {
  /** Its name, by which IAM knows it. */
  readonly action: string;
  /** Sends it; resolves to the id of what it started. */
  readonly send: Send<string | undefined>;
  /** The id of what a request before has started, if it is there. */
  readonly find: () => Promise<string | undefined>;
  /** The pause before the request is made again. */
  readonly pauseMs: number;
}

/**
 * Starts something once. A request whose answer was lost on the way is done all the same, and EMR knows no token by which it would tell the
 * repetition from a second wish: so each repetition comes after a look, instead of from the SDK.
 *
 * @returns the id
 * @throws ExpectedFailure when EMR refuses, or was away for two minutes; the reason of the signal once it is aborted
 */
export async function startOnce(emr: EmrApi, start: Start, effects: Effects): Promise<string> {
  const { own, done } = outlasting(effects, answerMs);
  try {
    return await startedBy(emr.until(own.signal), start, effects);
  } finally {
    done();
  }
}

async function startedBy(patient: EmrApi, start: Start, effects: Effects): Promise<string> {
  const { signal, log } = effects;
  const begun = performance.now();
  for (;;) {
    signal.throwIfAborted();
    try {
      const id = await patient.callOnce(start.action, start.send);
      if (id === undefined) {
        throw new Error(`EMR answered to ${start.action} and did not say what it started`);
      }
      return id;
    } catch (error) {
      const away = performance.now() - begun;
      if (!(error instanceof ExpectedFailure) || error.kind !== 'unavailable' || away > patienceMs) {
        throw error;
      }
      log.warn(`${error.message}; looking whether it was done all the same`);
    }
    await effects.pause(start.pauseMs, signal);
    const id = await start.find();
    if (id !== undefined) {
      return id;
    }
  }
}
