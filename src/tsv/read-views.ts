import type { Effects } from '../effects.ts';
import { readBytes } from '../storage/input.ts';
import { FirstLines } from './first-lines.ts';
import { isCsv } from './is-csv.ts';
import { listViews } from './list-views.ts';
import type { RejectedRows } from './rejected-rows.ts';
import type { ViewColumns } from './view-columns.ts';
import { ViewParser } from './view-parser.ts';
import type { ViewSink } from './view-sink.ts';

/** What was read. */
export interface ViewCounts {
  readonly files: number;
  /** Rows, rejected ones included, headers not. */
  readonly rows: number;
  /** The column of the time of a view, where one was wanted and is there. */
  readonly time: string | undefined;
}

/** Where views come from. */
export interface ViewSource {
  /** Files, folders, globs, `-` or `s3://` addresses; together they are one input. */
  readonly locations: readonly string[];
  readonly columns: ViewColumns;
  /** Where the job writes: none of these files is to be read as views. */
  readonly outputs?: readonly string[] | undefined;
}

/** Parses one TSV file into `sink`, with `flush` awaited now and then, and returns the rows read, rejected ones included. */
export type ParseTsv = (
  chunks: AsyncIterable<Buffer>,
  columns: ViewColumns,
  sink: ViewSink,
  flush: () => Promise<void>,
) => Promise<number>;

/**
 * Reads every row of the views into `sink`; rejected ones go to `rejected`.
 *
 * @param pace awaited between chunks of input: lets a sink that writes hold the reading up
 * @param parseTsv how TSV files are parsed
 * @throws ExpectedFailure when a file cannot be read to its end, when it has a header without the columns that were named, and when it is an
 *   output of the job
 */
export async function readViews(
  source: ViewSource,
  sink: Pick<ViewSink, 'view'>,
  rejected: RejectedRows,
  effects: Effects,
  pace: () => Promise<void> = async () => {},
  parseTsv: ParseTsv = parseTsvViews,
): Promise<ViewCounts> {
  const files = await listViews(source.locations, source.outputs ?? [], effects);
  const firstLines = new FirstLines(source.columns, effects);
  let rows = 0;
  for (const file of files) {
    effects.log.debug(`Reading ${file}`);
    const fileSink: ViewSink = {
      view: (bytes, pathStart, pathEnd, productStart, productEnd, timeEnd) =>
        sink.view(bytes, pathStart, pathEnd, productStart, productEnd, timeEnd),
      reject: (line, reason, row) => rejected.add(file, line, reason, row),
      firstLine: (names) => firstLines.look(file, names),
    };
    const flush = async (): Promise<void> => {
      await firstLines.check();
      await rejected.flush();
      await pace();
    };
    const chunks = readBytes(file, effects);
    rows += isCsv(file)
      ? await (await import('./csv-views.ts')).parseCsvViews(file, chunks, source.columns, fileSink, flush)
      : await parseTsv(chunks, source.columns, fileSink, flush);
    await flush();
  }
  return { files: files.length, rows, time: firstLines.time };
}

const parseTsvViews: ParseTsv = async (chunks, columns, sink, flush) => {
  const parser = new ViewParser(columns, sink);
  for await (const chunk of chunks) {
    parser.push(chunk);
    await flush();
  }
  parser.end();
  return parser.rows;
};
