import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  type MultipartUpload,
  paginateListParts,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Effects } from '../effects.ts';
import { messageOf } from '../failure.ts';
import type { Place } from './s3-address.ts';

/**
 * An upload that got no part for so long is one of a process that was killed. One under way fails by itself when a part is not taken in
 * 15 minutes (three requests of 5), and it begins only with its first 16 MiB; the rest of the hour is for a source that makes it wait.
 */
const silentMs = 3_600_000;

/**
 * Aborts the uploads under a prefix that nobody goes on with: S3 keeps their parts, and bills them, until somebody does. Whose an upload
 * is S3 does not tell, so `isOurs` must be sure by the key alone. That it cannot be done is a warning: no output of this job depends on it.
 *
 * @param isOurs whether only this program uploads to that key
 */
export async function abortAbandoned(
  client: S3Client,
  { Bucket, Key: Prefix }: Place,
  isOurs: (key: string) => boolean,
  { log, now }: Effects,
  abortSignal: AbortSignal,
): Promise<void> {
  const silentSince = now().getTime() - silentMs;
  try {
    for await (const upload of uploadsUnder(client, { Bucket, Key: Prefix }, abortSignal)) {
      const { Key = '', UploadId } = upload;
      if (isOurs(Key) && (await lastSign(client, Bucket, upload)) < silentSince) {
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }), { abortSignal });
        log.info(`Removed the unfinished upload that a killed job left of s3://${Bucket}/${Key}`);
      }
    }
  } catch (error) {
    if (!abortSignal.aborted) {
      log.warn(`Could not remove what killed jobs may have left under s3://${Bucket}/${Prefix}: ${messageOf(error)}`);
    }
  }
}

async function* uploadsUnder(
  client: S3Client,
  { Bucket, Key: Prefix }: Place,
  abortSignal: AbortSignal,
): AsyncGenerator<MultipartUpload> {
  let page: ListMultipartUploadsCommandOutput | undefined;
  do {
    page = await client.send(
      new ListMultipartUploadsCommand({
        Bucket,
        Prefix,
        KeyMarker: page?.NextKeyMarker,
        UploadIdMarker: page?.NextUploadIdMarker,
      }),
      { abortSignal },
    );
    yield* page.Uploads ?? [];
  } while (page.IsTruncated);
}

/** When an upload was begun or got its newest part, as epoch milliseconds. One that ended meanwhile has no parts to look at: never. */
async function lastSign(
  client: S3Client,
  Bucket: string,
  { Key, UploadId, Initiated }: MultipartUpload,
): Promise<number> {
  let last = Initiated?.getTime() ?? Number.POSITIVE_INFINITY;
  try {
    for await (const { Parts = [] } of paginateListParts({ client }, { Bucket, Key, UploadId })) {
      last = Math.max(last, ...Parts.map(({ LastModified }) => LastModified?.getTime() ?? 0));
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchUpload') {
      return Number.POSITIVE_INFINITY;
    }
    throw error;
  }
  return last;
}
