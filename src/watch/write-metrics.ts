import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Effects } from '../effects.ts';
import { errorCode, fileFailure, messageOf } from '../failure.ts';
import { targetOf } from '../storage/local-target.ts';
import { removeOldTemporaries, temporaryName } from '../storage/local-temporaries.ts';
import { formatMetrics } from './metrics.ts';
import type { Outcome } from './outcome.ts';
import type { WatchSettings } from './watched.ts';

/**
 * Writes the metrics of a run to a file of this machine. Who reads it sees the old metrics or the new ones. That it cannot be written is a
 * warning: the run is not worse for it.
 *
 * From reading the old ones to renaming the new ones all is synchronous, so that runs that end at once do not lose each other's success.
 */
export async function writeMetrics(
  { metrics: file, store }: Pick<WatchSettings, 'store'> & { readonly metrics: string },
  outcome: Outcome,
  effects: Effects,
): Promise<void> {
  try {
    const { path: target } = await targetOf(file);
    await removeOldTemporaries(target, effects);
    // Its name ends in .tmp: node_exporter reads what ends in .prom.
    const temporary = temporaryName(target, effects);
    try {
      writeFileSync(temporary, formatMetrics(outcome, store, oldMetrics(target)), { flag: 'wx' });
      // For the user of node_exporter, whatever the umask of the job is.
      chmodSync(temporary, 0o644);
      renameSync(temporary, target);
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch (error) {
    effects.log.warn(`Could not write the metrics: ${messageOf(fileFailure('write', file, error))}`);
  }
}

function oldMetrics(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return '';
    }
    throw error;
  }
}
