import { EMRClient } from '@aws-sdk/client-emr';
import { awsFailure } from '../../aws-failure.ts';
import type { Effects } from '../../effects.ts';
import { untilAborted } from '../../until-aborted.ts';

/** EMR throttles the callers of an account together, and others may call much: ten attempts take up to two minutes. */
const attempts = 10;

/** Milliseconds within which EMR must answer a request, and a connection must be there. */
const answerMs = 60_000;
const connectMs = 5_000;

/** The buckets are in the region of the cluster, which need not be set for the SDK too. */
export function inRegion(region: string, effects: Effects): Effects {
  return { ...effects, s3: { ...effects.s3, region } };
}

/** Sends one request. */
export type Send<T> = (client: EMRClient, options: { readonly abortSignal: AbortSignal }) => Promise<T>;

const requestHandler = { connectionTimeout: connectMs, requestTimeout: answerMs, throwOnRequestTimeout: true };

/** Amazon EMR in one region. Credentials and endpoint (`AWS_ENDPOINT_URL_EMR`) are found by the SDK's own chain. */
export class EmrApi {
  readonly region: string;
  readonly #client: EMRClient;
  readonly #effects: Effects;

  constructor(region: string, effects: Effects, client?: EMRClient) {
    this.region = region;
    this.#effects = effects;
    this.#client = client ?? new EMRClient({ region, retryMode: 'adaptive', maxAttempts: attempts, requestHandler });
  }

  /** The same client for work that goes on when the job was told to stop. */
  until(signal: AbortSignal): EmrApi {
    return new EmrApi(this.region, { ...this.#effects, signal }, this.#client);
  }

  /**
   * Does one call, which is repeated when EMR throttles it or its answer is lost: not for one that starts something.
   *
   * @param action its name, by which IAM knows it
   * @throws ExpectedFailure when EMR refuses or does not answer; the reason of the signal once it is aborted
   */
  async call<T>(action: string, send: Send<T>): Promise<T> {
    return await this.#send(this.#client, action, send);
  }

  /** The same without any repetition. */
  async callOnce<T>(action: string, send: Send<T>): Promise<T> {
    // How far this machine's clock is off, which a repetition would mend, the other client knows by now.
    const { credentials, systemClockOffset } = this.#client.config;
    const client = new EMRClient({
      region: this.region,
      credentials,
      systemClockOffset,
      maxAttempts: 1,
      requestHandler,
    });
    try {
      return await this.#send(client, action, send);
    } finally {
      client.destroy();
    }
  }

  async #send<T>(client: EMRClient, action: string, send: Send<T>): Promise<T> {
    const { signal } = this.#effects;
    signal.throwIfAborted();
    try {
      // The pauses between attempts do not heed it.
      return await untilAborted(send(client, { abortSignal: signal }), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw emrFailure(action, error);
    }
  }

  /** The page of the AWS console about a cluster. */
  consoleUrl(cluster: string): string {
    return `https://${this.region}.console.aws.amazon.com/emr/home?region=${this.region}#/clusterDetails/${cluster}`;
  }
}

function emrFailure(action: string, error: unknown): unknown {
  const call = {
    service: 'EMR',
    action: `elasticmapreduce:${action}`,
    permissions: 'docs/emr.md',
    settings: 'the emr- settings',
  };
  return awsFailure(`Cannot use EMR (${call.action})`, call, error);
}
