import { existsSync } from 'node:fs';
import type { TargetSettings } from '../config/sides.ts';
import type { Effects } from '../effects.ts';
import type { DiffSide } from '../report/diff.ts';

/** What says where runs are and how tables are named. */
export type SideFlags = Omit<TargetSettings, 'target'> & { readonly work: string };

/** As the folder of a run is named. */
const runId = /^\d{8}T\d{6}\.\d{3}Z-[0-9a-f]+$/;

/** Relations by what somebody wrote: the id of a run, a file, or the address of a table. */
export async function sideOf(text: string, flags: SideFlags, effects: Effects): Promise<DiffSide> {
  // A bare word that is no file was meant as a run: whoever names a file that is not there names its ending or folder.
  if (runId.test(text) || (/^[^./\\:]+$/.test(text) && text !== '-' && !existsSync(text))) {
    return { kind: 'run', work: flags.work, run: text };
  }
  const { targetFrom } = await import('../config/sides.ts');
  return await targetFrom({ ...flags, target: text }, effects);
}
