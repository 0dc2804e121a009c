import { unescapeInto } from './escapes.ts';
import { isNull, maxIdCharacters, type RejectReason, rejectReasonOf, rejectReasons } from './id-rules.ts';
import { headerColumns, type ViewColumns } from './view-columns.ts';
import type { ViewSink } from './view-sink.ts';

const tab = 0x09;
export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;
const backslash = 0x5c;
/** What some editors put before the first character of a UTF-8 file. */
export const byteOrderMark: Buffer = Buffer.from([0xef, 0xbb, 0xbf]);

/** A longer line is no row of views; without a bound, a file without line ends would be read into memory whole. */
export const maxLineBytes: number = 1 << 20;

/** A byte order mark before a line and a CR behind it are no part of it. */
export const besideLine: number = byteOrderMark.length + 1;

const plain = 0;
const odd = 1;
/** The class of each byte: plain, one that needs the careful path, TAB or LF. */
const classOf = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === tab || byte === lineFeed ? byte : byte < 0x20 || byte >= 0x7f || byte === backslash ? odd : plain,
);

/**
 * Parses one TSV file of views, given in chunks of any size: a row, an escape or a character may be cut anywhere.
 *
 * Rows of plain ASCII without escapes, nearly all of them, take a path of one table look-up a byte; the others are looked at carefully.
 */
export class ViewParser {
  readonly #columns: ViewColumns;
  readonly #sink: ViewSink;
  readonly #header: boolean;
  /** Takes the ids of a row whose escapes are resolved. */
  #scratch = new Uint8Array(1 << 12);
  #carry: Buffer = Buffer.alloc(0);
  #skippingLine = false;
  #line = 0;
  #rows = 0;
  #fields = 2;
  #pathField = 0;
  #productField = 1;
  #timeField = -1;

  /** @param header whether the first line may be a header; the part of a file that a cluster's task gets begins in the middle */
  constructor(columns: ViewColumns, sink: ViewSink, header = true) {
    this.#columns = columns;
    this.#sink = sink;
    this.#header = header;
  }

  /** Rows so far, rejected ones included; a header is not a row. */
  get rows(): number {
    return this.#rows;
  }

  /** Lines so far. */
  get lines(): number {
    return this.#line;
  }

  /** Whether a header put the columns elsewhere than path, then product, and nothing else. */
  get reordered(): boolean {
    return this.#fields !== 2 || this.#pathField !== 0;
  }

  push(chunk: Buffer): void {
    let from = 0;
    if (this.#carry.length > 0 || this.#skippingLine) {
      const end = chunk.indexOf(lineFeed);
      if (end === -1) {
        this.#keep(chunk);
        return;
      }
      from = end + 1;
      if (this.#skippingLine) {
        this.#skippingLine = false;
      } else {
        const line = Buffer.concat([this.#carry, chunk.subarray(0, from)]);
        this.#carry = Buffer.alloc(0);
        this.#lines(line, 0, line.length);
      }
    }
    const to = chunk.lastIndexOf(lineFeed) + 1;
    if (to > from) {
      this.#lines(chunk, from, to);
      from = to;
    }
    if (from < chunk.length) {
      this.#keep(chunk.subarray(from));
    }
  }

  /** The file ends: a last line without a line end counts. */
  end(): void {
    if (this.#carry.length > 0) {
      const line = this.#carry;
      this.#carry = Buffer.alloc(0);
      this.#line++;
      this.#careful(line, 0, line.length);
    }
  }

  /** Keeps the beginning of a line until its end arrives. */
  #keep(part: Buffer): void {
    if (this.#skippingLine) {
      return;
    }
    this.#carry = Buffer.concat([this.#carry, part]);
    if (this.#carry.length > maxLineBytes + besideLine) {
      this.#line++;
      this.#rows++;
      this.#sink.reject(this.#line, rejectReasons.line, this.#carry);
      this.#carry = Buffer.alloc(0);
      this.#skippingLine = true;
    }
  }

  /** `bytes[from, to)` are whole lines, the last line end included. */
  #lines(bytes: Buffer, from: number, to: number): void {
    let start = from;
    if (this.#line === 0) {
      start = bytes.indexOf(lineFeed, from) + 1;
      this.#line = 1;
      this.#careful(bytes, from, start - 1);
    }
    const direct = this.#fields === 2;
    const swapped = this.#pathField === 1;
    if (direct && this.#sink.plainRows !== undefined) {
      while (start < to) {
        const plain = this.#sink.plainRows(bytes, start, to, swapped);
        this.#line += plain.rows;
        this.#rows += plain.rows;
        start = plain.end;
        if (start < to) {
          const end = bytes.indexOf(lineFeed, start);
          this.#line++;
          this.#careful(bytes, start, end);
          start = end + 1;
        }
      }
      return;
    }
    let tabAt = -1;
    let tabs = 0;
    let oddBytes = 0;
    for (let at = start; at < to; at++) {
      const kind = classOf[bytes[at]!];
      if (kind === plain) {
        continue;
      }
      if (kind === tab) {
        tabAt = at;
        tabs++;
      } else if (kind === odd) {
        oddBytes++;
      } else {
        this.#line++;
        if (
          direct &&
          tabs === 1 &&
          oddBytes === 0 &&
          isPlainId(bytes, start, tabAt) &&
          isPlainId(bytes, tabAt + 1, at)
        ) {
          this.#rows++;
          if (swapped) {
            this.#sink.view(bytes, tabAt + 1, at, start, tabAt);
          } else {
            this.#sink.view(bytes, start, tabAt, tabAt + 1, at);
          }
        } else {
          this.#careful(bytes, start, at);
        }
        start = at + 1;
        tabs = 0;
        oddBytes = 0;
      }
    }
  }

