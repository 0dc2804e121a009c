import { PassThrough, Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
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

/** A peer that answers nothing for so long is away. An S3 server that completes a large upload takes minutes and says so only at its end. */
const answerMs = 60_000;
const uploadAnswerMs = 300_000;

/** How long the parts of an upload that was given up may still take to arrive, and then the request that removes them. */
const partsArriveMs = 2000;
const removePartsMs = 1000;

/** One client for a job: its connections are used again, and none that is idle keeps the process alive. */
const clients = new WeakMap<Effects, S3Client>();

function clientOf(effects: Effects): S3Client {
  let client = clients.get(effects);
  if (client === undefined) {
    // No `socketTimeout`: it would also end the body of a response that waits only because we are slow to read it.
    client = new S3Client({
      requestHandler: { connectionTimeout: 5000, requestTimeout: answerMs, throwOnRequestTimeout: true },
    });
    clients.set(effects, client);
  }
  return client;
}

/** Objects of S3. Region, credentials and endpoint (`AWS_ENDPOINT_URL_S3`) are found by the SDK's own chain. */
export function s3Storage(effects: Effects): Storage {
  /** The outcome of `work`; the reason of the signal once it is aborted, whatever that broke. */
  const translated = async <T>(
    doing: 'read' | 'write',
    location: string,
    work: (client: S3Client, place: Place) => Promise<T>,
  ): Promise<T> => {
    const place = parse(location);
    try {
      return await work(clientOf(effects), place);
    } catch (error) {
      effects.signal.throwIfAborted();
      throw s3Failure(doing, location, error);
    }
  };
  return {
    open: (location) => translated('read', location, (client, place) => openObject(client, place, location, effects)),
    create: (location) =>
      translated('write', location, async (client, place) => createObject(client, objectOf(place, location), location)),
    standsInFolder: async (location) => {
      objectOf(parse(location), location);
      return true;
    },
    list: (location) =>
      translated('read', location, async (client, place) =>
        place.Key !== '' && !place.Key.endsWith('/') ? [location] : await listPrefix(client, place, effects.signal),
      ),
    listFolders: (folder) =>
      translated('read', folder, async (client, { Bucket, Key }) =>
        listCommonPrefixes(client, { Bucket, Key: Key.replace(/\/*$/, '/').replace(/^\/$/, '') }, effects.signal),
      ),
    // S3 has no folders.
    makeFolder: async () => {},
    remove: (location) =>
      translated('write', location, async (client, place) => {
        await client.send(new DeleteObjectCommand(place), { abortSignal: effects.signal });
      }),
  };
}

async function openObject(client: S3Client, place: Place, location: string, effects: Effects): Promise<Readable> {
  const { Body } = await client.send(new GetObjectCommand(place), { abortSignal: effects.signal });
  if (!(Body instanceof Readable)) {
    throw new Error(`S3 sent no body for ${location}`);
  }
  return guarded(Body, location);
}

/** The same bytes, with the failures of a connection that breaks off or falls silent. */
function guarded(body: Readable, location: string): Readable {
  const stream = new PassThrough({ highWaterMark: 1 << 20 });
  const fail = (error: Error): void => {
    stream.destroy(
      new ExpectedFailure('unavailable', `Cannot read ${location}: ${error.message}`, {
        remedy: 'Check the endpoint and the network, then run the same command again.',
        cause: error,
      }),
    );
  };
  const silence = setTimeout(() => {
    // While nobody reads, it is not the peer that is silent.
    if (stream.writableNeedDrain) {
      silence.refresh();
    } else {
      fail(new Error(`no data for ${answerMs / 1000} s`));
    }
  }, answerMs);
  body.on('error', fail).on('data', () => silence.refresh());
  stream.once('close', () => {
    clearTimeout(silence);
    body.destroy();
  });
  return body.pipe(stream);
}

/** A multi-part upload: S3 shows nothing under the key before it is completed, and an aborted one leaves nothing. */
function createObject(client: S3Client, place: Place, location: string): PendingObject {
  const body = new PassThrough({ highWaterMark: 1 << 20 });
  const giveUp = new AbortController();
  // Upload passes no signal to its requests: this client adds it.
  const stoppable: S3Client = Object.create(client, {
    send: {
      value: (command: Parameters<S3Client['send']>[0]) =>
        client.send(command, {
          abortSignal:
            command instanceof AbortMultipartUploadCommand && giveUp.signal.aborted
              ? AbortSignal.timeout(removePartsMs)
              : giveUp.signal,
          requestTimeout: uploadAnswerMs,
        }),
    },
  });
  const upload = new Upload({
    client: stoppable,
    params: { ...place, Body: body },
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
      const timer = setTimeout(() => giveUp.abort(), partsArriveMs);
      await done;
      clearTimeout(timer);
    },
  };
}

/** The pages of what lies directly under a prefix. */
async function* pagesOf(
  client: S3Client,
  { Bucket, Key: Prefix }: Place,
  abortSignal: AbortSignal,
): AsyncGenerator<ListObjectsV2CommandOutput> {
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix, Delimiter: '/', ContinuationToken: token }),
      { abortSignal },
    );
    yield page;
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

async function listCommonPrefixes(client: S3Client, place: Place, signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  for await (const page of pagesOf(client, place, signal)) {
    found.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix.slice(place.Key.length, -1)));
  }
  return found.sort();
}

async function listPrefix(client: S3Client, place: Place, signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  for await (const page of pagesOf(client, place, signal)) {
    for (const { Key = '' } of page.Contents ?? []) {
      if (Key !== place.Key && !/^[._]/.test(Key.slice(place.Key.length))) {
        found.push(`s3://${place.Bucket}/${Key}`);
      }
    }
  }
  if (found.length === 0) {
    throw new ExpectedFailure('noInput', `Cannot read s3://${place.Bucket}/${place.Key}: the prefix holds no objects`, {
      remedy: 'Name the prefix that holds the views; names that begin with "." or "_" do not count.',
    });
  }
  return found.sort();
}

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

function parse(location: string): Place {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/is.exec(location);
  if (match?.[1] === undefined) {
    throw new ExpectedFailure('usage', `Cannot use ${location}: it is not an S3 address`, {
      remedy: 'Write s3://bucket/key.',
    });
  }
  return { Bucket: match[1], Key: match[2] ?? '' };
}

/** @throws ExpectedFailure when the place is a bucket or a prefix, under which nothing can be written */
function objectOf(place: Place, location: string): Place {
  if (place.Key === '' || place.Key.endsWith('/')) {
    throw new ExpectedFailure('usage', `Cannot write ${location}: it names no object`, {
      remedy: 'Write s3://bucket/key, with a key that does not end in "/".',
    });
  }
  return place;
}

function s3Failure(doing: 'read' | 'write', location: string, error: unknown): unknown {
  if (error instanceof ExpectedFailure) {
    return error;
  }
  const cannot = `Cannot ${doing} ${location}`;
  if (error instanceof S3ServiceException) {
    const status = error.$metadata.httpStatusCode ?? 0;
    if (error.name === 'NoSuchKey' || error.name === 'NotFound') {
      return new ExpectedFailure('noInput', `${cannot}: there is no such object`, {
        remedy: 'Check the key. To read all objects under a prefix, end it with "/".',
        cause: error,
      });
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
  if (error instanceof Error && /^(region is missing|region not accepted|invalid region)/i.test(error.message)) {
    return new ExpectedFailure('configuration', `${cannot}: ${error.message}`, {
      remedy: 'Set AWS_REGION to the name of a region.',
      cause: error,
    });
  }
  if (errorCode(error) !== undefined || (error instanceof Error && error.name === 'TimeoutError')) {
    return new ExpectedFailure('unavailable', `${cannot}: ${messageOf(error)}`, {
      remedy: 'Check the endpoint and the network.',
      cause: error,
    });
  }
  return error;
}
