import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PieceParser } from '#dist/engine/local/parse-piece.js';
import { ViewParser } from '#dist/tsv/view-parser.js';
import { anyId, escaped } from '../../arbitraries.ts';

const columns = { path: 'path_id', product: 'product_id' };

interface Parsed {
  readonly views: string[];
  readonly rejected: string[];
  readonly rows: number;
  readonly lines: number;
}

/** What the parser says that takes one byte after the other. */
function byTheByte(piece: Buffer): Parsed {
  const views: string[] = [];
  const rejected: string[] = [];
  const parser = new ViewParser(columns, {
    view: (bytes, a, b, c, d) => views.push(`${Buffer.from(bytes.slice(a, b))}\t${Buffer.from(bytes.slice(c, d))}`),
    reject: (line, reason, row) => rejected.push(`${line} ${reason} ${Buffer.from(row)}`),
  });
  parser.push(piece);
  parser.end();
  return { views, rejected, rows: parser.rows, lines: parser.lines };
}

function byThePiece(parser: PieceParser, piece: Buffer): Parsed {
  const { paths, products, views, rejected, rows, lines } = parser.parse({
    columns,
    header: undefined,
    first: true,
    lines: new Uint8Array(piece),
  });
  const idOf = ({ arena, ends }: typeof paths, number: number): string =>
    Buffer.from(arena.slice(number === 0 ? 0 : ends[number - 1]!, ends[number]!)).toString();
  return {
    views: Array.from({ length: views.length / 2 }, (_, at) => {
      return `${idOf(paths, views[2 * at]!)}\t${idOf(products, views[2 * at + 1]!)}`;
    }),
    rejected: rejected.map(({ line, reason, row }) => `${line} ${reason} ${Buffer.from(row, 'latin1')}`),
    rows,
    lines,
  };
}

const field = fc.oneof(
  anyId.map(escaped),
  fc.nat(99).map(String),
  fc.constantFrom('', 'NULL', 'NULLS', '\\N', '\\0', 'a\rb', 'x'.repeat(254), 'x'.repeat(255), 'y'.repeat(256), '\x7f'),
  fc.string({ unit: fc.constantFrom('0', '1'), minLength: 1, maxLength: 40 }),
);
const row = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(field, field).map(([path, product]) => `${path}\t${product}`) },
  fc.constantFrom('', '\t', 'one', '1\t2\t3', '1\t2\r', '\ttwo'),
);
const head = fc.constantFrom('', 'path_id\tproduct_id\n', 'product_id\tpath_id\n', 'x\tproduct_id\tpath_id\n');

test('a piece gives the views, the rejected rows and the counts that parsing it byte by byte gives', () => {
  const parser = new PieceParser();
  fc.assert(
    fc.property(head, fc.array(row, { maxLength: 60 }), fc.constantFrom('', '\n'), (header, rows, end) => {
      const piece = Buffer.from(`${header}${rows.join('\n')}${end}`);
      expect(byThePiece(parser, piece)).toEqual(byTheByte(piece));
    }),
    { numRuns: 500 },
  );
});

test('ids of a piece that are many are found again', () => {
  const many = 50_000;
  const rows = Array.from({ length: 2 * many }, (_, at) => `${at % many}\tp${(7 * at) % many}\n`);
  const piece = Buffer.from(rows.join(''));
  const { paths, products } = new PieceParser().parse({
    columns,
    header: undefined,
    first: true,
    lines: new Uint8Array(piece),
  });
  expect([paths.ends.length, products.ends.length]).toEqual([many, many]);
  expect(byThePiece(new PieceParser(), piece)).toEqual(byTheByte(piece));
});
