import type { Effects } from '../../effects.ts';
import { readBytes } from '../../storage/input.ts';
import type { RejectedRows } from '../../tsv/rejected-rows.ts';

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

/** The rows that were rejected while views were read. */
export function rejectedNow(rows: RejectedRows): RejectedFigures {
  return figures(rows.reasons, rows.first);
}

/** The rows of a file of rejected rows. */
export async function rejectedBefore(location: string, effects: Effects): Promise<RejectedFigures> {
  const reasons = new Map<string, number>();
  const first: string[] = [];
  const decoder = new TextDecoder();
  let carry = '';
  for await (const chunk of readBytes(location, effects)) {
    const lines = (carry + decoder.decode(chunk, { stream: true })).split('\n');
    carry = lines.pop() ?? '';
    first.push(...lines.slice(0, shown - first.length));
    for (const line of lines) {
      const [, , reason = ''] = line.split('\t');
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  }
  return figures(reasons, first);
}

function figures(reasons: ReadonlyMap<string, number>, first: readonly string[]): RejectedFigures {
  return {
    count: [...reasons.values()].reduce((sum, rows) => sum + rows, 0),
    reasons: [...reasons].sort(([, a], [, b]) => b - a),
    first: first.map((text) => {
      const [file = '', line = '', reason = '', row = ''] = text.split('\t');
      return { file, line, reason, row };
    }),
  };
}
