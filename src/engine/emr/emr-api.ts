import { EMRClient, EMRServiceException } from '@aws-sdk/client-emr';
import type { Effects } from '../../effects.ts';
import { ExpectedFailure, errorCode, messageOf } from '../../failure.ts';

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
      return await send(client, { abortSignal: signal });
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

/** Names of errors that say that the credentials, not the permissions, are wrong. */
const ofCredentials =
  /^(UnrecognizedClientException|InvalidClientTokenId|ExpiredToken(Exception)?|InvalidSignatureException|SignatureDoesNotMatch|MissingAuthenticationToken(Exception)?|IncompleteSignature(Exception)?|CredentialsProviderError)$/;

const ofPermissions = /^(AccessDenied(Exception)?|NotAuthorized|UnauthorizedOperation|OptInRequired)$/;
const ofThrottling = /^(Throttling(Exception)?|TooManyRequestsException|RequestLimitExceeded|SlowDown)$/;

function emrFailure(action: string, error: unknown): unknown {
  const cannot = `Cannot use EMR (elasticmapreduce:${action})`;
  const says = `${cannot}: ${messageOf(error)}`;
  const name = error instanceof Error ? error.name : '';
  if (ofPermissions.test(name)) {
    return new ExpectedFailure('noPermission', says, {
      remedy: `Allow the action elasticmapreduce:${action} to this user or role; docs/emr.md has the whole policy.`,
      cause: error,
    });
  }
  if (ofCredentials.test(name)) {
    return new ExpectedFailure('noPermission', says, {
      remedy: 'Check the AWS credentials: AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role.',
      cause: error,
    });
  }
  const status = error instanceof EMRServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0;
  if (
    ofThrottling.test(name) ||
    status >= 500 ||
    name === 'InternalServerException' ||
    name === 'InternalServerError'
  ) {
    return new ExpectedFailure('unavailable', says, {
      remedy: 'EMR is overloaded or asked too often: run again later.',
      cause: error,
    });
  }
  if (error instanceof EMRServiceException) {
    return new ExpectedFailure('configuration', says, {
      remedy: 'Check the emr- settings against what EMR says.',
      cause: error,
    });
  }
  if (errorCode(error) !== undefined || name === 'TimeoutError') {
    return new ExpectedFailure('unavailable', says, {
      remedy: 'Check the region, the endpoint and the network.',
      cause: error,
    });
  }
  return error;
}
