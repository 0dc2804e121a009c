import type { Effects } from '../effects.ts';
import type { MysqlTable } from '../importer/import-table.ts';
import type { ListRow } from '../tsv/find-list.ts';
import { readLists } from './read-lists.ts';

/**
 * The lists of some sources, from a table or else from a relations file.
 *
 * @param others told other sources when one is missing: those around it, or all where they are looked through
 */
export async function listsOf(
  table: MysqlTable | undefined,
  relations: string | undefined,
  products: readonly string[],
  others: (source: string) => void,
  effects: Effects,
): Promise<Map<string, ListRow[]>> {
  if (table !== undefined) {
    return await (await import('../importer/read-lists-of-table.ts')).readListsOfTable(
      table,
      products,
      others,
      effects,
    );
  }
  return await readLists(relations ?? '', products, others, effects);
}
