import { defaultColumns, folded, productNames } from './view-columns.ts';

/** A column of text that a table of products may have beside the id. */
export interface TextColumn {
  /** What it is, for messages. */
  readonly what: 'name' | 'category';
  /** What headers call it, folded, the best first. */
  readonly names: readonly string[];
  /** Where it stands in a table without a header, from 0. */
  readonly place: number;
}

export const nameColumn: TextColumn = {
  what: 'name',
  names: 'name productname itemname title producttitle description'.split(' '),
  place: 1,
};

export const categoryColumn: TextColumn = {
  what: 'category',
  names: 'category productcategory categoryname categorycode producttype'.split(' '),
  place: 2,
};

/** A table of products may call the id nothing else; in views that would be anybody's. */
const idNames = [...productNames, 'id'];

/** The places of the columns in a header, from 0; -1 for a column that it has not. */
export interface TablePlaces {
  readonly id: number;
  readonly text: number;
}

/**
 * The columns of a table of products, by the fields of its first line.
 *
 * The id is the column of the wanted name. One that has its default name, or another that is common, is guessed from common names where it is
 * not there, else it is the first. The line is a header if it has the wanted name, begins with a common one, or has one and no digit: ids and
 * names of products are data, which may be any text.
 *
 * @returns `undefined` when the line is a product like any other
 */
export function tablePlaces(
  names: readonly string[],
  idColumn: string,
  text: TextColumn | undefined,
): TablePlaces | undefined {
  const foldedNames = names.map(folded);
  const placeOf = (wanted: readonly string[]): number => {
    const found = wanted.find((name) => foldedNames.includes(name));
    return found === undefined ? -1 : foldedNames.indexOf(found);
  };
  const own = folded(idColumn);
  const common = [own, ...idNames];
  const isHeader =
    names.includes(idColumn) ||
    common.includes(foldedNames[0] ?? '') ||
    (!names.some((name) => /\d/.test(name)) &&
      foldedNames.some((name, place) => common.includes(name) || (place > 0 && nameColumn.names.includes(name))));
  if (!isHeader) {
    return undefined;
  }
  const guessable = idColumn === defaultColumns.product || productNames.includes(own);
  const guessed = placeOf(guessable ? common : [own]);
  const id = names.includes(idColumn) ? names.indexOf(idColumn) : guessed;
  return {
    id: id === -1 && (guessable || names.length === 1) ? 0 : id,
    text: text === undefined ? -1 : placeOf(text.names),
  };
}
