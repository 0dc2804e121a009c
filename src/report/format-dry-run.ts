import type { Imported } from '../importer/import-relations.ts';
import { changeObject } from './copy-changes.ts';
import { formatChanges } from './format-changes.ts';
import { type FormatNumber, formatRows } from './format-rows.ts';
import type { ListFormat } from './list-formats.ts';

/** What a publication would change: all but the table are figures by name, the JSON with the biggest movers. */
export async function formatDryRun(imported: Imported, format: ListFormat, number: FormatNumber): Promise<string> {
  switch (format) {
    case 'table':
      return await formatTable(imported, number);
    case 'tsv':
    case 'csv': {
      const rows = Object.entries(figuresOf(imported)).map(([name, figure]) => [name, String(figure)]);
      return await formatRows(['figure', 'value'], rows, format);
    }
    case 'jsonl':
      return `${JSON.stringify({ ...figuresOf(imported), movers: imported.movers.map(changeObject) })}\n`;
  }
}

function figuresOf({ relations, sources, added, changed, removed, unchanged, gained, lost }: Imported) {
  return { relations, sources, added, changed, removed, unchanged, first_lists: gained.count, lost_lists: lost.count };
}

async function formatTable(imported: Imported, number: FormatNumber): Promise<string> {
  const { relations, sources, added, changed, removed, unchanged } = imported;
  const changes = await formatChanges(imported, { gain: 'get', lose: 'lose' }, number);
  return `Would publish ${number(relations)} relations of ${number(sources)} sources: ${number(added)} added, ${number(changed)} changed, ${number(removed)} removed, ${number(unchanged)} as before
${changes}`;
}
