import { ListObjectsV2Command, type ListObjectsV2CommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { ExpectedFailure } from '../failure.ts';
import type { Place } from './s3-address.ts';

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

/** The names of the folders directly under a prefix, in name order. */
export async function listCommonPrefixes(client: S3Client, place: Place, signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  for await (const page of pagesOf(client, place, signal)) {
    found.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix.slice(place.Key.length, -1)));
  }
  return found.sort();
}

/** The addresses of the objects directly under a prefix, in name order. */
export async function listPrefix(client: S3Client, place: Place, signal: AbortSignal): Promise<string[]> {
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
      remedy: 'Name a prefix with objects directly under it; names that begin with "." or "_" do not count.',
    });
  }
  return found.sort();
}
