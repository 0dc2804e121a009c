import { hasRightToLeft, leftToRightMark, printable } from '../printable.ts';
import { escapeBytes } from '../tsv/escapes.ts';

/** How a count is written. */
export type FormatNumber = (count: number) => string;

/** For people with thousands separators, for programs without. */
export const numbersFor = (terminal: boolean): FormatNumber =>
  terminal ? new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 }).format : String;

/** A figure that is no count, for people: three digits that count, and all before the point. */
export function rounded(figure: number, number: FormatNumber): string {
  return Math.abs(figure) >= 999.5 ? number(Math.round(figure)) : figure.toPrecision(3);
}

/** Rows with a header, for programs: TSV with the escapes of every other file, or CSV. */
export async function formatRows(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  format: 'tsv' | 'csv',
): Promise<string> {
  if (format === 'csv') {
    return await csvRows([columns, ...rows]);
  }
  return [columns, ...rows].map((row) => `${row.map(escapeText).join('\t')}\n`).join('');
}

/** Rows as CSV, quoted as needed. */
export async function csvRows(rows: readonly (readonly string[])[]): Promise<string> {
  const { stringify } = await import('csv-stringify/sync');
  // It quotes what holds its own end of a line; to most readers a CR alone ends one too.
  return stringify(
    rows.map((row) => [...row]),
    { quoted_match: '\r' },
  );
}

function escapeText(text: string): string {
  return Buffer.from(escapeBytes(Buffer.from(text))).toString();
}

/**
 * An aligned table without lines, for people.
 *
 * @param head without it the columns have no names
 */
export async function plainTable(
  head: readonly string[] | undefined,
  aligns: readonly ('left' | 'right')[],
  rows: readonly (readonly string[])[],
): Promise<string> {
  const lines = [...(head === undefined ? [] : [head]), ...rows].map((row) => row.map(printable));
  const widthOf = await widthsFor(lines.flat());
  const widths = aligns.map((_, column) => Math.max(0, ...lines.map((line) => widthOf(line[column] ?? ''))));
  return lines
    .map((line) =>
      line.map((cell, column) => {
        const blanks = ' '.repeat(widths[column]! - widthOf(cell));
        return aligns[column] === 'left' ? cell + blanks : blanks + cell;
      }),
    )
    .map((line) => `${line.join(line.some(hasRightToLeft) ? ` ${leftToRightMark} ` : '  ').trimEnd()}\n`)
    .join('');
}

/** Columns of a terminal that a text takes: wide characters and emoji take two, marks none. What knows them is loaded where there are any. */
async function widthsFor(texts: readonly string[]): Promise<(text: string) => number> {
  if (texts.every(isNarrow)) {
    return (text) => text.length;
  }
  const { default: measure } = await import('fast-string-truncated-width');
  return (text) => measure(text).width;
}

/** Every character takes a column: ASCII, and what the tables themselves are drawn with. */
function isNarrow(text: string): boolean {
  return /^[ -~█…]*$/.test(text);
}

/**
 * Names as a table has them.
 *
 * @param most columns of a terminal that one may take: longer ones are cut
 */
export async function nameCells(names: readonly (string | undefined)[], most: number): Promise<string[]> {
  const texts = names.map((name) => printable(name ?? ''));
  if (texts.every((text) => text.length <= most / 2 || (text.length <= most && isNarrow(text)))) {
    return texts;
  }
  const { default: measure } = await import('fast-string-truncated-width');
  return texts.map((text) => {
    const { index, ellipsed } = measure(text, { limit: most, ellipsis: '…', ellipsisWidth: 1 });
    return ellipsed ? `${text.slice(0, index)}…` : text;
  });
}
