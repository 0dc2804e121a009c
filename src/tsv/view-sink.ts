import type { RejectReason } from './id-rules.ts';

/** Takes the rows of one file as they are parsed. The bytes are valid during the call only. */
export interface ViewSink {
  /**
   * A view: the ids are `bytes[pathStart, pathEnd)` and `bytes[productStart, productEnd)`, escapes resolved; its time, where the file has that
   * column, is `bytes[productEnd, timeEnd)`, and may be anything.
   */
  view(
    bytes: Uint8Array,
    pathStart: number,
    pathEnd: number,
    productStart: number,
    productEnd: number,
    timeEnd?: number,
  ): void;
  /** A row that does not count; `line` is its number in the file, from 1; `row` its bytes without the line end. */
  reject(line: number, reason: RejectReason, row: Uint8Array): void;
  /** The fields of the file's first line, before they are taken for a header or a view. */
  firstLine?(names: readonly string[]): void;
  /**
   * Takes the lines `bytes[from, to)` itself for as long as they are plain rows, the product first when `swapped`; without it each row comes
   * as a view. Returns how many, and where the first line begins that is none.
   */
  plainRows?(bytes: Uint8Array, from: number, to: number, swapped: boolean): { rows: number; end: number };
}
