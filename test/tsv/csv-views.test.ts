import { expect, test } from 'vitest';
import { parseCsvViews } from '#dist/tsv/csv-views.js';

interface Parsed {
  readonly views: string[][];
  readonly rejected: string[];
  readonly rows: number;
}

async function parse(chunks: readonly (string | Buffer)[]): Promise<Parsed> {
  const views: string[][] = [];
  const rejected: string[] = [];
  const text = (bytes: Uint8Array, start: number, end: number): string =>
    Buffer.from(bytes.slice(start, end)).toString();
  async function* source(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) {
      yield Buffer.from(chunk);
    }
  }
  const sink = {
    view: (bytes: Uint8Array, a: number, b: number, c: number, d: number) =>
      void views.push([text(bytes, a, b), text(bytes, c, d)]),
    reject: (line: number, reason: string) => void rejected.push(`${line}: ${reason}`),
  };
  const columns = { path: 'path_id', product: 'product_id' };
  const rows = await parseCsvViews('views.csv', source(), columns, sink, async () => {});
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

test('a quote that is never closed is a failure with the name of the file and the line', async () => {
  await expect(parse(['1,a\n1,"b\n2,c\n'])).rejects.toMatchObject({
    exitCode: 65,
    message: expect.stringMatching(/views\.csv: .*line \d/),
  });
});

test('line ends may be mixed, and a lone CR ends no row', async () => {
  const views = [
    ['1', 'a'],
    ['2', 'b'],
    ['3', 'c'],
  ];
  expect(await parse(['path_id,product_id\r\n1,a\n2,b\r\n3,c\n'])).toEqual({ views, rejected: [], rows: 3 });
  expect(await parse(['path_id,product_id\n1,a\r\n2,"b"\r\n3,c\r\n'])).toEqual({ views, rejected: [], rows: 3 });
  expect(await parse(['path_id,product_id\n1,a\r\n2,"b"\n3,c\r'])).toEqual({ views, rejected: [], rows: 3 });
  expect(await parse(['1,a\r\n2,b\n3,"c"', '\r', ''])).toEqual({ views, rejected: [], rows: 3 });
  expect(await parse(['1,a\r2,b\n3,"c\r"\n4,"d"\r\r\n'])).toEqual({
    views: [],
    rejected: ['1: wrong number of fields', '2: control character', '3: control character'],
    rows: 3,
  });
});

test('every line that a stray quote swallows is a rejected row', async () => {
  expect(await parse(['0,z\n1,"a\n2,b\n3,c\n4,"d\n5,e\n'])).toEqual({
    views: [
      ['0', 'z'],
      ['5', 'e'],
    ],
    rejected: [2, 3, 4, 5].map((line) => `${line}: stray quote`),
    rows: 6,
  });
  // In a column that nobody asked for, too.
  expect(await parse(['path_id,product_id,note\n1,a,"x\n2,b,y\n3,c,"z\n4,d,\n'])).toEqual({
    views: [['4', 'd']],
    rejected: [2, 3, 4].map((line) => `${line}: stray quote`),
    rows: 4,
  });
});

test('each line that a stray quote swallows is listed with its own text, and what is listed is flushed on the way', async () => {
  const text = `1,"a\n${'2,b\r\n'.repeat(9_000)}3,\u00e0"\n`;
  const rows: string[] = [];
  const listed: number[] = [];
  async function* source(): AsyncGenerator<Buffer> {
    yield Buffer.from(text);
  }
  const sink = {
    view: () => {},
    reject: (line: number, _reason: string, row: Uint8Array) => void rows.push(`${line}: ${Buffer.from(row)}`),
  };
  const columns = { path: 'path_id', product: 'product_id' };
  const flush = async (): Promise<void> => void listed.push(rows.length);
  expect(await parseCsvViews('views.csv', source(), columns, sink, flush)).toBe(9_002);
  const expected = text.split(/\r?\n/, 9_002);
  expect(rows).toEqual(expected.map((row, at) => `${at + 1}: ${row}`));
  expect(listed).toEqual([4_096, 8_192]);
});

test('a row with line ends in a quoted field is one row, and the lines behind it keep their numbers', async () => {
  expect(await parse(['path_id,product_id,note\n1,a,"one\r\ntwo\n"\n2,,\n'])).toEqual({
    views: [['1', 'a']],
    rejected: ['5: empty field'],
    rows: 2,
  });
});

test('a record longer than 1 MiB ends the reading with its place: a quote is missing, most likely', async () => {
  await expect(parse([`0,z\n1,"${'1,a\n'.repeat(300_000)}2,b"\n`])).rejects.toMatchObject({
    exitCode: 65,
    message: expect.stringMatching(/views\.csv: .*record.*1048576/),
  });
});

test('rows are the same wherever the file is cut', async () => {
  const bytes = Buffer.from(
    '\ufeffpath_id,x,product_id\r\n1,"a\n""b""",é\r\n"2",,"q""q"\n3,"y"z,5" nail\n4,"\n",\n5\r',
  );
  const whole = await parse([bytes]);
  expect(whole).toEqual({
    views: [
      ['1', 'é'],
      ['2', 'q"q'],
      ['3', '5" nail'],
    ],
    rejected: ['6: empty field', '7: empty field', '8: wrong number of fields'],
    rows: 6,
  });
  for (let at = 0; at <= bytes.length; at++) {
    expect(await parse([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
  }
});
