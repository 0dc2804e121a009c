import path from 'node:path';
import type { Effects, Related } from 'also-viewed';
import { defaultEffects } from '#dist/default-effects.js';
import type { RelateJob } from '#dist/engine/engine.js';
import { localEngine } from '#dist/engine/local/local-engine.js';
import { RejectedRows } from '#dist/tsv/rejected-rows.js';

type Bounds = Pick<RelateJob, 'memory' | 'threads'> & Partial<RelateJob>;

/** A job of the local engine that relates a file to `r.tsv` of a folder. */
export function localJob(file: string, folder: string, bounds: Bounds, effects: Effects): RelateJob {
  const out = path.join(folder, 'r.tsv');
  return {
    run: { id: 'r', resumed: false, resumable: false },
    views: { locations: [file], columns: { path: 'path_id', product: 'product_id' } },
    out,
    format: 'tsv',
    rejected: RejectedRows.beside(out, effects),
    tempDir: folder,
    ids: 'auto',
    score: 'weight',
    pathCounts: undefined,
    top: Number.POSITIVE_INFINITY,
    minWeight: 1,
    maxPathProducts: Number.POSITIVE_INFINITY,
    targets: undefined,
    cluster: { reducers: undefined, queue: undefined, nodeArchive: undefined, properties: [] },
    emr: {},
    ...bounds,
  };
}

/** Relates below the memory that the command line accepts, so that little data does not fit either. */
export async function relateWithin(
  file: string,
  folder: string,
  bounds: Bounds,
  given: Partial<Effects> = {},
): Promise<Related> {
  const effects = defaultEffects(given);
  return await localEngine.relate(localJob(file, folder, bounds, effects), effects);
}
