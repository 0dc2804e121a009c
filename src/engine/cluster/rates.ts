/**
 * What one core does in the two phases. Measured with `bench/scaling.ts` on its set `sessions` (400,000 paths of 5 views on average over 200,000
 * products: a long tail, where little can be combined) on two shared cores of an AMD EPYC, Node.js 20, Java 17, Hadoop 3.4.2; on
 * online_retail, with its few products and long paths, everything but the mapper is several times faster.
 */
export const rates = {
  /** Views a second of the pairs mapper. */
  mappedViews: 6e6,
  /** Seconds of Hadoop's own work on a view: split, sort, merge, two pipes. 200 s a GB of 13 bytes a view. */
  viewShuffle: 2.6e-6,
  /** Pairs (the sum of n(n−1) over the paths) a second of the pairs reducer, in its default memory. */
  relatedPairs: 6e6,
  /** Bytes of stripes a pair: 7.4 to 8.2 here, depending on the memory; 1.1 to 2.9 on online_retail. */
  stripeBytes: 7.5,
  /** Seconds of Hadoop's own work on a byte of stripes. */
  stripeShuffle: 25e-9,
  /** Bytes of stripes a second of the weights reducer. */
  addedBytes: 20e6,
  /** Bytes that a view takes between map and reduce: two ids of 6 digits, TAB, LF. */
  viewBytes: 14,
} as const;

/** Seconds that a job takes whatever its size, both phases together: application master, containers, JVMs, commit. */
export const fixedSeconds = 120;

/** The share of the time in which a vCPU of a cluster does this work. An assumption: waves that end unevenly, disks, the network. */
export const busyShare = 0.6;
