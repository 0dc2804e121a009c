import {
  DeleteObjectsCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { placeOf } from './s3-address.ts';
import { connectionOf } from './s3-client.ts';
import { s3Failure } from './s3-failure.ts';

/** An object somewhere under a prefix. */
export interface TreeObject {
  readonly location: string;
  readonly bytes: number;
  /** Changes when the object does. */
  readonly etag: string;
}

/** All objects under a prefix, however deep, in key order. */
export async function* listTree(prefix: string, effects: Effects): AsyncGenerator<TreeObject> {
  const { Bucket, Key: Prefix } = placeOf(prefix);
  let token: string | undefined;
  do {
    const page = await attempt('read', prefix, effects, () =>
      connectionOf(effects).client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken: token }), {
        abortSignal: effects.signal,
      }),
    );
    for (const { Key = '', Size = 0, ETag = '' } of page.Contents ?? []) {
      yield { location: `s3://${Bucket}/${Key}`, bytes: Size, etag: ETag };
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

/** DeleteObjects takes so many keys at once. */
const keysAtOnce = 1000;

/** Deletes the objects under a prefix, all or those that are `wanted`; it is no error when there are none. */
export async function removeTree(
  prefix: string,
  effects: Effects,
  wanted: (key: string) => boolean = () => true,
): Promise<void> {
  const keys: string[] = [];
  for await (const { location } of listTree(prefix, effects)) {
    const { Key } = placeOf(location);
    if (wanted(Key)) {
      keys.push(Key);
    }
  }
  const { Bucket } = placeOf(prefix);
  for (let at = 0; at < keys.length; at += keysAtOnce) {
    const Objects = keys.slice(at, at + keysAtOnce).map((Key) => ({ Key }));
    const { Errors = [] } = await attempt('write', prefix, effects, () =>
      connectionOf(effects).client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }), {
        abortSignal: effects.signal,
      }),
    );
    const [error] = Errors;
    if (error !== undefined) {
      const kind = error.Code === 'AccessDenied' ? 'noPermission' : 'unavailable';
      throw new ExpectedFailure(kind, `Cannot delete s3://${Bucket}/${error.Key}: ${error.Code}: ${error.Message}`);
    }
  }
}

/** The size of an object in bytes, or `undefined` when there is none. */
export async function sizeOf(location: string, effects: Effects): Promise<number | undefined> {
  return await attempt('read', location, effects, async () => {
    try {
      const head = await connectionOf(effects).client.send(new HeadObjectCommand(placeOf(location)), {
        abortSignal: effects.signal,
      });
      return head.ContentLength;
    } catch (error) {
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) {
        return undefined;
      }
      throw error;
    }
  });
}

/**
 * Looks whether the bucket of a location is there and may be listed.
 *
 * @returns the region that it is in, or `undefined` when the server does not say
 * @throws ExpectedFailure when there is no such bucket, and when it is another account's
 */
export async function bucketRegion(location: string, effects: Effects): Promise<string | undefined> {
  const { Bucket } = placeOf(location);
  try {
    const head = await connectionOf(effects).client.send(new HeadBucketCommand({ Bucket }), {
      abortSignal: effects.signal,
    });
    return head.BucketRegion;
  } catch (error) {
    effects.signal.throwIfAborted();
    const region = error instanceof S3ServiceException ? error.$response?.headers['x-amz-bucket-region'] : undefined;
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    // To a request that is signed for another region S3 answers with either.
    if ((status === 301 || status === 400) && region !== undefined) {
      return region;
    }
    // The answer to HEAD has no body that says why.
    if (status === 404) {
      throw new ExpectedFailure('configuration', `Cannot use ${location}: there is no bucket ${Bucket}`, {
        remedy: 'Create it, or name another one.',
        cause: error,
      });
    }
    if (status === 403) {
      throw new ExpectedFailure('noPermission', `Cannot use ${location}: access to the bucket ${Bucket} is denied`, {
        remedy: 'Allow s3:ListBucket on it to this user or role.',
        cause: error,
      });
    }
    throw s3Failure('read', location, error);
  }
}

async function attempt<T>(
  doing: 'read' | 'write',
  location: string,
  effects: Effects,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    effects.signal.throwIfAborted();
    throw s3Failure(doing, location, error);
  }
}
