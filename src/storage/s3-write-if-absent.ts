import { setTimeout as sleep } from 'node:timers/promises';
import { HeadObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { Place } from './s3-address.ts';
import { metadataOf, sha256Of } from './s3-digest.ts';

/** How often a write is tried that S3 refuses because of another one at the same moment (409), and the first pause; each later one is twice as long. */
const tries = 6;
const pauseMs = 50;

/**
 * Writes an object in one request (at most 5 GB) unless there is one under its key.
 *
 * @returns false when there is one
 */
export async function putIfAbsent(
  client: S3Client,
  place: Place,
  content: Uint8Array,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const Metadata = metadataOf(content);
  for (let tried = 1; ; tried++) {
    try {
      await client.send(new PutObjectCommand({ ...place, Body: content, Metadata, IfNoneMatch: '*' }), { abortSignal });
      return true;
    } catch (error) {
      if (!(error instanceof S3ServiceException)) {
        throw error;
      }
      if (error.name === 'PreconditionFailed') {
        // The SDK repeats a request whose answer was lost: then what is in the way may be what we wrote.
        const mayBeOurs = tried > 1 || (error.$metadata.attempts ?? 1) > 1;
        return mayBeOurs && (await holds(client, place, Metadata, abortSignal));
      }
      if (error.name !== 'ConditionalRequestConflict' || tried === tries) {
        throw error;
      }
      await sleep(pauseMs << (tried - 1), undefined, { signal: abortSignal });
    }
  }
}

async function holds(
  client: S3Client,
  place: Place,
  metadata: Record<string, string>,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const { Metadata } = await client.send(new HeadObjectCommand(place), { abortSignal });
  return sha256Of(Metadata) === sha256Of(metadata);
}
