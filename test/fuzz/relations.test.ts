import { truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { silentLog } from '#dist/effects.js';
import { ExpectedFailure } from '#dist/failure.js';
import { readNames } from '#dist/report/names.js';
import { readLists } from '#dist/report/read-lists.js';
import { parseCsvViews } from '#dist/tsv/csv-views.js';
import { parseRelations } from '#dist/tsv/relation-rows.js';
import { temporaryFolder } from '../temporary-folder.ts';
import { endOf } from './command-end.ts';
import { bytesOf, chunksOf, cuts, fuzz, inBoundedMemory, latin1, patience, stream } from './inputs.ts';
import { idReason, type ReadViews, unescaped } from './reference-views.ts';

inBoundedMemory();

const effects = defaultEffects({ env: {} });

const pieces = [
  ...[
    '1',
    '2',
    '10',
    '010',
    '18446744073709551616',
    'a',
    'a',
    'b',
    '\\\\',
    '\\N',
    '\\t',
    'NULL',
    '\r',
    '\0',
    '\xff',
    '\xc3',
  ],
  ...[
    latin1('é'),
    latin1('🛒'),
    'x'.repeat(255),
    'x'.repeat(256),
    '9007199254740991',
    '9007199254740992',
    '0',
    '-1',
    '1.5',
    '1e3',
    ' ',
    '"',
    ',',
  ],
];
const field = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('1', '2', '7', '10', 'a', 'b') },
  fc.constantFrom(...pieces),
);
const line = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(field, field, fc.constantFrom('1', '2', '33', '9007199254740991'))
      .map((fields) => fields.join('\t')),
  },
  fc.array(field, { maxLength: 5 }).map((fields) => fields.join('\t')),
);
const relations = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.array(line, { maxLength: 10 }), fc.constantFrom('\n', '\n', '', '\r\n', '\n\n'))
      .map(([lines, end]) => Buffer.from(`${lines.join('\n')}${end}`, 'latin1')),
  },
  bytesOf(['\t', '\t', '\n', ...pieces]),
);

/** The rows of a relations file, or the number of the first line that is none. */
type Read = { readonly rows: readonly string[] } | { readonly wrong: number };

function reference(file: Buffer): Read {
  const lines = file.toString('latin1').split('\n');
  if (lines.at(-1) === '') {
    lines.pop();
  }
  const rows = lines.map((each) => {
    const [source = '', target = '', weight = '', ...more] = each.split('\t');
    const isWeight = /^[1-9]\d{0,15}$/.test(weight) && Number.isSafeInteger(Number(weight)) && more.length === 0;
    const ids = [source, target].map(unescaped);
    return isWeight && ids.every((id) => idReason(id) === undefined)
      ? [...ids.map((id) => Buffer.from(id, 'latin1').toString()), weight].join('\t')
      : undefined;
  });
  const wrong = rows.indexOf(undefined);
  return wrong === -1 ? { rows: rows.filter((row) => row !== undefined) } : { wrong: wrong + 1 };
}

async function read(chunks: readonly Buffer[], numbers: boolean): Promise<Read> {
  const rows: string[] = [];
  try {
    for await (const batch of parseRelations('r.tsv', stream(chunks), numbers)) {
      for (let at = 0; at < batch.length; at++) {
        rows.push(`${batch.source(at)}\t${batch.target(at)}\t${batch.weights[at]}`);
      }
    }
    return { rows };
  } catch (error) {
    const place = error instanceof ExpectedFailure ? /^Cannot use r\.tsv:(\d+): /.exec(error.message)?.[1] : undefined;
    if (place === undefined) {
      throw error;
    }
    return { wrong: Number(place) };
  }
}

test(
  'relations are those of a straightforward reader, and so is the first line that is wrong, however the file is cut',
  async () => {
    await fc.assert(
      fc.asyncProperty(relations, cuts, async (file, places) => {
        const expected = reference(file);
        expect(await read(chunksOf(file, places), true)).toEqual(expected);
        expect(await read(chunksOf(file, places), false)).toEqual(expected);
      }),
      fuzz(2_500),
    );
  },
  patience(2_500),
);

test(
  'a list is looked up in any file with any index, and found or refused',
  async () => {
    const folder = temporaryFolder();
    // More than is read sooner than searched.
    const sorted = Array.from(
      { length: 30_000 },
      (_, at) => `${1e5 + Math.floor(at / 3)}\t${at % 3}\t${1 + (at % 7)}\n`,
    ).join('');
    const half = sorted.indexOf('\n', sorted.length / 2) + 1;
    const members = [sorted.slice(0, half), sorted.slice(half)].map((each) => gzipSync(each));
    const [first = Buffer.alloc(0)] = members;
    const packed = Buffer.concat(members);
    const number = fc.oneof(
      fc.constantFrom(
        '0',
        String(first.length),
        String(packed.length),
        '1',
        '9'.repeat(400),
        '-1',
        '00',
        '9007199254740993',
        '1e3',
      ),
      fc.nat().map(String),
    );
    const index = fc.oneof(
      {
        weight: 3,
        arbitrary: fc
          .tuple(
            fc.array(fc.tuple(number, fc.constantFrom('100000', '105000', 'a', '\\', '\0', 'é')), { maxLength: 4 }),
            fc.constantFrom(String(packed.length), '0', '9'.repeat(400)),
          )
          .map(([lines, size]) => `${lines.map((each) => `${each.join('\t')}\n`).join('')}${size}\n`),
      },
      fc.constant(`0\t100000\n${first.length}\t105000\n${packed.length}\n`),
      bytesOf(['0', '1', '\t', '\n', '100000', '9'.repeat(20), String(packed.length)]).map((bytes) =>
        bytes.toString('latin1'),
      ),
    );
    const garbage = fc.tuple(
      fc.nat(999),
      bytesOf(['\n', '\t', '1', 'a', '\xff'], 12),
      fc.integer({ min: 0, max: 20_000 }),
    );
    const [plain, gz] = [path.join(folder, 'r.tsv'), path.join(folder, 'r.tsv.gz')];
    await fc.assert(
      fc.asyncProperty(
        index,
        garbage,
        fc.boolean(),
        fc.constantFrom('100000', '104321', '109999', '1', 'a', '', '\0'),
        async (text, [at, bytes, times], isPacked, product) => {
          const good = isPacked ? packed : Buffer.from(sorted);
          const place = Math.floor((at * good.length) / 1000);
          const damage = Buffer.concat(Array.from({ length: Math.floor(times / 20) }, () => bytes));
          const file = Buffer.concat([good.subarray(0, place), damage, good.subarray(place + damage.length)]);
          writeFileSync(isPacked ? gz : plain, file);
          writeFileSync(`${gz}.idx`, text);
          const end = await endOf(() => readLists(isPacked ? gz : plain, [product], () => {}, effects));
          expect([0, 65]).toContain(end.code);
        },
      ),
      fuzz(150, [
        [`${'9'.repeat(400)}\t100000\n${packed.length}\n`, [0, Buffer.alloc(0), 0], true, '100000'],
        [`9\t100000\n0\t100001\n${packed.length}\n`, [0, Buffer.alloc(0), 0], true, '100000'],
      ]),
    );
  },
  patience(150),
);

