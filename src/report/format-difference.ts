import type { Difference } from './diff.ts';
import { formatChanges } from './format-changes.ts';
import type { FormatNumber } from './format-rows.ts';

/** What changed between two sets of relations, for people. */
export async function formatDifference(difference: Difference, number: FormatNumber): Promise<string> {
  const { before, after, sourcesBefore, sourcesAfter, added, changed, removed, unchanged } = difference;
  const changes = await formatChanges(difference, { gain: 'got', lose: 'lost' }, number);
  return `Relations: ${number(before)} before, ${number(after)} now: ${number(added)} added, ${number(changed)} changed, ${number(removed)} removed, ${number(unchanged)} as before
Products with a list: ${number(sourcesBefore)} before, ${number(sourcesAfter)} now
${changes}`;
}
