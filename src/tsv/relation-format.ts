import { unescapeId } from './escapes.ts';

/** How relations are written. Only `tsv` is a relations file that other commands read. */
export const relationFormats = ['tsv', 'csv', 'jsonl'] as const;
export type RelationFormat = (typeof relationFormats)[number];

/** Turns whole lines of a relations file into another format; `head` comes before the first. */
export interface RelationFormatter {
  readonly head: string;
  format(lines: Uint8Array): Uint8Array;
}

/** The formatter of a format; loads what it needs. */
export async function relationFormatter(format: RelationFormat): Promise<RelationFormatter> {
  switch (format) {
    case 'tsv':
      return { head: '', format: (lines) => lines };
    case 'csv': {
      const { stringify } = await import('csv-stringify/sync');
      return {
        head: stringify([['source', 'target', 'weight']]),
        format: (lines) => Buffer.from(stringify(fieldsOf(lines))),
      };
    }
    case 'jsonl':
      return {
        head: '',
        format: (lines) =>
          Buffer.from(
            fieldsOf(lines)
              .map(([source, target, weight]) => `${JSON.stringify({ source, target, weight: Number(weight) })}\n`)
              .join(''),
          ),
      };
  }
}

function fieldsOf(lines: Uint8Array): string[][] {
  return Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength)
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t').map(unescapeId));
}
