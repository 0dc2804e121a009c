import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, inject, vi } from 'vitest';
import { createBucket } from '../services/create-bucket.ts';
import type { S3Connection } from '../services/s3.ts';
import { s3Client } from '../services/s3-client.ts';

/** The S3 server, a client of it, the variables with which the SDK's own chain finds it, and a bucket of the test file that asks. */
export interface OwnBucket {
  readonly s3: S3Connection;
  readonly client: S3Client;
  readonly environment: Readonly<Record<string, string>>;
  /** Known once the tests run. */
  readonly bucket: string;
}

export function ownBucket(): OwnBucket {
  const s3 = inject('s3');
  const client = s3Client(s3);
  const environment = {
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
  let bucket = '';
  beforeAll(async () => {
    for (const [name, value] of Object.entries(environment)) {
      vi.stubEnv(name, value);
    }
    bucket = await createBucket(s3);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    client.destroy();
  });
  return {
    s3,
    client,
    environment,
    get bucket() {
      return bucket;
    },
  };
}
