import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PieceParser } from '#dist/engine/local/parse-piece.js';
import { Counters } from '#dist/streaming/counters.js';
import { mapPairs } from '#dist/streaming/map-pairs.js';
import { ByteWriter } from '#dist/tsv/byte-writer.js';
import { linePieces } from '#dist/tsv/line-pieces.js';
import { ViewParser } from '#dist/tsv/view-parser.js';
import type { ViewSink } from '#dist/tsv/view-sink.js';
import { chunksOf, cuts, fuzz, inBoundedMemory, patience, stream } from './inputs.ts';
import { type ReadViews, referenceViews } from './reference-views.ts';
import { viewFile } from './view-file.ts';

inBoundedMemory();

const columns = { path: 'path_id', product: 'product_id' };

const textOf = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.slice(start, end)).toString();

function gathered(): { readonly views: string[]; readonly rejected: string[]; readonly sink: ViewSink } {
  const [views, rejected]: [string[], string[]] = [[], []];
  const sink: ViewSink = {
    view: (bytes, a, b, c, d) => void views.push(`${textOf(bytes, a, b)}\t${textOf(bytes, c, d)}`),
    reject: (line, reason) => void rejected.push(`${line}: ${reason}`),
  };
  return { views, rejected, sink };
}

function byTheParser(chunks: readonly Buffer[]): ReadViews {
  const { views, rejected, sink } = gathered();
  const parser = new ViewParser(columns, sink);
  for (const chunk of chunks) {
    parser.push(chunk);
  }
  parser.end();
  return { views, rejected, rows: parser.rows };
}

const pieceParser = new PieceParser();

/** As the local engine reads a file: in pieces of whole lines, each of which is told the header. */
async function byPieces(chunks: readonly Buffer[], pieceBytes: number): Promise<ReadViews> {
  const [views, rejected]: [string[], string[]] = [[], []];
  let [rows, lines, first] = [0, 0, true];
  let header: Buffer | undefined;
  for await (const piece of linePieces(stream(chunks), pieceBytes)) {
    const order = { columns, header: first ? undefined : header, first, lines: piece };
    if (first) {
      const line = piece.subarray(0, piece.indexOf('\n') + 1);
      header = byTheParser([line]).rows === 0 && line.length > 0 ? line : undefined;
      first = false;
    }
    const parsed = pieceParser.parse(order);
    const id = ({ arena, ends }: typeof parsed.paths, at: number): string =>
      textOf(arena, ends[at - 1] ?? 0, ends[at] ?? 0);
    for (let at = 0; at < parsed.views.length; at += 2) {
      views.push(`${id(parsed.paths, parsed.views[at] ?? 0)}\t${id(parsed.products, parsed.views[at + 1] ?? 0)}`);
    }
    rejected.push(...parsed.rejected.map(({ line, reason }) => `${lines + line}: ${reason}`));
    rows += parsed.rows;
    lines += parsed.lines;
  }
  return { views, rejected, rows };
}

/** As a mapper of the pairs phase reads its split. */
function byTheMapper(
  chunks: readonly Buffer[],
  fromStart: boolean,
): Omit<ReadViews, 'rejected'> & { readonly rejected: number } {
  const written: Buffer[] = [];
  const output = new ByteWriter(64, (bytes) => void written.push(Buffer.from(bytes)));
  const counters = new Counters();
  mapPairs(chunks, output, counters, { columns, fromStart, file: 'f' }, () => {});
  const lines = Buffer.concat(written).toString().split('\n').slice(0, -1);
  return {
    views: lines.map((line) => line.replaceAll('\\\\', '\\')),
    rejected: counters.get('rejected'),
    rows: counters.get('rows'),
  };
}

test(
  'every reader of views takes and rejects the rows that a straightforward one does, however the file is cut',
  async () => {
    await fc.assert(
      fc.asyncProperty(viewFile, cuts, fc.integer({ min: 1, max: 300 }), async (file, places, pieceBytes) => {
        const chunks = chunksOf(file, places);
        const expected = referenceViews(file);
        expect(byTheParser(chunks)).toEqual(expected);
        expect(await byPieces(chunks, pieceBytes)).toEqual(expected);
        for (const fromStart of [true, false]) {
          const read = referenceViews(file, fromStart);
          expect(byTheMapper(chunks, fromStart)).toEqual({ ...read, rejected: read.rejected.length });
        }
      }),
      fuzz(8_500),
    );
  },
  patience(8_500),
);

const limit = 1 << 20;

test(
  'a line is too long from the same byte on, however the file is cut',
  async () => {
    const lengths = fc.constantFrom(limit - 1, limit, limit + 1, limit + 2, limit + 3, limit + 4, 2 * limit);
    const begin = fc.constantFrom('path_id\tx\tproduct_id\n1\t', '\xef\xbb\xbf', '1\t', '');
    const long = fc.tuple(begin, lengths, fc.constantFrom('', '\ta'), fc.constantFrom('\n', '\r\n', '\r', ''));
    const last = fc.array(fc.integer({ min: -6, max: 2 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(long, last, fc.boolean(), async ([head, length, tail, end], places, more) => {
        const line = head.slice(head.indexOf('\n') + 1);
        const mark = line.startsWith('\xef') ? 3 : 0;
        const text = `${head}${'x'.repeat(length + mark - line.length - tail.length)}${tail}${end}`;
        const file = Buffer.from(more ? `${text}\n2\tb\n` : text, 'latin1');
        const ends = [...places.map((place) => Math.min(text.length + place, file.length)), file.length].sort(
          (a, b) => a - b,
        );
        const chunks = ends.map((place, at) => file.subarray(at === 0 ? 0 : ends[at - 1], place));
        const expected = referenceViews(file);
        expect(byTheParser(chunks)).toEqual(expected);
        expect(await byPieces(chunks, 10)).toEqual(expected);
      }),
      fuzz(60),
    );
  },
  patience(60),
);
