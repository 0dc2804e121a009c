import type { Effects } from '../effects.ts';

/** The id of a run: its start, UTC to the millisecond, so that ids sort by age, and a random suffix. */
export function newRunId(startedAt: Date, { randomHex }: Pick<Effects, 'randomHex'>): string {
  return `${startedAt.toISOString().replace(/[-:]/g, '')}-${randomHex(3)}`;
}
