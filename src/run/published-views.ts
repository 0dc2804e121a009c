import type { Effects } from '../effects.ts';
import type { Figure, Manifest } from './manifest.ts';
import { relateCounts } from './relate-counts.ts';
import { recorded } from './run-record.ts';
import { runsOf } from './runs.ts';

/**
 * The views behind the relations that a target holds: those of the newest successful run to it in the work folder, or of the run that it rolled
 * back to; `undefined` when none is known.
 *
 * @param parameters those of the run that is about to publish, which name the target
 */
export async function publishedViews(
  work: string,
  parameters: Readonly<Record<string, Figure>>,
  effects: Effects,
): Promise<number | undefined> {
  // It is older than the rollback, and may be gone.
  let rolledBackTo: string | undefined;
  for await (const { manifest } of runsOf(work, undefined, effects)) {
    const { run, state, rollbackOf } = manifest;
    if (rolledBackTo === undefined ? state === 'succeeded' && sameTarget(manifest, parameters) : run === rolledBackTo) {
      if (rollbackOf === undefined) {
        return relateCounts(manifest).views;
      }
      rolledBackTo = rollbackOf;
    }
  }
  return undefined;
}

/** Whether a run published to the target that these parameters name. */
export function sameTarget(manifest: Manifest, parameters: Readonly<Record<string, Figure>>): boolean {
  // An address may name a secret, which no manifest shows.
  const now = recorded(parameters);
  return ['target', 'target-table'].every((name) => manifest.parameters[name] === now[name]);
}
