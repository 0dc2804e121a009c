import leven from 'leven';
import { ExpectedFailure } from '../failure.ts';
import { shownNames } from './shown-names.ts';

/**
 * The failure of a file that has a header without a column that was named; it suggests the nearest name.
 *
 * @param names all of the header
 * @param remedy the options that name columns, as a sentence
 */
export function missingColumn(
  file: string,
  names: readonly string[],
  missing: string,
  remedy: string,
): ExpectedFailure {
  const distance = (name: string): number => leven(name.toLowerCase(), missing.toLowerCase());
  const nearest = [...names].sort((a, b) => distance(a) - distance(b))[0] ?? '';
  const near = distance(nearest) <= missing.length / 2 ? ` Did you mean ${shownNames([nearest])}?` : '';
  return new ExpectedFailure('badData', `Cannot read ${file}: its columns are ${shownNames(names)}, not ${missing}`, {
    remedy: `${remedy}${near}`,
  });
}
