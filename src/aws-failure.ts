import { ExpectedFailure, errorCode, messageOf } from './failure.ts';

/** Names of errors that say that the credentials, not the permissions, are wrong. */
const ofCredentials =
  /^(UnrecognizedClientException|InvalidClientTokenId|ExpiredToken(Exception)?|InvalidSignatureException|SignatureDoesNotMatch|MissingAuthenticationToken(Exception)?|IncompleteSignature(Exception)?|CredentialsProviderError)$/;

const ofPermissions = /^(AccessDenied(Exception)?|NotAuthorized|UnauthorizedOperation|OptInRequired)$/;
const ofThrottling = /^(Throttling(Exception)?|TooManyRequestsException|RequestLimitExceeded|SlowDown)$/;
const ofService = /^Internal(Server|Service)(Exception|Error)$/;

/** What is called, for messages and remedies. */
export interface AwsCall {
  /** `EMR` */
  readonly service: string;
  /** The action by which IAM knows it. */
  readonly action: string;
  /** The page of the documentation that lists the permissions. */
  readonly permissions: string;
  /** What the operator can set about it. */
  readonly settings: string;
}

/**
 * Turns an error of the AWS SDK, which has repeated what can be repeated, into the failure that an operator can act on.
 *
 * @param cannot what was being done
 * @returns an `ExpectedFailure`, or the error itself when it is not one that can be expected
 */
export function awsFailure(cannot: string, call: AwsCall, error: unknown): unknown {
  const says = `${cannot}: ${messageOf(error)}`;
  const name = error instanceof Error ? error.name : '';
  if (ofPermissions.test(name)) {
    return new ExpectedFailure('noPermission', says, {
      remedy: `Allow the action ${call.action} to this user or role; ${call.permissions} has the whole policy.`,
      cause: error,
    });
  }
  if (ofCredentials.test(name)) {
    return new ExpectedFailure('noPermission', says, {
      remedy: 'Check the AWS credentials: AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role.',
      cause: error,
    });
  }
  const status = statusOf(error);
  if (ofThrottling.test(name) || ofService.test(name) || (status ?? 0) >= 500) {
    return new ExpectedFailure('unavailable', says, {
      remedy: `${call.service} is overloaded or asked too often: run again later.`,
      cause: error,
    });
  }
  if (status !== undefined) {
    return new ExpectedFailure('configuration', says, {
      remedy: `Check ${call.settings} against what ${call.service} says.`,
      cause: error,
    });
  }
  if (error instanceof Error && /^(region is missing|region not accepted|invalid region)/i.test(error.message)) {
    return new ExpectedFailure('configuration', says, {
      remedy: 'Set AWS_REGION to the name of a region.',
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

/** The HTTP status of a service's answer, 0 when it has none; `undefined` for an error that is not a service's. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error && '$fault' in error && '$metadata' in error)) {
    return undefined;
  }
  const { $metadata } = error;
  const status =
    typeof $metadata === 'object' && $metadata !== null && 'httpStatusCode' in $metadata && $metadata.httpStatusCode;
  return typeof status === 'number' ? status : 0;
}
