import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, inject } from 'vitest';
import { createBucket } from '../create-bucket.ts';
import { s3Client } from '../s3-client.ts';

/** A new bucket's objects, for tests that look at a few small ones. */
export interface S3Files {
  readonly bucket: string;
  put(key: string, text: string): Promise<void>;
  /** The object's text, without its gzip when its name says so. */
  get(key: string): Promise<string>;
  keys(prefix: string): Promise<string[]>;
}

/** @returns a function that makes a bucket */
export function s3ForThisFile(): () => Promise<S3Files> {
  const connection = inject('s3');
  const client = s3Client(connection);
  afterAll(() => client.destroy());
  return async () => {
    const Bucket = await createBucket(connection);
    return {
      bucket: Bucket,
      async put(Key, Body) {
        await client.send(new PutObjectCommand({ Bucket, Key, Body }));
      },
      async get(Key) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
        return (Key.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
      },
      async keys(Prefix) {
        const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
        return Contents.map(({ Key = '' }) => Key);
      },
    };
  };
}
