import { invalidRequest } from './refusal.ts';

/** Entries on a page of ListSteps and ListClusters, as documented. */
const pageLength = 50;

/** The page that `marker` asks for, and the marker of the next one; the last page has none. */
export function page<T>(all: readonly T[], marker: string | undefined): { entries: T[]; marker?: string } {
  const decoded = marker === undefined ? 'page:0' : Buffer.from(marker, 'base64').toString('latin1');
  const number = /^page:(\d+)$/.exec(decoded)?.[1];
  if (number === undefined) throw invalidRequest(`Marker '${marker}' is not valid.`);
  const start = Number(number);
  const entries = all.slice(start, start + pageLength);
  const next = start + pageLength;
  return next < all.length ? { entries, marker: Buffer.from(`page:${next}`).toString('base64') } : { entries };
}
