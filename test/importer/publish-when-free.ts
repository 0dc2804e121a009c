import { ExpectedFailure } from '#dist/failure.js';
import type { Imported, ImportOptions, MysqlTable } from '#dist/importer/import-relations.js';
import { importInto } from './run-import.ts';

/** Publishes as soon as the server has done with the dead connections of another publisher. */
export async function publishWhenFree(
  table: MysqlTable,
  lines: readonly string[],
  options: ImportOptions = {},
): Promise<Imported> {
  for (;;) {
    try {
      return await importInto(table, lines, options);
    } catch (error) {
      if (!(error instanceof ExpectedFailure && error.kind === 'tryLater')) {
        throw error;
      }
    }
  }
}
