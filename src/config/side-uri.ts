import { ExpectedFailure } from '../failure.ts';
import { objectOf, placeOf } from '../storage/s3-address.ts';

export type Side = 'source' | 'target';

/** What each side may be. */
export const sideForms: Readonly<Record<Side, string>> = {
  source: 'mysql://user@host/database or a file of views',
  target: 'mysql://user@host/database or a file',
};

/**
 * The URI of a side, its scheme in the letter case that everything behind takes; what follows that of a database is not looked at.
 *
 * @throws ExpectedFailure when it is neither a location nor the address of a database
 */
export function sideUri(side: Side, uri: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'mysql' && scheme !== 's3') {
    // The URI is not repeated: it may hold a password.
    throw new ExpectedFailure('usage', `Cannot use the ${side}: ${scheme}:// is not known`, {
      remedy: `Name ${sideForms[side]}, or s3://bucket/key.`,
    });
  }
  if (scheme === 's3') {
    const place = placeOf(uri);
    if (side === 'target') {
      objectOf(place, uri);
    }
  }
  return scheme === 'mysql' ? uri.replace(/^mysql/i, 'mysql') : uri;
}
