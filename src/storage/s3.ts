import { PassThrough, Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode, messageOf } from '../failure.ts';
import type { PendingObject, Storage } from './storage.ts';

/** 10,000 parts of 16 MiB hold 156 GiB; four in flight keep 64 MiB in memory. */
const partBytes = 16 << 20;
const partsInFlight = 4;

/** Objects of S3. Region, credentials and endpoint (`AWS_ENDPOINT_URL_S3`) are found by the SDK's own chain. */
export function s3Storage(effects: Effects): Storage {
  const client = new S3Client({});
  return {
    open: async (location) => {
      const { Bucket, Key } = parse(location);
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }), { abortSignal: effects.signal });
        if (!(Body instanceof Readable)) {
          throw new Error(`S3 sent no body for ${location}`);
        }
        return Body;
      } catch (error) {
        throw s3Failure('read', location, error);
      }
    },
    create: async (location) => createObject(client, location),
    list: async (location) => {
      const { Bucket, Key } = parse(location);
      if (Key !== '' && !Key.endsWith('/')) {
        return [location];
      }
      try {
        return await listPrefix(client, Bucket, Key);
      } catch (error) {
        throw s3Failure('read', location, error);
      }
    },
    listFolders: async (folder) => {
      const { Bucket, Key } = parse(folder);
      try {
        return await listCommonPrefixes(client, Bucket, Key.replace(/\/*$/, '/').replace(/^\/$/, ''));
      } catch (error) {
        throw s3Failure('read', folder, error);
      }
    },
    // S3 has no folders.
    makeFolder: async () => {},
    remove: async (location) => {
      try {
        await client.send(new DeleteObjectCommand(parse(location)));
      } catch (error) {
        throw s3Failure('write', location, error);
      }
    },
  };
}

/** A multi-part upload: S3 shows nothing under the key before it is completed, and an aborted one leaves nothing. */
function createObject(client: S3Client, location: string): PendingObject {
  const body = new PassThrough({ highWaterMark: 1 << 20 });
  const { Bucket, Key } = parse(location);
  const upload = new Upload({
    client,
    params: { Bucket, Key, Body: body },
    partSize: partBytes,
    queueSize: partsInFlight,
  });
  // Started at once so that the body is consumed; a failure is kept for commit and ends the writing stream.
  const done = upload.done().then(
    () => undefined,
    (error: unknown) => {
      const failure = s3Failure('write', location, error);
      body.destroy(failure instanceof Error ? failure : new Error(messageOf(failure)));
      return failure;
    },
  );
  return {
    stream: body,
    commit: async () => {
      const failure = await done;
      if (failure !== undefined) {
        throw failure;
      }
    },
    // Upload.abort() does not wait for parts under way, whose arrival brings the upload back; after an error of its body it does.
    abort: async () => {
      body.destroy(new Error('The upload was given up'));
      await done;
    },
  };
}

/** The pages of what lies directly under a prefix. */
async function* pagesOf(client: S3Client, bucket: string, prefix: string): AsyncGenerator<ListObjectsV2CommandOutput> {
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: '/', ContinuationToken: token }),
    );
    yield page;
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

async function listCommonPrefixes(client: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const page of pagesOf(client, bucket, prefix)) {
    found.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix.slice(prefix.length, -1)));
  }
  return found.sort();
}

async function listPrefix(client: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const page of pagesOf(client, bucket, prefix)) {
    for (const { Key = '' } of page.Contents ?? []) {
      if (Key !== prefix && !/^[._]/.test(Key.slice(prefix.length))) {
        found.push(`s3://${bucket}/${Key}`);
      }
    }
  }
  if (found.length === 0) {
    throw new ExpectedFailure('noInput', `Cannot read s3://${bucket}/${prefix}: the prefix holds no objects`, {
      remedy: 'Name the prefix that holds the views; names that begin with "." or "_" do not count.',
    });
  }
  return found.sort();
}

function parse(location: string): { Bucket: string; Key: string } {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(location);
  if (match?.[1] === undefined) {
    throw new ExpectedFailure('usage', `Cannot use ${location}: it is not an S3 address`, {
      remedy: 'Write s3://bucket/key.',
    });
  }
  return { Bucket: match[1], Key: match[2] ?? '' };
}

function s3Failure(doing: 'read' | 'write', location: string, error: unknown): unknown {
  if (error instanceof ExpectedFailure) {
    return error;
  }
  const cannot = `Cannot ${doing} ${location}`;
  if (error instanceof S3ServiceException) {
    const status = error.$metadata.httpStatusCode ?? 0;
    if (error.name === 'NoSuchKey' || error.name === 'NotFound') {
      return new ExpectedFailure('noInput', `${cannot}: there is no such object`, { cause: error });
    }
    if (error.name === 'NoSuchBucket') {
      return new ExpectedFailure(doing === 'read' ? 'noInput' : 'cannotCreate', `${cannot}: there is no such bucket`, {
        cause: error,
      });
    }
    if (status === 401 || status === 403) {
      return new ExpectedFailure('noPermission', `${cannot}: ${error.name}: ${error.message}`, {
        remedy: `Check the AWS credentials and that they allow to ${doing} this object.`,
        cause: error,
      });
    }
    return new ExpectedFailure('unavailable', `${cannot}: ${error.name}: ${error.message}`, { cause: error });
  }
  if (error instanceof Error && error.name === 'CredentialsProviderError') {
    return new ExpectedFailure('noPermission', `${cannot}: no AWS credentials were found`, {
      remedy: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role.',
      cause: error,
    });
  }
  if (error instanceof Error && /^region (is missing|not accepted)/i.test(error.message)) {
    return new ExpectedFailure('configuration', `${cannot}: no AWS region is set`, {
      remedy: 'Set AWS_REGION.',
      cause: error,
    });
  }
  if (errorCode(error) !== undefined) {
    return new ExpectedFailure('unavailable', `${cannot}: ${messageOf(error)}`, {
      remedy: 'Check the endpoint and the network.',
      cause: error,
    });
  }
  return error;
}
