import type { Effects } from '../../effects.ts';
import { readBytes } from '../../storage/input.ts';

/** So many rows are shown. */
const shown = 10;

/** A row of the views that was none; its text is escaped as in the file of rejected rows. */
export interface RejectedRow {
  readonly file: string;
  readonly line: string;
  readonly reason: string;
  readonly row: string;
}

export interface RejectedFigures {
  readonly count: number;
  /** How many rows for which reason, the most first. */
  readonly reasons: readonly (readonly [reason: string, rows: number])[];
  readonly first: readonly RejectedRow[];
}

/**
 * Counts the rows of a file of rejected rows.
 *
 * @param location `undefined` when there is none, since no row was rejected
 */
export async function rejectedFigures(location: string | undefined, effects: Effects): Promise<RejectedFigures> {
  const reasons = new Map<string, number>();
  const first: RejectedRow[] = [];
  const decoder = new TextDecoder();
  let carry = '';
  for await (const chunk of location === undefined ? [] : readBytes(location, effects)) {
    const lines = (carry + decoder.decode(chunk, { stream: true })).split('\n');
    carry = lines.pop() ?? '';
    for (const [file = '', line = '', reason = '', row = ''] of lines.map((text) => text.split('\t'))) {
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      if (first.length < shown) {
        first.push({ file, line, reason, row });
      }
    }
  }
  return {
    count: [...reasons.values()].reduce((sum, rows) => sum + rows, 0),
    reasons: [...reasons].sort(([, a], [, b]) => b - a),
    first,
  };
}
