import { IdTable } from '../../relation/id-table.ts';
import type { RejectReason } from '../../tsv/id-rules.ts';
import { keptRowBytes } from '../../tsv/rejected-line.ts';
import { type ViewColumns, ViewParser } from '../../tsv/view-parser.ts';
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
  readonly views: Uint32Array<ArrayBuffer>;
  /** Rows, rejected ones included, headers not. */
  readonly rows: number;
  readonly lines: number;
  /** `line` counts from the piece's first one, which is 1. */
  readonly rejected: readonly { readonly line: number; readonly reason: RejectReason; readonly row: Uint8Array }[];
}

/** Parses pieces of files; a thread keeps one, so that its tables and arrays are made once. */
export class PieceParser {
  readonly #paths = new IdTable();
  readonly #products = new IdTable();
  #views: Uint32Array<ArrayBuffer> = new Uint32Array(1 << 16);
  #used = 0;

  parse({ columns, header, first, lines }: PieceOrder): ParsedPiece {
    this.#paths.clear();
    this.#products.clear();
    this.#used = 0;
    const headerLines = header === undefined ? 0 : 1;
    const rejected: { line: number; reason: RejectReason; row: Uint8Array }[] = [];
    const sink = {
      view: (bytes: Uint8Array, pathStart: number, pathEnd: number, productStart: number, productEnd: number): void =>
        this.#add(
          this.#paths.intern(bytes, pathStart, pathEnd),
          this.#products.intern(bytes, productStart, productEnd),
        ),
      reject: (line: number, reason: RejectReason, row: Uint8Array): void => {
        rejected.push({ line: line - headerLines, reason, row: new Uint8Array(row.subarray(0, keptRowBytes)) });
      },
    };
    const parser = new ViewParser(columns, sink, first || header !== undefined);
    if (header !== undefined) {
      parser.push(Buffer.from(header));
    }
    parser.push(Buffer.from(lines.buffer, lines.byteOffset, lines.length));
    parser.end();
    return {
      paths: this.#paths.list(),
      products: this.#products.list(),
      views: this.#views.slice(0, this.#used),
      rows: parser.rows,
      lines: parser.lines - headerLines,
      rejected,
    };
  }

  #add(path: number, product: number): void {
    if (this.#used === this.#views.length) {
      const grown = new Uint32Array(2 * this.#used);
      grown.set(this.#views);
      this.#views = grown;
    }
    this.#views[this.#used++] = path;
    this.#views[this.#used++] = product;
  }
}
