/**
 * Milliseconds without progress after which a stage fails, unless something else is said. What may be as silent for minutes: a query that
 * finds its first row late, and the second index of a large new table.
 */
export const defaultStageTimeout = 3_600_000;
