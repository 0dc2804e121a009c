import type { Connection } from 'mysql2/promise';
import { ExpectedFailure } from '../failure.ts';
import { columnsOf } from '../mysql/columns.ts';
import { runsColumns, runsTable } from './create-tables.ts';

/** Characters of the longest name that a table may have. */
const maxNameCharacters = 64;

/**
 * The table of the runs that published to `table`.
 *
 * @returns `undefined` when there is none, or none that the user may see
 * @throws ExpectedFailure `configuration` when there can be none, and when the table of that name is for something else
 */
export async function findRunsTable(connection: Connection, table: string): Promise<string | undefined> {
  const runs = runsTable(table);
  if ([...runs].length > maxNameCharacters) {
    throw new ExpectedFailure(
      'configuration',
      `Cannot use table ${table}: the name of the table of its runs, ${runs}, has more than ${maxNameCharacters} characters`,
      {
        remedy: `Name a table of at most ${maxNameCharacters - runsTable('').length} characters with --target-table.`,
      },
    );
  }
  const columns = (await columnsOf(connection, runs)).map(({ name }) => name.toLowerCase());
  if (columns.length === 0) {
    return undefined;
  }
  const missing = runsColumns.filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    throw new ExpectedFailure(
      'configuration',
      `Cannot use table ${table}: table ${runs}, where its runs are recorded, has no column ${missing.join(', ')}`,
      { remedy: `Rename ${runs} if it is for something else, or choose another table with --target-table.` },
    );
  }
  return runs;
}
