import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { readWhole } from '../storage/input.ts';
import { unescapeInto } from './escapes.ts';
import { isCsv } from './is-csv.ts';
import { shownNames } from './shown-names.ts';
import { type TablePlaces, type TextColumn, tablePlaces } from './table-columns.ts';
import { mayBeHeader } from './view-columns.ts';

/** A product of a small table. */
export interface TableRow {
  readonly id: string;
  /** Empty where there is none. */
  readonly text: string;
}

/**
 * Reads a small table of products (a catalogue, their names) whole: TSV, or CSV by its name. Where its first line is a header (`tablePlaces`),
 * columns are taken by name, and what was guessed is said; otherwise the first is the id.
 *
 * @param idColumn name of the column of the id
 * @param text the column of text that is wanted beside the id
 * @throws ExpectedFailure `badData` when it is not UTF-8, or has a header without a column of the id that was named, and when it cannot be read
 */
export async function readSmallTable(
  location: string,
  idColumn: string,
  text: TextColumn | undefined,
  effects: Effects,
): Promise<TableRow[]> {
  const rows = await rowsOf(location, effects);
  const names = rows[0] ?? [];
  const places = tablePlaces(names, idColumn, text);
  if (places === undefined && mayBeHeader(names)) {
    effects.log.warn(`${location}: the first line, ${shownNames(names)}, is taken for a product like the others`);
  }
  if (places?.id === -1) {
    const { missingColumn } = await import('./missing-column.ts');
    throw missingColumn(location, names, idColumn, 'Name the column of the id with --product-column.');
  }
  if (places !== undefined) {
    say(location, names, places, idColumn, text, effects);
  }
  const { id, text: textPlace } = places ?? { id: 0, text: text?.place ?? -1 };
  const found = rows
    .slice(places === undefined ? 0 : 1)
    .map((row) => ({ id: row[id] ?? '', text: row[textPlace] ?? '' }));
  if (text !== undefined && places === undefined && found.length > 0 && found.every(({ text }) => text === '')) {
    const separator = isCsv(location) ? 'a comma' : 'a TAB';
    effects.log.info(`${location}: no product has a ${text.what}, which stands behind ${separator}`);
  }
  return found;
}

/** Says what was guessed, and that there is no text. */
function say(
  location: string,
  names: readonly string[],
  places: TablePlaces,
  idColumn: string,
  text: TextColumn | undefined,
  { log }: Effects,
): void {
  const [id = '', found] = [names[places.id], names[places.text]];
  if (id !== idColumn) {
    log.info(`${location}: the product is the column ${shownNames([id])}; --product-column names another`);
  }
  if (found !== undefined && found !== text?.what) {
    log.info(`${location}: the ${text?.what} of a product is the column ${shownNames([found])}`);
  }
  if (text !== undefined && found === undefined) {
    log.info(`${location}: no column is the ${text.what} of a product; its columns are ${shownNames(names)}`);
  }
}

async function rowsOf(location: string, effects: Effects): Promise<string[][]> {
  const bytes = await readWhole(location, effects);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ExpectedFailure('badData', `Cannot read ${location}: it is not UTF-8`, {
      remedy: 'Save it as UTF-8.',
      cause: error,
    });
  }
  // A CR that ends the file belongs to the line end, as in views.
  const lines = text.endsWith('\r') ? `${text}\n` : text;
  return isCsv(location) ? await csvRows(location, lines) : tsvRows(lines);
}

async function csvRows(location: string, text: string): Promise<string[][]> {
  const { parse } = await import('csv-parse/sync');
  try {
    return parse(text, {
      // Left to itself it takes the end of the first line for the end of every line.
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
  } catch (error) {
    throw new ExpectedFailure('badData', `Cannot read ${location}: it is not valid CSV`, { cause: error });
  }
}

function tsvRows(text: string): string[][] {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => line.split('\t').map(unescapeField));
}

function unescapeField(field: string): string {
  if (!field.includes('\\')) {
    return field;
  }
  const bytes = Buffer.from(field);
  return bytes.toString('utf8', 0, unescapeInto(bytes, 0, bytes.length, bytes));
}
