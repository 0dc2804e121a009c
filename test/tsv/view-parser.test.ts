import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ViewParser } from '#dist/tsv/view-parser.js';
import { anyId, escaped } from '../arbitraries.ts';

interface Parsed {
  readonly views: [string, string][];
  readonly rejected: string[];
  readonly rows: number;
}

function parse(chunks: readonly (Buffer | string)[], columns = { path: 'path_id', product: 'product_id' }): Parsed {
  const views: [string, string][] = [];
  const rejected: string[] = [];
  const text = (bytes: Uint8Array, start: number, end: number): string =>
    Buffer.from(bytes.slice(start, end)).toString();
  const parser = new ViewParser(columns, {
    view: (bytes, a, b, c, d) => views.push([text(bytes, a, b), text(bytes, c, d)]),
    reject: (line, reason) => rejected.push(`${line}: ${reason}`),
  });
  for (const chunk of chunks) {
    parser.push(Buffer.from(chunk));
  }
  parser.end();
  return { views, rejected, rows: parser.rows };
}

const awkward = [
  '\ufeffpath_id\tproduct_id\textra',
  '1\ta\tx',
  '1\té\tx',
  '2\ta\\\\b\t\r',
  '3\t🛒\tx',
  'too\tfew',
  '4\t\tx',
  '\\N\ta\tx',
  '5\tNULL\tx',
  '6\ta\\tb\tx',
  '7\ta\rb\tx',
  '8\t\\\\N\tx',
  '9\tnull\tx',
].join('\n');

test('a row, an escape or a character may be cut at any place', () => {
  const whole = parse([awkward]);
  expect(whole.views).toEqual([
    ['1', 'a'],
    ['1', 'é'],
    ['2', 'a\\b'],
    ['3', '🛒'],
    ['8', '\\N'],
    ['9', 'null'],
  ]);
  expect(whole.rejected).toEqual([
    '6: wrong number of fields',
    '7: empty field',
    '8: NULL',
    '9: NULL',
    '10: control character',
    '11: control character',
  ]);
  expect(whole.rows).toBe(12);
  const bytes = Buffer.from(awkward);
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(parse([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
  }
  expect(parse([...bytes].map((byte) => Buffer.of(byte)))).toEqual(whole);
});

test('every id comes back as it was written by mysql --batch, however the file is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyId, anyId)), fc.integer({ min: 1, max: 40 }), (views, size) => {
      const bytes = Buffer.from(views.map(([path, product]) => `${escaped(path)}\t${escaped(product)}\n`).join(''));
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.subarray(n * size, (n + 1) * size),
      );
      expect(parse(chunks)).toEqual({ views, rejected: [], rows: views.length });
    }),
  );
});

describe('a header', () => {
  test('is a first line that holds both names: columns are taken by name, in any order', () => {
    expect(parse(['product_id\tuser\tpath_id\nA\tu\t1\n']).views).toEqual([['1', 'A']]);
    expect(parse(['product_id\tpath_id\nA\t1\r\n']).views).toEqual([['1', 'A']]);
  });

  test('has the configured names', () => {
    expect(parse(['session\tsku\n1\tA\n'], { path: 'session', product: 'sku' }).views).toEqual([['1', 'A']]);
  });

  test('counts in the first line only', () => {
    expect(parse(['1\tA\npath_id\tproduct_id\n']).views).toEqual([
      ['1', 'A'],
      ['path_id', 'product_id'],
    ]);
  });

  test('may be all that there is', () => {
    expect(parse(['path_id\tproduct_id\n'])).toEqual({ views: [], rejected: [], rows: 0 });
    expect(parse(['path_id\tproduct_id'])).toEqual({ views: [], rejected: [], rows: 0 });
    expect(parse([])).toEqual({ views: [], rejected: [], rows: 0 });
  });
});

describe('a row is rejected', () => {
  test.each([
    ['1', 'wrong number of fields'],
    ['', 'wrong number of fields'],
    ['1\ta\tb', 'wrong number of fields'],
    ['\ta', 'empty field'],
    ['1\t', 'empty field'],
    ['NULL\ta', 'NULL'],
    ['1\t\\N', 'NULL'],
    ['1\ta\\0', 'control character'],
    ['1\ta\\n', 'control character'],
    ['1\ta\\Z', 'control character'],
    ['1\ta\u007f', 'control character'],
    ['1\ta\rb', 'control character'],
    [`1\t${'x'.repeat(256)}`, 'id longer than 255 characters'],
    [`1\t${'é'.repeat(256)}`, 'id longer than 255 characters'],
  ])('%j: %s', (row, reason) => {
    expect(parse([`${row}\n`])).toEqual({ views: [], rejected: [`1: ${reason}`], rows: 1 });
  });

  test('for bytes that are not UTF-8', () => {
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      expect(parse([Buffer.concat([Buffer.from('1\t'), Buffer.from(bytes), Buffer.from('\n')])]).rejected).toEqual([
        '1: invalid UTF-8',
      ]);
    }
  });

  test('but not for 255 characters of four bytes each', () => {
    const id = '🛒'.repeat(255);
    expect(parse([`1\t${id}\n`]).views).toEqual([['1', id]]);
  });

  test('when its CR is not directly before the line end', () => {
    expect(parse(['1\ta\r']).views).toEqual([['1', 'a']]);
    expect(parse(['1\ta\r\r\n']).rejected).toEqual(['1: control character']);
  });
});

test('a backslash that begins no escape is a backslash', () => {
  expect(parse(['1\ta\\q\n1\ta\\\n']).views).toEqual([
    ['1', 'a\\q'],
    ['1', 'a\\'],
  ]);
});

test('a line without end is rejected once, in bounded memory, and the next line counts again', () => {
  const parts = Array.from({ length: 64 }, () => Buffer.alloc(1 << 20, 'x'));
  expect(parse(['1\ta\n', ...parts, '\n2\tb\n'])).toEqual({
    views: [
      ['1', 'a'],
      ['2', 'b'],
    ],
    rejected: ['2: line longer than 1 MiB'],
    rows: 3,
  });
});