  /**
   * A line `bytes[start, end)` of any kind, its LF not included. A CR before the LF belongs to the line end, and so does one that ends the
   * file: Hadoop adds the LF that a last line lacks before a mapper can see it.
   */
  #careful(bytes: Buffer, start: number, end: number): void {
    if (end > start && bytes[end - 1] === carriageReturn) {
      end--;
    }
    if (this.#line === 1 && this.#header) {
      if (byteOrderMark.equals(bytes.subarray(start, start + byteOrderMark.length))) {
        start += byteOrderMark.length;
      }
      if (this.#isHeader(bytes.subarray(start, end))) {
        return;
      }
    }
    this.#rows++;
    const reason = end - start > maxLineBytes ? rejectReasons.line : this.#view(bytes, start, end);
    if (reason !== undefined) {
      this.#sink.reject(this.#line, reason, bytes.subarray(start, end));
    }
  }

  #isHeader(line: Buffer): boolean {
    const names = line.toString('utf8').split('\t');
    this.#sink.firstLine?.(names);
    const header = headerColumns(names, this.#columns);
    if (header === undefined) {
      return false;
    }
    this.#fields = names.length;
    this.#pathField = names.indexOf(header.path);
    this.#productField = names.indexOf(header.product);
    this.#timeField = header.time === undefined ? -1 : names.indexOf(header.time);
    return true;
  }

  #view(bytes: Buffer, start: number, end: number): RejectReason | undefined {
    let field = 0;
    let fieldStart = start;
    let pathStart = 0;
    let pathEnd = 0;
    let productStart = 0;
    let productEnd = 0;
    let timeStart = 0;
    let timeEnd = 0;
    for (let at = start; at <= end; at++) {
      if (at === end || bytes[at] === tab) {
        if (field === this.#pathField) {
          pathStart = fieldStart;
          pathEnd = at;
        }
        if (field === this.#productField) {
          productStart = fieldStart;
          productEnd = at;
        }
        if (field === this.#timeField) {
          timeStart = fieldStart;
          timeEnd = at;
        }
        field++;
        fieldStart = at + 1;
      }
    }
    if (field !== this.#fields) {
      return rejectReasons.fields;
    }
    if (isNullEscape(bytes, pathStart, pathEnd) || isNullEscape(bytes, productStart, productEnd)) {
      return rejectReasons.null;
    }
    // The time may be one of the ids, too.
    if (this.#scratch.length < 2 * (end - start)) {
      this.#scratch = new Uint8Array(2 * (end - start));
    }
    const ids = this.#scratch;
    const pathLength = unescapeInto(bytes, pathStart, pathEnd, ids);
    const productLength = unescapeInto(bytes, productStart, productEnd, ids.subarray(pathLength));
    const length = pathLength + productLength;
    const reason = rejectReasonOf(ids, 0, pathLength) ?? rejectReasonOf(ids, pathLength, length);
    if (reason === undefined && this.#timeField === -1) {
      this.#sink.view(ids, 0, pathLength, pathLength, length);
    } else if (reason === undefined) {
      const end = length + unescapeInto(bytes, timeStart, timeEnd, ids.subarray(length));
      this.#sink.view(ids, 0, pathLength, pathLength, length, end);
    }
    return reason;
  }
}

/** Whether plain ASCII bytes are an id; everything doubtful is left to the careful path. */
function isPlainId(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  return length > 0 && length <= maxIdCharacters && !(length === 4 && isNull(bytes, start, end));
}

/** Whether a field is `\N`, before escapes are resolved: `\\N` is the id `\N`. */
function isNullEscape(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 2 && bytes[start] === backslash && bytes[start + 1] === 0x4e;
}
