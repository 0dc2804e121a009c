import { pipeline } from 'node:stream';
import { parse } from 'csv-parse';
import { ExpectedFailure, messageOf } from '../failure.ts';
import { rejectReasonOf, rejectReasons } from './id-rules.ts';
import { byteOrderMark, type ViewColumns, type ViewSink } from './view-parser.ts';

const rowsPerFlush = 4096;

/**
 * Parses one CSV file of views into `sink` (quotes, any column order); backslashes are ordinary characters in CSV.
 *
 * The columns are taken by name when the first line holds both names; without such a header a row has exactly two fields.
 *
 * @param flush awaited now and then, so that the sink can empty what it gathers
 * @returns rows read, rejected ones included
 * @throws ExpectedFailure when a quote is opened and never closed
 */
export async function parseCsvViews(
  file: string,
  chunks: AsyncIterable<Buffer>,
  columns: ViewColumns,
  sink: ViewSink,
  flush: () => Promise<void>,
): Promise<number> {
  const parser = parse({
    encoding: null,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: 1 << 20,
  });
  // A failure of either side ends the parser with that error, which the loop below throws.
  pipeline(withoutByteOrderMark(chunks), parser, () => {});
  let rows = 0;
  let fields = 2;
  let pathField = 0;
  let productField = 1;
  let first = true;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: Buffer[]; info: { lines: number } }>) {
      if (first) {
        first = false;
        const names = record.map((name) => name.toString('utf8'));
        if (names.includes(columns.path) && names.includes(columns.product)) {
          fields = names.length;
          pathField = names.indexOf(columns.path);
          productField = names.indexOf(columns.product);
          continue;
        }
      }
      rows++;
      if (rows % rowsPerFlush === 0) {
        await flush();
      }
      const path = record[pathField];
      const product = record[productField];
      const reason =
        record.length !== fields || path === undefined || product === undefined
          ? rejectReasons.fields
          : (idReason(path) ?? idReason(product));
      if (reason !== undefined) {
        sink.reject(info.lines, reason, Buffer.from(record.join(',')));
      } else if (path !== undefined && product !== undefined) {
        const ids = Buffer.concat([path, product]);
        sink.view(ids, 0, path.length, path.length, ids.length);
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

function idReason(id: Buffer): ReturnType<typeof rejectReasonOf> {
  return id.equals(Buffer.from('\\N')) ? rejectReasons.null : rejectReasonOf(id, 0, id.length);
}

/** csv-parse's own option for the mark turns the fields into text, and invalid UTF-8 could not be seen any more. */
async function* withoutByteOrderMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
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
}
