import path from 'node:path';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { readSmallTable } from '../tsv/small-table.ts';

/** The name of each product that has one. */
export type Names = ReadonlyMap<string, string>;

/** What a table of products tells of each, in the order of its columns where these have no header. */
const columns = ['name', 'category'] as const;

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
  return await readTexts('name', file, folders, idColumn, effects);
}

/** The category of each product that has one, from where `readNames` takes the names: the third column, or the one of that name. */
export async function readCategories(
  file: string | undefined,
  folders: readonly string[],
  idColumn: string,
  effects: Effects,
): Promise<ReadonlyMap<string, string>> {
  return await readTexts('category', file, folders, idColumn, effects);
}

async function readTexts(
  column: (typeof columns)[number],
  file: string | undefined,
  folders: readonly string[],
  idColumn: string,
  effects: Effects,
): Promise<ReadonlyMap<string, string>> {
  const wanted = [idColumn, ...columns];
  const read = async (location: string): Promise<ReadonlyMap<string, string>> => {
    const rows = await readSmallTable(location, wanted, effects);
    return new Map(
      (isHeader(rows[0]) ? rows.slice(1) : rows)
        .map((row) => [row[0] ?? '', (row[wanted.indexOf(column)] ?? '').trim()] as const)
        .filter(([, text]) => text !== ''),
    );
  };
  if (file !== undefined) {
    return await read(file);
  }
  for (const folder of new Set(folders)) {
    const location = path.join(folder, 'products.tsv');
    try {
      if (!/^[a-z]\w*:/i.test(folder)) {
        const texts = await read(location);
        effects.log.debug(`The ${column} of each product is from ${location}`);
        return texts;
      }
    } catch (error) {
      if (!(error instanceof ExpectedFailure)) {
        throw error;
      }
      // Nobody asked for this file.
      if (error.kind !== 'noInput') {
        effects.log.warn(`No ${column} of any product: ${error.message}`);
      }
    }
  }
  return new Map();
}

/** Whether a row is a header under whose names nobody looked for the id, `id name` say: it would be one product more. */
function isHeader(row: readonly string[] = []): boolean {
  return /^(product[ _]?)?(name|title)$/i.test(row[1] ?? '');
}
