import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { Transform } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type MultipartUpload,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { Effects } from '../effects.ts';
import { messageOf } from '../failure.ts';
import { outlasting } from '../outlasting.ts';
import { abortAbandoned } from './s3-abandoned.ts';
import type { Place } from './s3-address.ts';
import { base64OfCrc32, metadataOf } from './s3-digest.ts';
import { s3Failure } from './s3-failure.ts';
import { keepSha256 } from './s3-keep-sha256.ts';
import { workMs } from './s3-silence.ts';
import type { PendingObject } from './storage.ts';

/** 10,000 parts of 16 MiB hold 156 GiB; four in flight keep 64 MiB in memory. */
const partBytes = 16 << 20;
const partsInFlight = 4;

/**
 * How long the parts of an upload that was given up may still take to arrive: less when the job was told to stop, since whoever said so expects an
 * end soon. And then the request that removes them.
 */
const partsArriveMs = 30_000;
const partsArriveSoonMs = 2000;
const removePartsMs = 1000;

/**
 * A multi-part upload: S3 shows nothing under the key before it is completed, and an aborted one leaves nothing. What is no longer than a
 * part is sent in one request. S3 refuses what does not arrive as it was written, each request and the whole (s3-digest.ts). `commit` ends
 * once its SHA-256 is kept with it.
 */
export function createObject(client: S3Client, place: Place, location: string, effects: Effects): PendingObject {
  let crc = 0;
  let bytes = 0;
  const sha256 = createHash('sha256');
  const body = new Transform({
    highWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, callback) {
      crc = crc32(chunk, crc);
      sha256.update(chunk);
      bytes += chunk.length;
      callback(null, chunk);
    },
  });
  const giveUp = new AbortController();
  // Every part under way listens, more than once.
  setMaxListeners(0, giveUp.signal);
  let tidying: Promise<void> | undefined;
  let inParts = false;
  type Command = Parameters<S3Client['send']>[0];
  const prepare = (command: Command): void => {
    if (command instanceof PutObjectCommand && command.input.Body instanceof Uint8Array) {
      command.input.Metadata = metadataOf(sha256.digest('hex'));
    } else if (command instanceof CompleteMultipartUploadCommand) {
      command.input.ChecksumCRC32 = base64OfCrc32(crc);
      inParts = true;
    }
  };
  // Upload passes no signal to its requests, and knows no digests: this client adds them.
  const stoppable: S3Client = Object.create(client, {
    send: {
      value: async (command: Command) => {
        prepare(command);
        const answer = await client.send(command, {
          abortSignal:
            command instanceof AbortMultipartUploadCommand && giveUp.signal.aborted
              ? AbortSignal.timeout(removePartsMs)
              : giveUp.signal,
          ...(command instanceof CompleteMultipartUploadCommand ? { requestTimeout: workMs } : {}),
        });
        if (command instanceof CreateMultipartUploadCommand && 'UploadId' in answer) {
          const isOld = ({ Key, UploadId }: MultipartUpload): boolean =>
            Key === place.Key && UploadId !== answer.UploadId;
          tidying = abortAbandoned(client, place, isOld, effects, giveUp.signal);
        }
        return answer;
      },
    },
  });
  const upload = new Upload({
    client: stoppable,
    params: { ...place, Body: body, ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' },
    partSize: partBytes,
    queueSize: partsInFlight,
  });
  // Started at once so that the body is consumed; a failure is kept for commit and ends the writing stream.
  let failure: unknown;
  const done = upload.done().catch((error: unknown) => {
    failure = s3Failure('write', location, error);
    body.destroy(failure instanceof Error ? failure : new Error(messageOf(failure)));
    return undefined;
  });
  return {
    stream: body,
    commit: async () => {
      const uploaded = await done;
      if (uploaded === undefined) {
        throw failure;
      }
      await tidying;
      if (inParts) {
        const written = { ...place, ETag: uploaded.ETag ?? '', bytes, crc32: base64OfCrc32(crc) };
        await keepSha256(client, written, sha256.digest('hex'), location, effects.log, giveUp.signal);
      }
    },
    // Upload.abort() does not wait for parts under way, whose arrival brings the upload back; after an error of its body it does.
    abort: async () => {
      body.destroy(new Error('The upload was given up'));
      const { own, endIn, done: arrived } = outlasting(effects, partsArriveSoonMs);
      own.signal.addEventListener('abort', () => giveUp.abort());
      endIn(partsArriveMs);
      await done;
      arrived();
      giveUp.abort();
    },
  };
}
