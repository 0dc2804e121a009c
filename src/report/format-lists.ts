import { escapeBytes } from '../tsv/escapes.ts';
import type { ListFormat } from './list-formats.ts';
import type { ShownList } from './show.ts';

const columns = ['source', 'rank', 'target', 'name', 'weight', 'share'];

/** The lists as text. */
export async function formatLists(lists: readonly ShownList[], format: ListFormat): Promise<string> {
  switch (format) {
    case 'table':
      return (await Promise.all(lists.map(formatTable))).join('\n');
    case 'tsv':
      return rowsOf(lists)
        .map((row) => `${row.map(escapeText).join('\t')}\n`)
        .join('');
    case 'csv': {
      const { stringify } = await import('csv-stringify/sync');
      return stringify(rowsOf(lists));
    }
    case 'jsonl':
      return lists.map((list) => `${JSON.stringify(list)}\n`).join('');
  }
}

function escapeText(text: string): string {
  return Buffer.from(escapeBytes(Buffer.from(text))).toString();
}

/** A name must not move the cursor or colour the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '');
}

function rowsOf(lists: readonly ShownList[]): string[][] {
  const rows = lists.flatMap(({ product, targets }) =>
    targets.map((target, at) => [
      product,
      String(at + 1),
      target.product,
      target.name ?? '',
      String(target.weight),
      target.share?.toFixed(4) ?? '',
    ]),
  );
  return [columns, ...rows];
}

async function formatTable(list: ShownList): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  };
  const named = list.targets.some(({ name }) => name !== undefined);
  const shared = list.targets.some(({ share }) => share !== undefined);
  const table = new Table({
    chars: none,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    head: ['', 'product', ...(named ? ['name'] : []), 'weight', ...(shared ? ['share', ''] : [])],
    colAligns: ['right', 'left', ...(named ? (['left'] as const) : []), 'right', 'right', 'left'],
  });
  const heaviest = list.targets[0]?.weight ?? 1;
  list.targets.forEach(({ product, name, weight, share }, at) => {
    table.push([
      String(at + 1),
      product,
      ...(named ? [printable(name ?? '')] : []),
      String(weight),
      ...(share === undefined
        ? []
        : [`${(100 * share).toFixed(1)} %`, '█'.repeat(Math.max(1, Math.round((20 * weight) / heaviest)))]),
    ]);
  });
  const title = printable([list.product, list.name].filter(Boolean).join(' '));
  const seen = list.paths === undefined ? '' : `, seen in ${list.paths} paths`;
  if (list.targets.length === 0) {
    return `${title}${seen}: no related products\n`;
  }
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  return `${title}${seen}: ${list.targets.length} of ${list.relations} related products\n${lines.join('\n')}\n`;
}
