import { unescapeId } from './escapes.ts';

/** How relations are written. Only `tsv` is a relations file that other commands read. */
export const relationFormats = ['tsv', 'csv', 'jsonl'] as const;
export type RelationFormat = (typeof relationFormats)[number];

/** Bytes of lines that are taken apart at once: the objects of a whole block of lines would take twenty times its bytes. */
const pieceBytes = 1 << 16;

const lineFeed = 0x0a;

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
        format: (lines) => inPieces(lines, (rows) => stringify(rows)),
      };
    }
    case 'jsonl':
      return {
        head: '',
        format: (lines) =>
          inPieces(lines, (rows) =>
            rows
              .map(([source, target, weight]) => `${JSON.stringify({ source, target, weight: Number(weight) })}\n`)
              .join(''),
          ),
      };
  }
}

function inPieces(lines: Uint8Array, textOf: (rows: string[][]) => string): Buffer {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(lineFeed, Math.min(start + pieceBytes, bytes.length - 1)) + 1;
    pieces.push(Buffer.from(textOf(fieldsOf(bytes.subarray(start, end)))));
    start = end;
  }
  return Buffer.concat(pieces);
}

/** The fields of whole lines. */
function fieldsOf(lines: Buffer): string[][] {
  return lines
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t').map(unescapeId));
}
