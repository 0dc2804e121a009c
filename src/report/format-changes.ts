import type { Change } from '../importer/changes.ts';
import type { Lists } from '../importer/list-counts.ts';
import { printable } from '../printable.ts';
import type { Mover } from './diff.ts';
import { type FormatNumber, nameCells, plainTable } from './format-rows.ts';

/** What is worth a look among the changes. */
export interface NotableChanges {
  /** Sources that get their first relations, and sources that lose all of them. */
  readonly gained: Lists;
  readonly lost: Lists;
  readonly movers: readonly (Change & Partial<Mover>)[];
  readonly movedAsFar: number;
}

/** The lists that come and go, and the biggest movers, for people. */
export async function formatChanges(
  { gained, lost, movers, movedAsFar }: NotableChanges,
  tense: { readonly gain: string; readonly lose: string },
  number: FormatNumber,
): Promise<string> {
  const others = movedAsFar === 0 ? '' : ` (${number(movedAsFar)} others moved as far)`;
  const table = movers.length === 0 ? '' : `\nBiggest movers${others}:\n${await formatMovers(movers, number)}`;
  return `Products that ${tense.gain} their first list: ${named(gained, number)}
Products that ${tense.lose} their whole list: ${named(lost, number)}
${table}`;
}

/** Of two names: the rest of the line must fit a terminal too. */
const nameWidth = 26;

async function formatMovers(movers: NotableChanges['movers'], number: FormatNumber): Promise<string> {
  const isNamed = movers.some(({ sourceName, targetName }) => sourceName !== undefined || targetName !== undefined);
  const withNames = (source: string[], target: string[]): string[] =>
    isNamed ? [...source, ...target] : [...source.slice(0, 1), ...target.slice(0, 1)];
  const sourceNames = await nameCells(
    movers.map(({ sourceName }) => sourceName),
    nameWidth,
  );
  const targetNames = await nameCells(
    movers.map(({ targetName }) => targetName),
    nameWidth,
  );
  const rows = movers.map(({ op, source, target, before, weight }, at) => [
    ...withNames([source, sourceNames[at] ?? ''], [target, targetNames[at] ?? '']),
    op === '+' ? '' : number(before),
    op === '-' ? '' : number(weight),
  ]);
  return await plainTable(
    [...withNames(['source', 'name'], ['target', 'name']), 'old weight', 'new weight'],
    [...(isNamed ? (['left', 'left'] as const) : []), 'left', 'left', 'right', 'right'],
    rows,
  );
}

function named({ count, first }: Lists, number: FormatNumber): string {
  const more = count > first.length ? ', …' : '';
  return count === 0 ? '0' : `${number(count)} (${first.map(printable).join(', ')}${more})`;
}
