import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import type { ChangeCounts } from './changes.ts';
import type { GateLimits } from './gate-limits.ts';

/** Figures of one side of a publication. */
interface GateTotals {
  readonly relations: number;
  readonly sources: number;
  /** Views that the relations come from; `undefined` when they are not known. */
  readonly views: number | undefined;
  /** The store that they are of, where one configuration is for several. */
  readonly store?: string | undefined;
}

/** What the gate looks at. */
export interface GateCase {
  readonly before: GateTotals;
  readonly after: GateTotals;
  readonly changes: Pick<ChangeCounts, 'added' | 'changed' | 'removed' | 'unchanged'>;
}

/**
 * Refuses a publication that is more likely a mistake than a night's change. A first one, to an empty target, only must not be empty.
 *
 * @param accepted why the changes are to be published all the same, or `undefined`
 * @param number how counts are written
 * @returns what was refused and accepted, for the log; nothing when all is within the limits
 * @throws ExpectedFailure `badData` with each figure, its limit and the option that moves it, when nobody accepted the changes
 */
export function passGate(
  given: GateCase,
  limits: GateLimits,
  accepted: string | undefined,
  number: Effects['number'],
): string[] {
  const reasons = refusals(given, limits, number);
  if (reasons.length > 0 && accepted === undefined) {
    throw new ExpectedFailure('badData', `Refused to publish: ${reasons.join('; ')}`, {
      remedy:
        'Nothing was written. If the change is meant, run again with --accept-changes "why", which is recorded with the run; otherwise look at the source first.',
    });
  }
  return reasons;
}

function refusals({ before, after, changes }: GateCase, limits: GateLimits, number: Effects['number']): string[] {
  if (after.relations === 0) {
    return ['there are no relations at all'];
  }
  const others = otherStore(before, after);
  if (before.relations === 0) {
    return others;
  }
  return [
    ...others,
    ...(['relations', 'sources', 'views'] as const).flatMap((what) =>
      movement(what, before[what], after[what], limits, number),
    ),
    ...churn(changes, limits.maxChurn, number),
  ];
}

/** Two addresses may lead to one table: two names of a server, its socket and its port. */
function otherStore({ store: before }: GateTotals, { store: after }: GateTotals): string[] {
  return before === undefined || after === undefined || before === after
    ? []
    : [`store ${before} was the last to publish to this table, and this is store ${after}`];
}

function movement(
  what: string,
  before: number | undefined,
  after: number | undefined,
  { maxShrink, maxGrowth }: GateLimits,
  number: Effects['number'],
): string[] {
  if (before === undefined || after === undefined) {
    return [];
  }
  const shrink = (before - after) / before;
  if (shrink > maxShrink) {
    const share = percent(shrink);
    return [
      `the ${what} shrink by ${share}, from ${number(before)} to ${number(after)} (--max-shrink is ${percent(maxShrink)})`,
    ];
  }
  return after / before > maxGrowth
    ? [`the ${what} grow from ${number(before)} to ${number(after)} (--max-growth is ${maxGrowth} times)`]
    : [];
}

function churn(
  { added, changed, removed, unchanged }: GateCase['changes'],
  maxChurn: number,
  number: Effects['number'],
): string[] {
  const touched = added + changed + removed;
  const share = touched / (touched + unchanged);
  return share > maxChurn
    ? [
        `${percent(share)} of the relations change: ${number(added)} added, ${number(changed)} changed, ${number(removed)} removed, ${number(unchanged)} as before (--max-churn is ${percent(maxChurn)})`,
      ]
    : [];
}

/** With so many digits that a share just over its limit does not look like the limit. */
function percent(share: number): string {
  return `${Number((100 * share).toFixed(4))} %`;
}
