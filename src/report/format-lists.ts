import { formatRows, plainTable, printable } from './format-rows.ts';
import type { ListFormat } from './list-formats.ts';
import type { ShownList } from './show.ts';

const columns = ['source', 'rank', 'target', 'name', 'weight', 'share'];

/** The lists as text. */
export async function formatLists(lists: readonly ShownList[], format: ListFormat): Promise<string> {
  switch (format) {
    case 'table':
      return (await Promise.all(lists.map(formatTable))).join('\n');
    case 'tsv':
    case 'csv':
      return await formatRows(columns, rowsOf(lists), format);
    case 'jsonl':
      return lists.map((list) => `${JSON.stringify(list)}\n`).join('');
  }
}

function rowsOf(lists: readonly ShownList[]): string[][] {
  return lists.flatMap(({ product, targets }) =>
    targets.map((target, at) => [
      product,
      String(at + 1),
      target.product,
      target.name ?? '',
      String(target.weight),
      target.share?.toFixed(4) ?? '',
    ]),
  );
}

async function formatTable(list: ShownList): Promise<string> {
  const named = list.targets.some(({ name }) => name !== undefined);
  const shared = list.targets.some(({ share }) => share !== undefined);
  const heaviest = list.targets[0]?.weight ?? 1;
  const rows = list.targets.map(({ product, name, weight, share }, at) => [
    String(at + 1),
    product,
    ...(named ? [name ?? ''] : []),
    String(weight),
    ...(share === undefined
      ? []
      : [`${(100 * share).toFixed(1)} %`, '█'.repeat(Math.max(1, Math.round((20 * weight) / heaviest)))]),
  ]);
  const title = printable([list.product, list.name].filter(Boolean).join(' '));
  const seen = list.paths === undefined ? '' : `, seen in ${list.paths} paths`;
  if (list.targets.length === 0) {
    return `${title}${seen}: no related products\n`;
  }
  const head = ['', 'product', ...(named ? ['name'] : []), 'weight', ...(shared ? ['share', ''] : [])];
  const aligns = ['right', 'left', ...(named ? (['left'] as const) : []), 'right', 'right', 'left'] as const;
  return `${title}${seen}: ${list.targets.length} of ${list.relations} related products\n${await plainTable(head, aligns, rows)}`;
}
