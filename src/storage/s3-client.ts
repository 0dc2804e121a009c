import { S3Client } from '@aws-sdk/client-s3';
import pLimit, { type LimitFunction } from 'p-limit';
import type { Effects } from '../effects.ts';
import { endSilence } from './s3-silence.ts';

/** A peer that answers nothing for so long is away. */
const answerMs = 60_000;

/**
 * Parts of objects that are fetched before they are asked for, of all objects that a job reads: 6 of 8 MiB are 48 MiB. It pays where a
 * connection is what limits: of 60 MB/s each, 160 MB/s. To a server on the same machine one connection is a third faster.
 */
const partsAhead = 6;

/** What a job reaches S3 with. */
export interface S3Connection {
  readonly client: S3Client;
  /** Bounds what is read ahead. */
  readonly ahead: LimitFunction;
}

const connections = new WeakMap<Effects, S3Connection>();

/**
 * One client for a job: its connections are used again, and none that is idle keeps the process alive. Endpoint, path style and region
 * are those of `effects.s3`; what it leaves out, and credentials, are found by the SDK's own chain.
 */
export function connectionOf(effects: Effects): S3Connection {
  let connection = connections.get(effects);
  if (connection === undefined) {
    const { endpoint, pathStyle, region } = effects.s3 ?? {};
    const client = new S3Client({
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
      ...(pathStyle === undefined ? {} : { forcePathStyle: pathStyle }),
      requestHandler: { connectionTimeout: 5000, requestTimeout: answerMs, throwOnRequestTimeout: true },
    });
    endSilence(client);
    connection = { client, ahead: pLimit(partsAhead) };
    connections.set(effects, connection);
  }
  return connection;
}
