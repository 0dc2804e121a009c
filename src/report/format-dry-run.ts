import type { Imported } from '../importer/import-relations.ts';
import type { Lists } from '../importer/list-counts.ts';
import { plainTable, printable } from './format-rows.ts';

/** What a publication would change, for people. */
export async function formatDryRun(imported: Imported): Promise<string> {
  const { relations, sources, added, changed, removed, unchanged, gained, lost, movers } = imported;
  const rows = movers.map(({ op, source, target, before, weight }) => [
    source,
    target,
    op === '+' ? '' : String(before),
    op === '-' ? '' : String(weight),
  ]);
  const table =
    rows.length === 0
      ? ''
      : `\nBiggest movers:\n${await plainTable(['source', 'target', 'old weight', 'new weight'], ['left', 'left', 'right', 'right'], rows)}`;
  return [
    `Would publish ${relations} relations of ${sources} sources: ${added} added, ${changed} changed, ${removed} removed, ${unchanged} as before`,
    `Products that get their first list: ${named(gained)}`,
    `Products that lose their whole list: ${named(lost)}\n`,
  ]
    .join('\n')
    .concat(table);
}

function named({ count, first }: Lists): string {
  const more = count > first.length ? ', …' : '';
  return count === 0 ? '0' : `${count} (${first.map(printable).join(', ')}${more})`;
}
