import { rejectReasons } from './id-rules.ts';
import { isCsv } from './is-csv.ts';
import { shownNames } from './shown-names.ts';

/**
 * The columns of a first line that was rejected for their number, when it looks like a header: more than two names without a digit.
 *
 * @param lines as `rejectedLine` puts them
 */
export function rejectedHeader(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const [file = '', number, reason, row = ''] = line.split('\t');
    const names = isCsv(file) ? row.split(',').map((name) => name.replace(/^"(.*)"$/, '$1')) : row.split('\\t');
    if (number === '1' && reason === rejectReasons.fields && names.length > 2 && names.every(isName)) {
      return shownNames(names);
    }
  }
  return undefined;
}

/**
 * What separates the fields of a first line that was rejected for their number, when that is not what the name of its file promises: a
 * spreadsheet of a country that writes 3,5 puts semicolons in a CSV.
 *
 * @param lines as `rejectedLine` puts them
 */
export function otherSeparator(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const [file = '', number, reason, row = ''] = line.split('\t');
    const own = isCsv(file) ? ',' : '\\t';
    if (number === '1' && reason === rejectReasons.fields && !row.includes(own)) {
      return separators.find(([text]) => row.includes(text))?.[1];
    }
  }
  return undefined;
}

/** As they stand in a rejected line. */
const separators = [
  [';', 'semicolons'],
  ['\\t', 'TABs'],
  [',', 'commas'],
] as const;

function isName(text: string): boolean {
  return /^\D*\p{L}\D*$/u.test(text);
}
