import type { Effects } from '../effects.ts';

/** The id of a run: its start, UTC to the millisecond, so that ids sort by age, and a random suffix. */
export function newRunId(startedAt: Date, { randomHex }: Pick<Effects, 'randomHex'>): string {
  return `${startedAt.toISOString().replace(/[-:]/g, '')}-${randomHex(3)}`;
}

/** When a run began, in milliseconds of Unix time, by its id; `undefined` when that is none. */
export function beginOfRun(id: string): number | undefined {
  const time = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)-[0-9a-f]{6}$/;
  return time.test(id) ? Date.parse(id.replace(time, '$1-$2-$3T$4:$5:$6')) : undefined;
}
