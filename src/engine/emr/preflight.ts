import { DescribeReleaseLabelCommand } from '@aws-sdk/client-emr';
import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { bucketRegion } from '../../storage/s3-tree.ts';
import type { EmrApi } from './emr-api.ts';
import { describeCluster, isLive, listLiveClusters } from './emr-queries.ts';
import type { EmrPlace } from './emr-settings.ts';

/**
 * Looks, before anything is uploaded or started, whether the buckets are there and in the cluster's region, and whether EMR answers and knows
 * what it will be asked for.
 *
 * @param views addresses of views on S3
 * @throws ExpectedFailure when the job could not run
 */
export async function preflight(
  emr: EmrApi,
  place: EmrPlace,
  views: readonly string[],
  effects: Effects,
): Promise<void> {
  for (const location of [place.logUri, place.staging, ...views]) {
    const region = await bucketRegion(location, effects);
    if (region !== undefined && region !== place.region) {
      throw new ExpectedFailure(
        'configuration',
        `Cannot use ${location}: its bucket is in ${region}, and the cluster would run in ${place.region}`,
        { remedy: `Set --emr-region ${region}, or use a bucket in ${place.region}.` },
      );
    }
  }
  if (place.sharedCluster === undefined) {
    // With these, leftovers of the run are found at its end.
    await listLiveClusters(emr);
    await emr.call('DescribeReleaseLabel', (client, options) =>
      client.send(new DescribeReleaseLabelCommand({ ReleaseLabel: place.nodes.release }), options),
    );
  } else {
    const { Status } = await describeCluster(emr, place.sharedCluster);
    if (!isLive(Status?.State)) {
      throw new ExpectedFailure(
        'configuration',
        `Cannot use the cluster ${place.sharedCluster}: it is ${Status?.State}, ${Status?.StateChangeReason?.Message ?? 'and takes no steps'}`,
        { remedy: 'Name a running one with --emr-cluster, or leave that out to start one for the job.' },
      );
    }
  }
}
