import type { Imported } from '../importer/import-relations.ts';
import { formatChanges } from './format-changes.ts';
import type { FormatNumber } from './format-rows.ts';

/** What a publication would change, for people. */
export async function formatDryRun(imported: Imported, number: FormatNumber): Promise<string> {
  const [relations, sources, added, changed, removed, unchanged] = [
    imported.relations,
    imported.sources,
    imported.added,
    imported.changed,
    imported.removed,
    imported.unchanged,
  ].map(number);
  const changes = await formatChanges(imported, { gain: 'get', lose: 'lose' }, number);
  return `Would publish ${relations} relations of ${sources} sources: ${added} added, ${changed} changed, ${removed} removed, ${unchanged} as before
${changes}`;
}
