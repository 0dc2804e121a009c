import { expect, test } from 'vitest';
import { parseCsvViews } from '#dist/tsv/csv-views.js';

async function parse(
  chunks: readonly (string | Buffer)[],
  columns = { path: 'path_id', product: 'product_id' },
): Promise<unknown> {
  const views: string[][] = [];
  const rejected: string[] = [];
  const text = (bytes: Uint8Array, start: number, end: number): string =>
    Buffer.from(bytes.slice(start, end)).toString();
  async function* source(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) {
      yield Buffer.from(chunk);
    }
  }
  const rows = await parseCsvViews(
    'views.csv',
    source(),
    columns,
    {
      view: (bytes, a, b, c, d) => views.push([text(bytes, a, b), text(bytes, c, d)]),
      reject: (line, reason) => rejected.push(`${line}: ${reason}`),
    },
    async () => {},
  );
  return { views, rejected, rows };
}

test('fields may be quoted, hold commas and quotes, and come in any order under a header', async () => {
  const text = '\ufeffwhen,product_id,path_id\r\n1,"a ""big"", one",7\r\n2,é,"8"\r\n';
  const expected = {
    views: [
      ['7', 'a "big", one'],
      ['8', 'é'],
    ],
    rejected: [],
    rows: 2,
  };
  expect(await parse([text])).toEqual(expected);
  expect(await parse([...Buffer.from(text)].map((byte) => Buffer.of(byte)))).toEqual(expected);
});

test('bytes that are not UTF-8 are rejected, with and without a byte order mark', async () => {
  const bad = Buffer.from([0x31, 0x2c, 0xff, 0x0a]);
  const rejected = { views: [], rejected: ['1: invalid UTF-8'], rows: 1 };
  expect(await parse([bad])).toEqual(rejected);
  expect(await parse([Buffer.from('\ufeff'), bad])).toEqual(rejected);
});

test('without a header a row has exactly two fields', async () => {
  expect(await parse(['1,a\n1,b,c\n2\n'])).toEqual({
    views: [['1', 'a']],
    rejected: ['2: wrong number of fields', '3: wrong number of fields'],
    rows: 3,
  });
});

test('the same ids are rejected as in TSV, but backslashes are ordinary characters', async () => {
  expect(await parse([`1,\n,a\nNULL,a\n1,\\N\n1,"a\tb"\n1,${'x'.repeat(256)}\n1,a\\tb\n`])).toEqual({
    views: [['1', 'a\\tb']],
    rejected: [
      '1: empty field',
      '2: empty field',
      '3: NULL',
      '4: NULL',
      '5: control character',
      '6: id longer than 255 characters',
    ],
    rows: 7,
  });
});

test('a quote inside an unquoted field is part of it', async () => {
  expect(await parse(['1,5" nail\n'])).toEqual({ views: [['1', '5" nail']], rejected: [], rows: 1 });
});

test('a quote that is never closed is a failure with the name of the file', async () => {
  await expect(parse(['1,a\n1,"b\n2,c\n'])).rejects.toMatchObject({
    exitCode: 65,
    message: expect.stringContaining('views.csv'),
  });
});
