import path from 'node:path';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { readSmallTable } from '../tsv/small-table.ts';
import { categoryColumn, nameColumn, type TextColumn } from '../tsv/table-columns.ts';

/** The name of each product that has one. */
export type Names = ReadonlyMap<string, string>;

interface Texts {
  readonly texts: ReadonlyMap<string, string>;
  /** The file that they are from; `undefined` where there is none. */
  readonly location: string | undefined;
}

/**
 * The names of products, from a file or from the first `products.tsv` in one of the folders.
 *
 * @param file a table of product ids and names; `undefined` to look in the folders
 * @param idColumn of the id in its header
 * @returns no names when there is no such file
 * @throws ExpectedFailure when the file that was named cannot be read, or has a header without the column of the id that was named
 */
export async function readNames(
  file: string | undefined,
  folders: readonly string[],
  idColumn: string,
  effects: Effects,
): Promise<Names> {
  return (await findNames(file, folders, idColumn, effects)).texts;
}

/** The same with the file that they are from. */
export async function findNames(
  file: string | undefined,
  folders: readonly string[],
  idColumn: string,
  effects: Effects,
): Promise<Texts> {
  return await readTexts(nameColumn, file, folders, idColumn, effects);
}

/** The category of each product that has one, from where `readNames` takes the names: the third column, or the one of such a name. */
export async function readCategories(
  file: string | undefined,
  folders: readonly string[],
  idColumn: string,
  effects: Effects,
): Promise<ReadonlyMap<string, string>> {
  return (await readTexts(categoryColumn, file, folders, idColumn, effects)).texts;
}

async function readTexts(
  column: TextColumn,
  file: string | undefined,
  folders: readonly string[],
  idColumn: string,
  effects: Effects,
): Promise<Texts> {
  const read = async (location: string): Promise<Texts> => {
    const rows = await readSmallTable(location, idColumn, column, effects);
    const texts = new Map(rows.map(({ id, text }) => [id, text.trim()] as const).filter(([, text]) => text !== ''));
    return { texts, location };
  };
  if (file !== undefined) {
    return await read(file);
  }
  for (const location of namesFiles(folders)) {
    try {
      const found = await read(location);
      effects.log.debug(`The ${column.what} of each product is from ${location}`);
      return found;
    } catch (error) {
      if (!(error instanceof ExpectedFailure)) {
        throw error;
      }
      // Nobody asked for this file.
      if (error.kind !== 'noInput') {
        effects.log.warn(`No ${column.what} of any product: ${error.message}`);
      }
    }
  }
  return { texts: new Map(), location: undefined };
}

/** Where the names may be that nobody named: on disks only. */
export function namesFiles(folders: readonly string[]): readonly string[] {
  const onDisk = [...new Set(folders)].filter((folder) => !/^[a-z]\w*:/i.test(folder));
  return onDisk.map((folder) => path.join(folder, 'products.tsv'));
}
