import type { ImportOptions } from '../importer/import-relations.ts';

/** The options of `gateOptions`, `verifyOption`, `paceOption` and `swapOption`, as commander names them. */
export interface GateFlags {
  readonly maxShrink?: number;
  readonly maxGrowth?: number;
  readonly maxChurn?: number;
  readonly acceptChanges?: string;
  readonly verify?: boolean;
  readonly maxRowsPerSecond?: number;
  readonly swap?: boolean;
}

/** What a publication may do, and how. */
export function gateOf(
  flags: GateFlags,
): Pick<ImportOptions, 'limits' | 'accept' | 'verify' | 'maxRowsPerSecond' | 'swap'> {
  const { maxShrink, maxGrowth, maxChurn, acceptChanges, verify, maxRowsPerSecond, swap } = flags;
  const limits = Object.fromEntries(
    Object.entries({ maxShrink, maxGrowth, maxChurn }).filter(([, limit]) => limit !== undefined),
  );
  return { limits, accept: acceptChanges, verify, maxRowsPerSecond, swap };
}
