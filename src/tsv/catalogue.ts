import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { readSmallTable } from './small-table.ts';

/** Whether the products that may be targets are those that a query gives, not those of a file: `./select few.tsv` is one. */
export function isQuery(products: string): boolean {
  return /^\s*(select|with)\s/i.test(products);
}

/**
 * Reads the file of the only products that may appear as targets.
 *
 * @param column the name of the column of the id, where the file has a header; otherwise it is the first
 * @throws ExpectedFailure when it cannot be read or has a header without that column, and `usage` for a query, which only a run asks
 */
export async function readCatalogue(products: string, column: string, effects: Effects): Promise<string[]> {
  if (isQuery(products)) {
    throw new ExpectedFailure('usage', 'Cannot ask a query of --products: only a run has a database to ask', {
      remedy: 'Name a file with --products; one whose name begins like a query is written ./NAME.',
    });
  }
  return (await readSmallTable(products, column, undefined, effects)).map(({ id }) => id);
}
