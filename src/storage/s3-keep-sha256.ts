import { type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { Log } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { setMetadata, type Written } from './s3-copy.ts';
import { metadataOf } from './s3-digest.ts';
import { s3Failure } from './s3-failure.ts';
import { etagIfIs, isOtherState } from './s3-versions.ts';

/** What a server answers that will never copy: the user may not read what he wrote, or it does not know how. */
const refusals = [403, 405, 501];

/**
 * Keeps the SHA-256 of a multi-part object with it. That it is refused is a warning: the object is there, whole, and keeps its CRC-32.
 *
 * @throws ExpectedFailure when the server is away, and when somebody else has written the object meanwhile
 */
export async function keepSha256(
  client: S3Client,
  written: Written,
  sha256: string,
  location: string,
  log: Log,
  abortSignal: AbortSignal,
): Promise<void> {
  const metadata = metadataOf(sha256);
  try {
    await setMetadata(client, written, metadata, abortSignal);
  } catch (error) {
    if (error instanceof S3ServiceException && refusals.includes(error.$metadata.httpStatusCode ?? 0)) {
      log.warn(
        `The SHA-256 of ${location} is not kept with it, only its CRC-32: the server refused to copy it onto itself: ${error.name}: ${error.message}`,
      );
      return;
    }
    if (!isOtherState(error)) {
      throw s3Failure('write', location, error);
    }
    // The SDK repeats a request whose answer was lost: then it is not the object before the copy, because it is the one after it.
    const { Bucket, Key } = written;
    if ((await etagIfIs(client, { Bucket, Key }, metadata, abortSignal)) === undefined) {
      throw new ExpectedFailure('inputOutput', `Cannot write ${location}: somebody else wrote it at the same time`, {
        remedy: 'Run again once nobody else writes to it.',
        cause: error,
      });
    }
  }
}
