import type { ImportOptions } from '../importer/import-relations.ts';

/** The options of `gateOptions` and `verifyOption`, as commander names them. */
export interface GateFlags {
  readonly maxShrink?: number;
  readonly maxGrowth?: number;
  readonly maxChurn?: number;
  readonly acceptChanges?: string;
  readonly verify?: boolean;
}

/** What a publication may do. */
export function gateOf(flags: GateFlags): Pick<ImportOptions, 'limits' | 'accept' | 'verify'> {
  const { maxShrink, maxGrowth, maxChurn, acceptChanges, verify } = flags;
  const limits = Object.fromEntries(
    Object.entries({ maxShrink, maxGrowth, maxChurn }).filter(([, limit]) => limit !== undefined),
  );
  return { limits, accept: acceptChanges, verify };
}
