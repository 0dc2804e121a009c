import { S3ServiceException } from '@aws-sdk/client-s3';
import { ExpectedFailure, errorCode, messageOf } from '../failure.ts';
import { isUnanswered, SilentWork } from './s3-silence.ts';

/** How Node.js calls what is wrong with a certificate (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
const untrusted = /CERT|UNABLE_TO_VERIFY/;

/**
 * Turns an error of the AWS SDK into the failure that a user can act on.
 *
 * @param location the address, as the user wrote it
 * @returns an `ExpectedFailure`, or the error itself when it is not one that can be expected
 */
export function s3Failure(doing: 'read' | 'write', location: string, error: unknown): unknown {
  if (error instanceof ExpectedFailure) {
    return error;
  }
  const cannot = `Cannot ${doing} ${location}`;
  if (error instanceof S3ServiceException) {
    const status = error.$metadata.httpStatusCode ?? 0;
    if (error.name === 'NoSuchKey' || error.name === 'NotFound') {
      return new ExpectedFailure('noInput', `${cannot}: there is no such object`, {
        // Whether it is the bucket that is missing is not said of what is only looked at.
        remedy: 'Check the bucket and the key. To read all objects under a prefix, end it with "/".',
        cause: error,
      });
    }
    if (error.name === 'NoSuchBucket') {
      return new ExpectedFailure(doing === 'read' ? 'noInput' : 'cannotCreate', `${cannot}: there is no such bucket`, {
        remedy: 'Check its name, or create it.',
        cause: error,
      });
    }
    if (status === 401 || status === 403) {
      return new ExpectedFailure('noPermission', `${cannot}: ${refusalOf(error)}`, {
        remedy: `Check the AWS credentials and that they allow to ${doing} this object.`,
        cause: error,
      });
    }
    return new ExpectedFailure('unavailable', `${cannot}: ${refusalOf(error)}`, {
      remedy: 'The server refused this again and again; run the same command again later.',
      cause: error,
    });
  }
  if (error instanceof Error && error.name === 'CredentialsProviderError') {
    return new ExpectedFailure('noPermission', `${cannot}: no AWS credentials were found`, {
      remedy: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role.',
      cause: error,
    });
  }
  if (error instanceof Error && /^(region is missing|region not accepted|invalid region)/i.test(error.message)) {
    return new ExpectedFailure('configuration', `${cannot}: ${error.message}`, {
      remedy: 'Set AWS_REGION to the name of a region.',
      cause: error,
    });
  }
  if (untrusted.test(errorCode(error) ?? '')) {
    return new ExpectedFailure('noPermission', `${cannot}: ${saysOf(error)}`, {
      remedy:
        "Check the endpoint's name; NODE_EXTRA_CA_CERTS names a file of certificates to trust besides the usual ones.",
      cause: error,
    });
  }
  if (
    errorCode(error) !== undefined ||
    error instanceof SilentWork ||
    (error instanceof Error && error.name === 'TimeoutError')
  ) {
    return new ExpectedFailure('unavailable', `${cannot}: ${saysOf(error)}`, {
      remedy: 'Check the endpoint and the network.',
      cause: error,
    });
  }
  return error;
}

/** What S3 answered; to a HEAD it is a status only, since such an answer has no body. */
function refusalOf({ name, message, $metadata }: S3ServiceException): string {
  return name === 'Unknown' ? `the server answers with status ${$metadata.httpStatusCode}` : `${name}: ${message}`;
}

/** What an error says, without the advice of the AWS SDK to its programmers. */
export function saysOf(error: unknown): string {
  return isUnanswered(error)
    ? 'the server does not answer'
    : messageOf(error)
        .replace(/^@smithy\S* - /, '')
        .replace(/\n.*/s, '');
}
