import { titleOf } from '../printable.ts';
import type { ScoreName } from '../relation/scores.ts';
import { type FormatNumber, formatRows, nameCells, plainTable, rounded } from './format-rows.ts';
import type { ListFormat } from './list-formats.ts';
import type { ShownList } from './show.ts';

/**
 * The lists as text.
 *
 * @param score what they are ordered by; one that is not the weight stands in a column of its own
 * @param number how counts are written in a table
 */
export async function formatLists(
  lists: readonly ShownList[],
  score: ScoreName,
  format: ListFormat,
  number: FormatNumber,
): Promise<string> {
  switch (format) {
    case 'table':
      return (await Promise.all(lists.map((list) => formatTable(list, score, number)))).join('\n');
    case 'tsv':
    case 'csv': {
      const columns = ['source', 'rank', 'target', 'name', 'weight', 'share'];
      return await formatRows(score === 'weight' ? columns : [...columns, score], rowsOf(lists, score), format);
    }
    case 'jsonl':
      return lists.map((list) => `${JSON.stringify(list)}\n`).join('');
  }
}

function rowsOf(lists: readonly ShownList[], score: ScoreName): string[][] {
  return lists.flatMap(({ product, targets }) =>
    targets.map((target, at) => [
      product,
      String(at + 1),
      target.product,
      target.name ?? '',
      String(target.weight),
      target.share?.toFixed(4) ?? '',
      ...(score === 'weight' ? [] : [target.score === undefined ? '' : String(Number(target.score.toPrecision(6)))]),
    ]),
  );
}

/** Of a name: the rest of the line must fit a terminal too. */
const nameWidth = 48;

/** Of the longest bar. */
const barLength = 20;

async function formatTable(list: ShownList, score: ScoreName, number: FormatNumber): Promise<string> {
  const { targets } = list;
  const named = targets.some(({ name }) => name !== undefined);
  const shared = targets.some(({ share }) => share !== undefined);
  const scored = score !== 'weight';
  const size = (target: ShownList['targets'][number]): number => (scored ? (target.score ?? 0) : target.weight);
  const largest = targets[0] === undefined ? 1 : size(targets[0]);
  const names = await nameCells(
    targets.map(({ name }) => name),
    nameWidth,
  );
  const rows = targets.map((target, at) => [
    String(at + 1),
    target.product,
    ...(named ? [names[at] ?? ''] : []),
    number(target.weight),
    ...(shared ? [target.share === undefined ? '' : `${(100 * target.share).toFixed(1)} %`] : []),
    ...(scored ? [target.score === undefined ? '' : rounded(target.score, number)] : []),
    bar(size(target), largest),
  ]);
  const title = titleOf(list);
  const seen = list.paths === undefined ? '' : `, seen in ${number(list.paths)} paths`;
  if (targets.length === 0) {
    return `${title}${seen}: no related products\n`;
  }
  const columns = [
    { head: '', align: 'right' as const },
    { head: 'product', align: 'left' as const },
    ...(named ? [{ head: 'name', align: 'left' as const }] : []),
    { head: 'weight', align: 'right' as const },
    ...(shared ? [{ head: 'share', align: 'right' as const }] : []),
    ...(scored ? [{ head: score, align: 'right' as const }] : []),
    { head: '', align: 'left' as const },
  ];
  const table = await plainTable(
    columns.map(({ head }) => head),
    columns.map(({ align }) => align),
    rows,
  );
  return `${title}${seen}: ${number(targets.length)} of ${number(list.relations)} related products\n${table}`;
}

/** A bar by its share of the longest one; none for what is not above 0. */
function bar(size: number, largest: number): string {
  return size > 0 && largest > 0 ? '█'.repeat(Math.max(1, Math.round((barLength * size) / largest))) : '';
}
