import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { readWhole } from '../storage/input.ts';
import { unescapeInto } from './escapes.ts';

/**
 * Reads a small table (a catalogue, a list of ids) whole: TSV, or CSV by its name.
 *
 * @param wanted names of the columns to take, the id first. When the first line holds the id's name, columns are taken by name (one that is
 *   not there is empty); otherwise by their place
 * @returns a row each, with the wanted columns in the wanted order
 * @throws ExpectedFailure when it cannot be read or is not UTF-8
 */
export async function readSmallTable(
  location: string,
  wanted: readonly string[],
  effects: Effects,
): Promise<string[][]> {
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
  const rows = /\.csv(\.gz)?$/i.test(location) ? await csvRows(location, text) : tsvRows(text);
  const names = rows[0] ?? [];
  const byName = wanted[0] !== undefined && names.includes(wanted[0]);
  const places = wanted.map((name, place) => (byName ? names.indexOf(name) : place));
  return rows.slice(byName ? 1 : 0).map((row) => places.map((place) => row[place] ?? ''));
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
