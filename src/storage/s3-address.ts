import { ExpectedFailure } from '../failure.ts';

/** A bucket, and a key or the prefix of keys in it; named as the SDK's commands name them. */
export interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

/** @throws ExpectedFailure `usage` when it is no S3 address */
export function placeOf(location: string): Place {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/is.exec(location);
  if (match?.[1] === undefined) {
    throw new ExpectedFailure('usage', `Cannot use ${location}: it is not an S3 address`, {
      remedy: 'Write s3://bucket/key.',
    });
  }
  return { Bucket: match[1], Key: match[2] ?? '' };
}

/** @throws ExpectedFailure `usage` when the place is a bucket or a prefix */
export function objectOf(place: Place, location: string): Place {
  if (place.Key === '' || place.Key.endsWith('/')) {
    throw new ExpectedFailure('usage', `Cannot use ${location}: it names no object`, {
      remedy: 'Name s3://bucket/key, with a key that does not end in "/".',
    });
  }
  return place;
}
