import { escapeBytes } from '../tsv/escapes.ts';

/** How a count is written. */
export type FormatNumber = (count: number) => string;

/** For people with thousands separators, for programs without. */
export const numbersFor = (terminal: boolean): FormatNumber =>
  terminal ? new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 }).format : String;

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
  return stringify(rows.map((row) => [...row]));
}

function escapeText(text: string): string {
  return Buffer.from(escapeBytes(Buffer.from(text))).toString();
}

/** An aligned table without lines, for people. */
export async function plainTable(
  head: readonly string[],
  aligns: readonly ('left' | 'right')[],
  rows: readonly (readonly string[])[],
): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    chars: noLines,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    head: [...head],
    colAligns: [...aligns],
  });
  table.push(...rows.map((row) => row.map(printable)));
  return table
    .toString()
    .split('\n')
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** Text from data must not move the cursor or colour the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '');
}

const noLines = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};
