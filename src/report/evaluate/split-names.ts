/** How views are split when one file has them all: by time, or by leaving out the last new product of some paths. */
export const splits = ['time', 'last'] as const;
export type SplitName = (typeof splits)[number];

/** Which views are to be foreseen: those of products that are new to their path, or all but the first. */
export const stepTargets = ['novel', 'all'] as const;
export type StepTargets = (typeof stepTargets)[number];
