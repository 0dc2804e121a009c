import path from 'node:path';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { readSmallTable } from '../tsv/small-table.ts';

/** The name of each product that has one. */
export type Names = ReadonlyMap<string, string>;

/**
 * The names of products, from a file or from the first `products.tsv` in one of the folders.
 *
 * @param file a table of product ids and names; `undefined` to look in the folders
 * @param idColumn of the id in its header
 * @returns no names when there is no such file
 * @throws ExpectedFailure when the file that was named cannot be read
 */
export async function readNames(
  file: string | undefined,
  folders: readonly string[],
  idColumn: string,
  effects: Effects,
): Promise<Names> {
  const read = async (location: string): Promise<Names> =>
    new Map(
      (await readSmallTable(location, [idColumn, 'name'], effects))
        .map(([id = '', name = '']) => [id, name] as const)
        .filter(([, name]) => name !== ''),
    );
  if (file !== undefined) {
    return await read(file);
  }
  for (const folder of new Set(folders)) {
    const location = path.join(folder, 'products.tsv');
    try {
      if (!/^[a-z]\w*:/i.test(folder)) {
        const names = await read(location);
        effects.log.debug(`Names are from ${location}`);
        return names;
      }
    } catch (error) {
      if (!(error instanceof ExpectedFailure)) {
        throw error;
      }
      // Nobody asked for this file.
      if (error.kind !== 'noInput') {
        effects.log.warn(`No names: ${error.message}`);
      }
    }
  }
  return new Map();
}
