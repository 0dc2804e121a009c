import type { RejectReason } from '../../tsv/id-rules.ts';
import { keptRowBytes } from '../../tsv/rejected-line.ts';
import type { ViewColumns } from '../../tsv/view-columns.ts';
import { ViewParser } from '../../tsv/view-parser.ts';
import { PieceKernel } from './piece-kernel.ts';
import type { PieceOfViews } from './view-collector.ts';

/** Lines of one file. */
export interface PieceOrder {
  readonly columns: ViewColumns;
  /** The header line of the file, if it has one and the piece does not begin with it. */
  readonly header: Uint8Array | undefined;
  /** Whether the piece is the beginning of the file. */
  readonly first: boolean;
  readonly lines: Uint8Array<ArrayBuffer>;
}

export interface ParsedPiece extends PieceOfViews {
  /** Rows, rejected ones included, headers not. */
  readonly rows: number;
  readonly lines: number;
  /** `line` counts from the piece's first one, which is 1; `row` has a character for each byte: a million of them would take a gigabyte as arrays. */
  readonly rejected: readonly { readonly line: number; readonly reason: RejectReason; readonly row: string }[];
}

/** Parses pieces of files; a thread keeps one, so that its memory is had once. What it returns is valid until the next piece. */
export class PieceParser {
  readonly #kernel = new PieceKernel();

  parse({ columns, header, first, lines }: PieceOrder): ParsedPiece {
    const kernel = this.#kernel;
    kernel.begin(lines);
    const headerLines = header === undefined ? 0 : 1;
    const rejected: { line: number; reason: RejectReason; row: string }[] = [];
    const parser = new ViewParser(
      columns,
      {
        view: (bytes, pathStart, pathEnd, productStart, productEnd) =>
          kernel.view(bytes, pathStart, pathEnd, productStart, productEnd),
        plainRows: (_bytes, from, to, swapped) => {
          const before = kernel.views;
          const end = kernel.rows(from, to, swapped);
          return { rows: kernel.views - before, end };
        },
        reject: (line, reason, row) => {
          rejected.push({
            line: line - headerLines,
            reason,
            row: Buffer.from(row.buffer, row.byteOffset, Math.min(row.length, keptRowBytes)).toString('latin1'),
          });
        },
      },
      first || header !== undefined,
    );
    if (header !== undefined) {
      parser.push(Buffer.from(header));
    }
    parser.push(Buffer.from(lines.buffer, lines.byteOffset, lines.length));
    parser.end();
    return { ...kernel.take(), rows: parser.rows, lines: parser.lines - headerLines, rejected };
  }
}
