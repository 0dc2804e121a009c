import { defaultLimits } from '../../importer/gate-limits.ts';
import type { Setting } from '../setting.ts';

/** What a publication may change before somebody has to say that it is meant, and how it is written. */
export const publishingSettings = {
  'max-shrink': {
    kind: 'share',
    default: defaultLimits.maxShrink,
    defaultText: '50%',
    description: 'refuse when relations, sources or views shrink by more',
  },
  'max-growth': {
    kind: 'times',
    default: defaultLimits.maxGrowth,
    description: 'refuse when relations, sources or views grow to more than so many times',
  },
  'max-churn': {
    kind: 'share',
    default: defaultLimits.maxChurn,
    defaultText: '50%',
    description: 'refuse when a larger share of the relations is added, changed or removed',
  },
  'accept-changes': {
    kind: 'reason',
    description: 'publish what would be refused; the reason is recorded',
    upTo: 'flag',
  },
  verify: {
    kind: 'switch',
    description: "read the target again in the end and compare its digest with the run's",
  },
  'max-rows-per-second': { kind: 'count', usual: 'no limit', description: 'rows written to the table in a second' },
  swap: {
    kind: 'switch',
    description: 'fill a new table and exchange it for the old one, instead of merging the changes into that',
  },
  'dry-run': { kind: 'switch', description: 'compare, print what would change, and write nothing', upTo: 'flag' },
} as const satisfies Readonly<Record<string, Setting>>;
