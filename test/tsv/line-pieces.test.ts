import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linePieces } from '#dist/tsv/line-pieces.js';
import { maxLineBytes, ViewParser } from '#dist/tsv/view-parser.js';

async function piecesOf(chunks: readonly Buffer[], pieceBytes: number): Promise<Buffer[]> {
  async function* stream(): AsyncGenerator<Buffer> {
    yield* chunks;
  }
  const pieces: Buffer[] = [];
  for await (const piece of linePieces(stream(), pieceBytes)) {
    pieces.push(piece);
  }
  return pieces;
}

function cut(file: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (file.length + 1)), file.length].sort((a, b) => a - b);
  return ends.map((end, at) => file.subarray(ends[at - 1] ?? 0, end));
}

test('pieces are whole lines of at least the size that was asked for, and together the file, however it was cut', async () => {
  const line = fc.stringMatching(/^[a-c\t\r]{0,9}$/);
  const places = fc.array(fc.nat(), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(line),
      fc.boolean(),
      places,
      fc.integer({ min: 1, max: 30 }),
      async (lines, ended, at, size) => {
        const file = Buffer.from(lines.join('\n') + (ended ? '\n' : ''));
        const pieces = await piecesOf(cut(file, at), size);
        expect(Buffer.concat(pieces)).toEqual(file);
        for (const piece of pieces.slice(0, -1)) {
          expect(piece.at(-1)).toBe(0x0a);
          expect(piece.length).toBeGreaterThanOrEqual(size);
        }
      },
    ),
  );
});

test('of a line that is too long no more is kept than says so, and the lines around it stay as they are', async () => {
  for (const length of [maxLineBytes, maxLineBytes + 1, maxLineBytes + 2, 5 * maxLineBytes]) {
    for (const end of ['', '\r']) {
      const file = Buffer.from(`1\ta\n${'x'.repeat(length)}${end}\n2\tb\n`);
      const pieces = await piecesOf(cut(file, [7, 900_000, maxLineBytes + 3, 2_100_000]), 1);
      const joined = Buffer.concat(pieces);
      expect(joined.length).toBeLessThan(maxLineBytes + 20);
      const found = [file, joined].map((bytes) => {
        const seen: string[] = [];
        const parser = new ViewParser(
          { path: 'path_id', product: 'product_id' },
          {
            view: (row, start, _, from, to) => seen.push(`${row[start]} ${Buffer.from(row.subarray(from, to))}`),
            reject: (number, reason, row) => seen.push(`${number}: ${reason} ${row.subarray(0, 1024).length}`),
          },
        );
        parser.push(bytes);
        parser.end();
        return seen;
      });
      expect(found[0]).toHaveLength(3);
      expect(found[1]).toEqual(found[0]);
    }
  }
});

test('a line without an end takes no more memory the longer it is', async () => {
  let most = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    for (let at = 0; at < 1_500; at++) {
      yield Buffer.alloc(1 << 20, 'x');
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
  }
  for await (const piece of linePieces(endless(), 1 << 23)) {
    expect(piece.length).toBeLessThan(4 << 20);
  }
  expect(most).toBeLessThan(750 << 20);
});
