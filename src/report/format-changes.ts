import type { Change } from '../importer/changes.ts';
import type { Lists } from '../importer/list-counts.ts';
import { printable } from '../printable.ts';
import { type FormatNumber, plainTable } from './format-rows.ts';

/** What is worth a look among the changes. */
export interface NotableChanges {
  /** Sources that get their first relations, and sources that lose all of them. */
  readonly gained: Lists;
  readonly lost: Lists;
  readonly movers: readonly Change[];
}

/** The lists that come and go, and the biggest movers, for people. */
export async function formatChanges(
  { gained, lost, movers }: NotableChanges,
  tense: { readonly gain: string; readonly lose: string },
  number: FormatNumber,
): Promise<string> {
  const rows = movers.map(({ op, source, target, before, weight }) => [
    source,
    target,
    op === '+' ? '' : number(before),
    op === '-' ? '' : number(weight),
  ]);
  const head = ['source', 'target', 'old weight', 'new weight'];
  const table =
    rows.length === 0 ? '' : `\nBiggest movers:\n${await plainTable(head, ['left', 'left', 'right', 'right'], rows)}`;
  return `Products that ${tense.gain} their first list: ${named(gained, number)}
Products that ${tense.lose} their whole list: ${named(lost, number)}
${table}`;
}

function named({ count, first }: Lists, number: FormatNumber): string {
  const more = count > first.length ? ', …' : '';
  return count === 0 ? '0' : `${number(count)} (${first.map(printable).join(', ')}${more})`;
}
