import { S3Client } from '@aws-sdk/client-s3';
import type { S3Connection } from './s3.ts';

/** A client of the S3 server. The caller destroys it. */
export function s3Client({ endpoint, region, accessKeyId, secretAccessKey }: S3Connection): S3Client {
  return new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
}
