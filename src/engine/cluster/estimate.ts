import { busyShare, fixedSeconds, rates } from './rates.ts';

/** What is known of the views beforehand. */
export interface ClusterTask {
  /** Distinct views. */
  readonly views: number;
  /** The sum of n(n−1) over the paths of n products: Σ n² less the views. */
  readonly pairs: number;
  /** Cores of the nodes that run tasks. */
  readonly cores: number;
}

export interface ClusterEstimate {
  /** Seconds of one core, all tasks together. */
  readonly coreSeconds: number;
  /** Bytes between the map and the reduce of both phases. */
  readonly shuffleBytes: number;
  /** Seconds from the first phase's start to the second one's end; the start of a cluster and the last merge are not in it. */
  readonly wallSeconds: number;
}

/** The model of docs/scaling.md. No better than its rates: take it for the order of magnitude. */
export function estimateCluster({ views, pairs, cores }: ClusterTask): ClusterEstimate {
  const stripes = pairs * rates.stripeBytes;
  const pairsPhase = views / rates.mappedViews + views * rates.viewShuffle + pairs / rates.relatedPairs;
  const weightsPhase = stripes * rates.stripeShuffle + stripes / rates.addedBytes;
  const coreSeconds = pairsPhase + weightsPhase;
  return {
    coreSeconds,
    shuffleBytes: views * rates.viewBytes + stripes,
    wallSeconds: fixedSeconds + coreSeconds / (cores * busyShare),
  };
}
