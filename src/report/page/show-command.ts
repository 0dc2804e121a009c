import { type SettingName, settings } from '../../config/settings.ts';
import type { MysqlTable } from '../../importer/import-table.ts';
import type { ShopReport } from './gather.ts';
import { placeName } from './place-name.ts';

/** An option and its value; it is left out when it has none, or the one that it has by itself. */
type Given = readonly [name: SettingName, value: string | number | undefined, usual?: unknown];

/** The command that prints any list of these relations whole, where they are. */
export function showCommand({ found, relations, location, work, score, lists }: ShopReport): string {
  const { run, parameters } = found;
  const from: readonly Given[] =
    relations.kind === 'table'
      ? [['target', location], ...namesOf(relations.table)]
      : run === undefined
        ? [['relations', placeName(location)]]
        : [
            ['run', run.manifest.run],
            ['work', placeName(work), settings.work.default],
          ];
  const options: readonly Given[] = [
    ['top', lists.longest],
    ...from,
    ['score', score, parameters['score'] ?? 'weight'],
    ...(run === undefined && score !== 'weight' ? viewsOf(found) : []),
  ];
  const written = options
    .filter(([, value, usual]) => value !== undefined && value !== usual)
    .map(([name, value]) => ` --${name} ${shellWord(String(value))}`);
  return `also-viewed show ID${written.join('')}`;
}

/** A score of a run is computed from the views of the run. */
function viewsOf({ views, maxPathProducts }: ShopReport['found']): Given[] {
  return [
    ...(views?.locations ?? []).map((location): Given => ['views', placeName(location)]),
    ['max-path-products', maxPathProducts, Number.POSITIVE_INFINITY],
  ];
}

function namesOf(table: MysqlTable): Given[] {
  return [
    ['target-table', table.table, settings['target-table'].default],
    ['source-column', table.sourceColumn, settings['source-column'].default],
    ['target-column', table.targetColumn, settings['target-column'].default],
    ['weight-column', table.weightColumn, settings['weight-column'].default],
  ];
}

/** Quoted only where a shell would take it for more than a word. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
