import type { Effects } from '../../effects.ts';
import { runTag, toolTag } from './cluster-request.ts';
import { EmrApi } from './emr-api.ts';
import { describeCluster, listLiveClusters } from './emr-queries.ts';

/** A cluster that this tool started and that is up. */
export interface OwnCluster {
  readonly id: string;
  readonly state: string;
  readonly run: string;
  /** Since when. */
  readonly created: Date;
  /** What Amazon counts for it so far: hours of an m1.small. */
  readonly normalizedInstanceHours: number;
}

/** The clusters of this tool that are up in a region, newest first. */
export async function listOwnClusters(region: string, effects: Effects): Promise<OwnCluster[]> {
  const emr = new EmrApi(region, effects);
  const found: OwnCluster[] = [];
  for (const { Id = '' } of await listLiveClusters(emr)) {
    const cluster = await describeCluster(emr, Id);
    const tag = (name: string): string | undefined => cluster.Tags?.find(({ Key }) => Key === name)?.Value;
    if (tag(toolTag) !== undefined) {
      found.push({
        id: Id,
        state: cluster.Status?.State ?? '',
        run: tag(runTag) ?? '',
        created: cluster.Status?.Timeline?.CreationDateTime ?? new Date(0),
        normalizedInstanceHours: cluster.NormalizedInstanceHours ?? 0,
      });
    }
  }
  return found;
}
