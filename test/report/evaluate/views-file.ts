import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../../temporary-folder.ts';

/** A file of views in a folder of its own; `1: a b` is a path that viewed a, then b. */
export function viewsFile(...paths: string[]): string {
  return rowsFile(
    'path_id\tproduct_id',
    paths.flatMap((line) => {
      const [id = '', products = ''] = line.split(': ');
      return products.split(' ').map((product) => `${id}\t${product}`);
    }),
  );
}

/** A file of such lines, in a folder of its own. */
export function rowsFile(header: string, rows: readonly string[]): string {
  const file = path.join(temporaryFolder(), 'views.tsv');
  writeFileSync(file, [header, ...rows].map((row) => `${row}\n`).join(''));
  return file;
}
