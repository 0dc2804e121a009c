import { stat } from 'node:fs/promises';
import type { Effects } from '../../effects.ts';
import { listViews } from '../../tsv/list-views.ts';

/** Times that views grow when they are inflated: 4.3 for real ones; an assumption for others. */
const inflation = 4;

/**
 * About how many bytes of views there are, inflated.
 *
 * @returns `undefined` when not all of them are files of this machine
 * @throws ExpectedFailure when one of the locations does not exist
 */
export async function inputBytes(locations: readonly string[], effects: Effects): Promise<number | undefined> {
  if (locations.some((location) => location === '-' || location.includes('://'))) {
    return undefined;
  }
  let bytes = 0;
  for (const file of await listViews(locations, [], effects)) {
    // One that cannot be looked at will be found out when it is read.
    const stats = await stat(file).catch(() => undefined);
    if (!stats?.isFile()) {
      return undefined;
    }
    bytes += stats.size * (file.endsWith('.gz') ? inflation : 1);
  }
  return bytes;
}
