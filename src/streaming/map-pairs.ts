import type { ByteWriter } from '../tsv/byte-writer.ts';
import { writeEscapedId } from '../tsv/escapes.ts';
import { rejectedLine } from '../tsv/rejected-line.ts';
import { guessedColumns, refusedColumn, type ViewColumns } from '../tsv/view-columns.ts';
import { ViewParser } from '../tsv/view-parser.ts';
import type { Counters } from './counters.ts';

const tab = 0x09;
const lineFeed = 0x0a;

/** What a line of the log about a rejected row begins with; the rest is a line of the file of rejected rows. */
export const rejectionPrefix = 'rejected ';

/** Rejected rows of one task that are shown. */
const shownRejections = 10;

/** What a mapper of the pairs phase is told. */
export interface MapPairsOptions {
  readonly columns: ViewColumns;
  /** Whether the input begins with the first line of a file, which may be a header: a split further on does not. */
  readonly fromStart: boolean;
  /** Name of the input, for the places of rejected rows. */
  readonly file: string;
}

/**
 * The mapper of the pairs phase: rows of views to lines `path TAB product`, escapes kept, so that the shuffle can bring a path together.
 *
 * @param warn takes a line about each of the first rejected rows; lines are counted from where the split begins
 */
export function mapPairs(
  chunks: Iterable<Buffer>,
  output: ByteWriter,
  counters: Counters,
  options: MapPairsOptions,
  warn: (line: string) => void,
): void {
  let rejected = 0;
  const parser = new ViewParser(
    options.columns,
    {
      view(bytes, pathStart, pathEnd, productStart, productEnd) {
        writeEscapedId(output, bytes, pathStart, pathEnd);
        output.byte(tab);
        writeEscapedId(output, bytes, productStart, productEnd);
        output.byte(lineFeed);
      },
      reject(line, reason, row) {
        counters.add(`rejected ${reason}`, 1);
        if (rejected++ < shownRejections) {
          warn(`${rejectionPrefix}${rejectedLine(options.file, line, reason, row)}`);
        }
      },
      firstLine(names) {
        const { columns, file } = options;
        const missing = refusedColumn(names, columns);
        if (missing !== undefined) {
          throw new Error(`Cannot read ${file}: its columns are ${names.join(', ')}, not ${missing}`);
        }
        counters.add('headers with guessed columns', guessedColumns(names, columns) === undefined ? 0 : 1);
      },
    },
    options.fromStart,
  );
  for (const chunk of chunks) {
    parser.push(chunk);
  }
  parser.end();
  output.flush();
  counters.add(options.fromStart ? 'files' : 'splits', 1);
  counters.add('headers with other columns', parser.reordered ? 1 : 0);
  counters.add('rows', parser.rows);
  counters.add('rejected', rejected);
}
