import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import type { Place } from './s3-address.ts';
import type { S3Connection } from './s3-client.ts';
import { s3Failure } from './s3-failure.ts';
import type { SeekableObject } from './storage.ts';

/**
 * An object for reading at any place, one request each. One that is replaced meanwhile is a failure, never a mixture.
 *
 * @throws what the SDK reports when there is no such object; a read throws ExpectedFailure
 */
export async function seekObject(
  { client }: S3Connection,
  place: Place,
  location: string,
  signal: AbortSignal,
): Promise<SeekableObject> {
  const { ContentLength: size = 0, ETag } = await client.send(new HeadObjectCommand(place), { abortSignal: signal });
  return {
    size,
    read: async (from, to) => {
      const end = Math.min(to, size);
      if (end <= from) {
        return Buffer.alloc(0);
      }
      try {
        const range = { ...place, IfMatch: ETag, Range: `bytes=${from}-${end - 1}` };
        const { Body } = await client.send(new GetObjectCommand(range), { abortSignal: signal });
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      } catch (error) {
        signal.throwIfAborted();
        throw s3Failure('read', location, error);
      }
    },
    close: async () => {},
  };
}
