import { randomBytes } from 'node:crypto';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import type { S3Connection } from './s3.ts';
import { s3Client } from './s3-client.ts';

/** The name of a new, empty bucket: tests that run at once share the server, not their objects. */
export async function createBucket(connection: S3Connection): Promise<string> {
  const client = s3Client(connection);
  try {
    const bucket = `test-${randomBytes(6).toString('hex')}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    return bucket;
  } finally {
    client.destroy();
  }
}
