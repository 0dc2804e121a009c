import type { Effects } from '../../effects.ts';
import { linePieces } from '../../tsv/line-pieces.ts';
import { type ParseTsv, readViews, type ViewCounts } from '../../tsv/read-views.ts';
import type { ViewColumns } from '../../tsv/view-columns.ts';
import { lineFeed, ViewParser } from '../../tsv/view-parser.ts';
import type { ViewSink } from '../../tsv/view-sink.ts';
import type { RelateJob } from '../engine.ts';
import { type ParsedPiece, type PieceOrder, PieceParser } from './parse-piece.ts';
import type { ParserThreads } from './parser-threads.ts';
import type { ViewCollector } from './view-collector.ts';

/** Large enough that its own distinct ids are few beside its rows, and small enough that threads have one each of a file worth threads. */
const pieceBytes = 2 << 20;
/** Where the main thread parses: its tables stay in the cache. */
const smallPieceBytes = 1 << 20;
/** A thread, its tables, its piece and what that becomes, and the pieces that wait: measured, 125 MB for two. */
const threadBytes = 64 << 20;
/** Of the memory, that parsing in threads may take. */
const memoryShare = 1 / 8;

/** A piece may be a million empty lines; what is listed of each waits until it is written. */
const rejectsPerFlush = 4096;

/** Less is parsed by the main thread in a second, without the tables of threads. */
const bytesWorthThreads = 64 << 20;

/**
 * How many threads parse, and the bytes that they take; where memory is short it is the main thread alone.
 *
 * @param size about the bytes of the input, where that is known
 */
export function parserThreads(
  memory: number,
  threads: number,
  size: number = Number.POSITIVE_INFINITY,
): { readonly parsers: number; readonly bytes: number } {
  const affordable = Math.min(threads, Math.floor((memory * memoryShare) / threadBytes));
  const parsers = size < bytesWorthThreads ? 1 : affordable;
  return parsers < 2 ? { parsers: 1, bytes: 0 } : { parsers, bytes: parsers * threadBytes };
}

/**
 * Reads the views of a job into a collector. TSV files are parsed by the piece, large ones in threads, each piece with ids of its own; here
 * these become ids of all, in the order of the pieces. So the work that is left to this thread is that of the distinct ids of each piece.
 * Gzip data is inflated, and S3 read, beside it.
 *
 * @param threads that parse; 1 is the main thread
 * @param pace awaited between chunks of the input
 */
export async function collectViews(
  job: RelateJob,
  collected: ViewCollector,
  threads: number,
  effects: Effects,
  pace: () => Promise<void>,
): Promise<ViewCounts> {
  let here: PieceParser | undefined;
  let parsers: ParserThreads | undefined;
  const parse: ParseTsv = async (chunks, columns, sink, flush) => {
    const parsing: Promise<ParsedPiece>[] = [];
    let header: Uint8Array | undefined;
    let rows = 0;
    let lines = 0;
    const collect = async (piece: ParsedPiece): Promise<void> => {
      collected.addPiece(piece);
      for (const [at, { line, reason, row }] of piece.rejected.entries()) {
        sink.reject(lines + line, reason, Buffer.from(row, 'latin1'));
        if ((at + 1) % rejectsPerFlush === 0) {
          await flush();
        }
      }
      rows += piece.rows;
      lines += piece.lines;
      await flush();
    };
    let before: Buffer<ArrayBuffer> | undefined;
    let first = true;
    const order = (lines: Buffer<ArrayBuffer>): PieceOrder => {
      header ??= first ? headerOf(lines, columns, sink) : undefined;
      const next = { columns, header: first ? undefined : header, first, lines };
      first = false;
      return next;
    };
    const parseHere = (lines: Buffer<ArrayBuffer>): ParsedPiece => {
      here ??= new PieceParser();
      return here.parse(order(lines));
    };
    for await (const piece of linePieces(chunks, threads === 1 ? smallPieceBytes : pieceBytes)) {
      if (threads === 1) {
        await collect(parseHere(piece));
        continue;
      }
      if (before !== undefined) {
        parsers ??= new (await import('./parser-threads.ts')).ParserThreads(threads);
        parsing.push(parsers.parse(order(before)));
      }
      before = piece;
      if (parsing.length > threads) {
        await collect(await parsing.shift()!);
      }
    }
    for (const piece of parsing) {
      await collect(await piece);
    }
    if (before !== undefined) {
      // The last piece, most often the only one, is not worth a thread.
      await collect(parseHere(before));
    }
    return rows;
  };
  try {
    return await readViews(job.views, collected, job.rejected, effects, pace, parse);
  } finally {
    await parsers?.close();
  }
}

/** The first line of a file, if it is a header. */
function headerOf(piece: Buffer, columns: ViewColumns, { firstLine }: ViewSink): Uint8Array | undefined {
  const parser = new ViewParser(columns, { view: () => {}, reject: () => {}, ...(firstLine && { firstLine }) });
  const line = piece.subarray(0, piece.indexOf(lineFeed) + 1);
  parser.push(line);
  return parser.rows === 0 ? new Uint8Array(line) : undefined;
}
