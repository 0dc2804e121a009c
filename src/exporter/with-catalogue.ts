import { ExpectedFailure } from '../failure.ts';
import { isQuery } from '../tsv/catalogue.ts';
import type { Source } from './export-source.ts';

/**
 * The source, from which the catalogue is exported as well where `products` is a query and not the name of a file.
 *
 * @param out where the catalogue goes
 * @throws ExpectedFailure `usage` when files would have to answer a query
 */
export function withCatalogue(source: Source, products: string | undefined, out: string): Source {
  if (products === undefined || !isQuery(products)) {
    return source;
  }
  if (source.kind === 'files') {
    throw new ExpectedFailure('usage', 'Cannot ask the query of --products: the source is no database', {
      remedy: 'Name a file of products, or a mysql:// source; a file whose name begins like a query is written ./NAME.',
    });
  }
  return { ...source, views: { ...source.views, catalogue: { sql: products, out } } };
}
