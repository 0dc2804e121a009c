import type { IdTable } from '../relation/id-table.ts';

/** The id with a number, as text. */
export function idOf(ids: IdTable, number: number): string {
  return Buffer.from(ids.arena.subarray(ids.start(number), ids.end(number))).toString('utf8');
}
