import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Place } from './s3-address.ts';
import { metadataOf, sha256Of } from './s3-digest.ts';
import type { Version } from './storage.ts';

/** How often a write is tried that S3 refuses because of another one at the same moment (409), and the first pause; each later one is twice as long. */
const tries = 6;
const pauseMs = 50;

/** In which state of an object S3 is to write it; otherwise it answers 412, or 404 when there is no object. */
type Condition = { readonly IfNoneMatch: '*' } | { readonly IfMatch: string };

/**
 * Writes an object in one request (at most 5 GB) if it is in a certain state.
 *
 * @returns its ETag; `undefined` when it is in another state
 */
export async function putIf(
  client: S3Client,
  place: Place,
  content: Uint8Array,
  condition: Condition,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  const Metadata = metadataOf(createHash('sha256').update(content).digest('hex'));
  for (let tried = 1; ; tried++) {
    try {
      const { ETag } = await client.send(new PutObjectCommand({ ...place, Body: content, Metadata, ...condition }), {
        abortSignal,
      });
      return ETag ?? '';
    } catch (error) {
      if (isOtherState(error)) {
        // The SDK repeats a request whose answer was lost: then what is in the way may be what we wrote.
        const mayBeOurs = tried > 1 || (error.$metadata.attempts ?? 1) > 1;
        return mayBeOurs ? await etagIfIs(client, place, Metadata, abortSignal) : undefined;
      }
      if (!(error instanceof S3ServiceException && error.name === 'ConditionalRequestConflict') || tried === tries) {
        throw error;
      }
      await sleep(pauseMs << (tried - 1), undefined, { signal: abortSignal });
    }
  }
}

/** The ETag of an object if it is the one with this metadata. */
export async function etagIfIs(
  client: S3Client,
  place: Place,
  metadata: Record<string, string>,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { Metadata, ETag = '' } = await client.send(new HeadObjectCommand(place), { abortSignal });
    return sha256Of(Metadata) === sha256Of(metadata) ? ETag : undefined;
  } catch (error) {
    if (isOtherState(error)) {
      return undefined;
    }
    throw error;
  }
}

/** The content of an object, and its ETag as its version; `undefined` when there is none. */
export async function getVersion(
  client: S3Client,
  place: Place,
  abortSignal: AbortSignal,
): Promise<Version | undefined> {
  try {
    const { Body, ETag = '' } = await client.send(new GetObjectCommand(place), { abortSignal });
    return { content: Body instanceof Readable ? await buffer(Body) : Buffer.alloc(0), version: ETag };
  } catch (error) {
    if (isOtherState(error)) {
      return undefined;
    }
    throw error;
  }
}

/** Deletes an object if it has that ETag: whether it is gone, by us or by somebody else. */
export async function deleteIf(
  client: S3Client,
  place: Place,
  etag: string,
  abortSignal: AbortSignal,
): Promise<boolean> {
  try {
    await client.send(new DeleteObjectCommand({ ...place, IfMatch: etag }), { abortSignal });
    return true;
  } catch (error) {
    if (isOtherState(error)) {
      return error.name !== 'PreconditionFailed';
    }
    throw error;
  }
}

/** Whether S3 says that an object is not the one that was meant, or not there. */
export function isOtherState(error: unknown): error is S3ServiceException {
  return (
    error instanceof S3ServiceException &&
    ['PreconditionFailed', 'NoSuchKey', 'NoSuchUpload', 'NotFound'].includes(error.name)
  );
}
