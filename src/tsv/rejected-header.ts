import { rejectReasons } from './id-rules.ts';
import { shownNames } from './shown-names.ts';

/**
 * The columns of a first line that was rejected for their number, when it looks like a header: more than two names without a digit.
 *
 * @param lines as `rejectedLine` puts them
 */
export function rejectedHeader(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const [file = '', number, reason, row = ''] = line.split('\t');
    const names = /\.csv(\.gz)?$/i.test(file)
      ? row.split(',').map((name) => name.replace(/^"(.*)"$/, '$1'))
      : row.split('\\t');
    if (number === '1' && reason === rejectReasons.fields && names.length > 2 && names.every(isName)) {
      return shownNames(names);
    }
  }
  return undefined;
}

function isName(text: string): boolean {
  return /^\D*\p{L}\D*$/u.test(text);
}
