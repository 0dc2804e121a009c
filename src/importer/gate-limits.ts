/** What a publication may change at most, before somebody has to say that it is meant. */
export interface GateLimits {
  /** Share, 0 to 1, by which relations, sources and views may shrink. */
  readonly maxShrink: number;
  /** Times to which relations, sources and views may grow. */
  readonly maxGrowth: number;
  /** Share, 0 to 1, of all relations, old and new, that may be added, changed or removed. */
  readonly maxChurn: number;
}

/**
 * Half and double: a shop's catalogue does not do that in a night, a broken export does. A window of 90 days changes some 15 % of its
 * relations from one day to the next.
 */
export const defaultLimits: GateLimits = { maxShrink: 0.5, maxGrowth: 2, maxChurn: 0.5 };
