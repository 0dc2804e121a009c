import { pipeline } from 'node:stream';
import { parse } from 'csv-parse';
import { ExpectedFailure, messageOf } from '../failure.ts';
import { rejectReasonOf, rejectReasons } from './id-rules.ts';
import { headerColumns, type ViewColumns } from './view-columns.ts';
import { byteOrderMark, carriageReturn, lineFeed, maxLineBytes } from './view-parser.ts';
import type { ViewSink } from './view-sink.ts';

const rowsPerFlush = 4096;

/**
 * Parses one CSV file of views into `sink` (quotes, any column order); backslashes are ordinary characters in CSV.
 *
 * The columns are taken by name when the first line is a header (`headerColumns`); without such a header a row has exactly two fields.
 *
 * @param flush awaited now and then, so that the sink can empty what it gathers
 * A stray quote makes one record of many lines: when such a record is rejected, each of its lines is a rejected row.
 *
 * @returns rows read, rejected ones included
 * @throws ExpectedFailure when a quote is opened and never closed, or a record is longer than 1 MiB
 */
export async function parseCsvViews(
  file: string,
  chunks: AsyncIterable<Buffer>,
  columns: ViewColumns,
  sink: ViewSink,
  flush: () => Promise<void>,
): Promise<number> {
  const parser = parse({
    // Each byte a character, so that ids come out as the bytes that they are; as Buffers, csv-parse cannot report its own errors.
    encoding: 'latin1',
    raw: true,
    relax_column_count: true,
    relax_quotes: true,
    // Without these it takes the first line end of the file for all of them, and a file with both kinds would be one row.
    record_delimiter: ['\r\n', '\n'],
    max_record_size: maxLineBytes,
  });
  const records: AsyncIterable<{ record: string[]; raw: string }> = parser;
  // A failure of either side ends the parser with that error, which the loop below throws.
  pipeline(wholeLines(chunks), parser, () => {});
  let rows = 0;
  let fields = 2;
  let pathField = 0;
  let productField = 1;
  let timeField = -1;
  let first = true;
  let nextLine = 1;
  try {
    for await (const { record, raw } of records) {
      const firstLine = nextLine;
      nextLine += linesOf(raw);
      if (first) {
        first = false;
        const names = record.map((name) => Buffer.from(name, 'latin1').toString('utf8'));
        sink.firstLine?.(names);
        const header = headerColumns(names, columns);
        if (header !== undefined) {
          fields = names.length;
          pathField = names.indexOf(header.path);
          productField = names.indexOf(header.product);
          timeField = header.time === undefined ? -1 : names.indexOf(header.time);
          continue;
        }
      }
      const path = record[pathField];
      const product = record[productField];
      const reason =
        nextLine > firstLine + 1 && !wellQuoted.test(raw)
          ? rejectReasons.quote
          : record.length !== fields || path === undefined || product === undefined
            ? rejectReasons.fields
            : (idReason(path) ?? idReason(product));
      if (reason !== undefined) {
        let start = 0;
        for (let line = firstLine; line < nextLine; line++) {
          const end = raw.indexOf('\n', start) + 1 || raw.length;
          sink.reject(line, reason, Buffer.from(raw.slice(start, end).replace(/\r?\n$/, ''), 'latin1'));
          start = end;
          rows++;
          // A record may hold half a million lines.
          if (rows % rowsPerFlush === 0) {
            await flush();
          }
        }
      } else if (path !== undefined && product !== undefined) {
        const time = record[timeField];
        const bytes = Buffer.from(path + product + (time ?? ''), 'latin1');
        const end = path.length + product.length;
        sink.view(bytes, 0, path.length, path.length, end, time === undefined ? undefined : bytes.length);
        rows++;
        if (rows % rowsPerFlush === 0) {
          await flush();
        }
      }
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')) {
      throw new ExpectedFailure('badData', `Cannot read ${file}: it is not valid CSV: ${messageOf(error)}`, {
        remedy: 'Quote fields that hold a comma, a quote or a line end, and double the quotes inside them.',
        cause: error,
      });
    }
    throw error;
  }
  return rows;
}

/**
 * A record whose quotes are where they belong. Only those of several lines are looked at: a stray quote in a column that nobody asked for
 * would otherwise swallow the rows up to the next one without a trace.
 */
const wellQuoted = /^(?:[^",]*|"(?:[^"]|"")*")(?:,(?:[^",]*|"(?:[^"]|"")*"))*\r?\n?$/;

/** Lines of a record as it stands in the file; the last line of the file may have no end. */
function linesOf(raw: string): number {
  let lines = raw.endsWith('\n') ? 0 : 1;
  for (let at = raw.indexOf('\n'); at !== -1; at = raw.indexOf('\n', at + 1)) {
    lines++;
  }
  return lines;
}

function idReason(id: string): ReturnType<typeof rejectReasonOf> {
  const bytes = Buffer.from(id, 'latin1');
  return id === '\\N' ? rejectReasons.null : rejectReasonOf(bytes, 0, bytes.length);
}

/**
 * The chunks without a byte order mark: csv-parse's own option for it turns the fields into UTF-8 text, and invalid bytes could not be seen any
 * more. A CR that ends the file belongs to the line end, as in TSV: it gets its LF.
 */
async function* wholeLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  let last: number | undefined;
  for await (const chunk of chunks) {
    last = chunk.at(-1) ?? last;
    if (head === undefined) {
      yield chunk;
    } else {
      head = Buffer.concat([head, chunk]);
      if (head.length >= byteOrderMark.length) {
        yield head.subarray(head.indexOf(byteOrderMark) === 0 ? byteOrderMark.length : 0);
        head = undefined;
      }
    }
  }
  if (head !== undefined) {
    yield head;
  }
  if (last === carriageReturn) {
    yield Buffer.of(lineFeed);
  }
}
