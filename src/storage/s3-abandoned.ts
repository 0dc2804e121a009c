import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListPartsCommand,
  type ListPartsCommandOutput,
  type MultipartUpload,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Effects } from '../effects.ts';
import type { Place } from './s3-address.ts';
import { saysOf } from './s3-failure.ts';

/**
 * An upload that got no part for so long is one of a process that was killed. One under way gets a part in 16 minutes, of 16 MiB with one
 * a minute at least (s3-silence.ts), and it begins only with its first; the rest of the hour is for what is sent again, and for a source that
 * makes it wait.
 */
export const silentMs = 3_600_000;

/**
 * Aborts the uploads under a prefix that nobody goes on with: S3 keeps their parts, and bills them, until somebody does. Whose an upload
 * is S3 does not tell, so `isOurs` must be sure by its key. That it cannot be done is a warning: no output of this job depends on it.
 *
 * @param isOurs whether only this program uploads to that key, and not now
 * @param silence milliseconds for which an upload must have got nothing; 0 when it is known that nobody goes on with any
 */
export async function abortAbandoned(
  client: S3Client,
  { Bucket, Key: Prefix }: Place,
  isOurs: (upload: MultipartUpload) => boolean,
  { log, now }: Effects,
  abortSignal: AbortSignal,
  silence = silentMs,
): Promise<void> {
  const silentSince = now().getTime() - silence;
  try {
    for await (const upload of uploadsUnder(client, { Bucket, Key: Prefix }, abortSignal)) {
      const { Key = '', UploadId } = upload;
      if (
        isOurs(upload) &&
        (silence === 0 || (await isSilentSince(silentSince, client, Bucket, upload, abortSignal)))
      ) {
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }), { abortSignal });
        log.info(`Removed the unfinished upload that a killed job left of s3://${Bucket}/${Key}`);
      }
    }
  } catch (error) {
    if (!abortSignal.aborted) {
      log.warn(`Could not remove what killed jobs may have left under s3://${Bucket}/${Prefix}: ${saysOf(error)}`);
    }
  }
}

/** The uploads under a prefix that were neither completed nor aborted. */
export async function* uploadsUnder(
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

/** Whether an upload was begun, or got its newest part, before a time (epoch milliseconds). One that ended meanwhile is not silent. */
async function isSilentSince(
  time: number,
  client: S3Client,
  Bucket: string,
  { Key, UploadId, Initiated }: MultipartUpload,
  abortSignal: AbortSignal,
): Promise<boolean> {
  // Those under way are not asked about: few are older.
  if (Initiated === undefined || Initiated.getTime() >= time) {
    return false;
  }
  try {
    // By hand: the SDK's own pages go on as long as there is a marker, which some servers send with the last page too.
    let page: ListPartsCommandOutput | undefined;
    do {
      const PartNumberMarker = page?.NextPartNumberMarker;
      page = await client.send(new ListPartsCommand({ Bucket, Key, UploadId, PartNumberMarker }), { abortSignal });
      if (page.Parts?.some(({ LastModified }) => LastModified === undefined || LastModified.getTime() >= time)) {
        return false;
      }
    } while (page.IsTruncated);
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchUpload') {
      return false;
    }
    throw error;
  }
}
