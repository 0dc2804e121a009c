import type { S3Connection } from './s3.ts';

/** Hadoop's settings for `s3a://` and, as Amazon EMR has them, `s3://` addresses on the S3 server. */
export function hadoopS3Properties(s3: S3Connection): Record<string, string> {
  return {
    'fs.s3.impl': 'org.apache.hadoop.fs.s3a.S3AFileSystem',
    'fs.s3a.endpoint': s3.endpoint,
    'fs.s3a.endpoint.region': s3.region,
    'fs.s3a.path.style.access': 'true',
    'fs.s3a.connection.ssl.enabled': 'false',
    'fs.s3a.access.key': s3.accessKeyId,
    'fs.s3a.secret.key': s3.secretAccessKey,
    'fs.s3a.aws.credentials.provider': 'org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider',
  };
}