test.each([
  ['a member that no memory holds', Buffer.alloc(0), 5 * 2 ** 30],
  ['a member that unpacks to more than any list', gzipSync(Buffer.alloc(300 << 20), { level: 1 }), undefined],
])('an index that speaks of %s is not followed', async (_, bytes, size) => {
  const file = path.join(temporaryFolder(), 'r.tsv.gz');
  writeFileSync(file, bytes);
  truncateSync(file, size ?? bytes.length);
  writeFileSync(`${file}.idx`, `0\t1\n${size ?? bytes.length}\n`);
  const messages: string[] = [];
  const log = { ...silentLog, warn: (message: string) => void messages.push(message) };
  await expect(readLists(file, ['1'], () => {}, { ...effects, log })).rejects.toMatchObject({ exitCode: 65 });
  expect(messages).toEqual([expect.stringContaining('does not belong to')]);
});

const csvPieces = [
  '"',
  '"',
  '""',
  ',',
  ',',
  '\n',
  '\n',
  '\r\n',
  '\r',
  '\t',
  'path_id',
  'product_id',
  '\xef\xbb\xbf',
  '\\',
  '\\N',
  ...pieces,
];

async function readCsv(chunks: readonly Buffer[]): Promise<ReadViews | { readonly failed: string }> {
  const [views, rejected]: [string[], string[]] = [[], []];
  const text = (bytes: Uint8Array, start: number, end: number): string =>
    Buffer.from(bytes.slice(start, end)).toString();
  try {
    const rows = await parseCsvViews(
      'v.csv',
      stream(chunks),
      { path: 'path_id', product: 'product_id' },
      {
        view: (bytes, a, b, c, d) => void views.push(`${text(bytes, a, b)}\t${text(bytes, c, d)}`),
        reject: (row, reason) => void rejected.push(`${row}: ${reason}`),
      },
      async () => {},
    );
    return { views, rejected, rows };
  } catch (error) {
    if (!(error instanceof ExpectedFailure)) {
      throw error;
    }
    return { failed: error.message };
  }
}

test(
  'any CSV is read alike however it is cut: each of its rows is taken or rejected, or the file is refused',
  async () => {
    await fc.assert(
      fc.asyncProperty(bytesOf(csvPieces), cuts, async (file, places) => {
        const whole = await readCsv([file]);
        if ('rows' in whole) {
          expect(whole.views.length + whole.rejected.length).toBe(whole.rows);
        }
        expect(await readCsv(chunksOf(file, places))).toEqual(whole);
      }),
      fuzz(1_200),
    );
  },
  patience(1_200),
);

test(
  'fields that are written as CSV has them are taken and rejected as those of a TSV',
  async () => {
    const value = fc.oneof(
      fc.constantFrom(...pieces),
      bytesOf(csvPieces, 4).map((bytes) => bytes.toString('latin1')),
    );
    const rows = fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rows, cuts, async (fields, places) => {
        const quoted = fields.map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(','));
        const file = Buffer.from(`product_id,x,path_id\n${quoted.join('\n')}\n`, 'latin1');
        const ids = fields.map(([product, , visit]) => [visit, product]);
        const views = ids.filter((row) => row.every((id) => id !== '\\N' && idReason(id) === undefined));
        const read = await readCsv(chunksOf(file, places));
        expect(read).toMatchObject({
          views: views.map((row) => row.map((id) => Buffer.from(id, 'latin1').toString()).join('\t')),
        });
      }),
      fuzz(800),
    );
  },
  patience(800),
);

test(
  'names of products are read from any table, or it is refused',
  async () => {
    const folder = temporaryFolder();
    await fc.assert(
      fc.asyncProperty(
        bytesOf(['product_id\tname\n', 'product_id,name\n', ...csvPieces]),
        fc.constantFrom('.tsv', '.csv', '.tsv.gz'),
        async (bytes, kind) => {
          const file = path.join(folder, `products${kind}`);
          writeFileSync(file, bytes);
          expect([0, 65]).toContain((await endOf(() => readNames(file, [], 'product_id', effects))).code);
        },
      ),
      fuzz(500),
    );
  },
  patience(500),
);
