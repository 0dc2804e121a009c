import { ExpectedFailure } from '#dist/failure.js';
import type { ImportOptions, MysqlTable } from '#dist/importer/import-relations.js';
import { importInto } from './run-import.ts';

/** Publishes as soon as the server has noticed that another publisher's connections are gone. */
export async function publishWhenFree(
  table: MysqlTable,
  lines: readonly string[],
  options: ImportOptions = {},
): Promise<void> {
  for (;;) {
    try {
      await importInto(table, lines, options);
      return;
    } catch (error) {
      if (!(error instanceof ExpectedFailure && error.kind === 'tryLater')) {
        throw error;
      }
    }
  }
}
