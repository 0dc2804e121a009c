import fc from 'fast-check';
import { bytesOf, latin1 } from './inputs.ts';

const oddFields = [
  ...[
    '',
    'NULL',
    'NULLS',
    '\\N',
    '\\\\N',
    '\\0',
    '\\b',
    '\\t',
    '\\n',
    '\\r',
    '\\Z',
    '\\',
    '\\q',
    'a\\',
    '\r',
    '\0',
    '\x1f',
    '\x7f',
  ],
  ...['\xff', '\xc3', '\xa9', '\xed\xa0\x80', '\xc0\x80', '\xf4\x90\x80\x80', '\xef\xbb\xbf'],
  ...['a', 'é', 'e\u0301', '🛒', '\uffff', ' ', '"', ',', 'path_id', 'product_id'].map(latin1),
  ...['x'.repeat(254), 'x'.repeat(255), 'x'.repeat(256), ...[255, 256].map((length) => latin1('🛒'.repeat(length)))],
];
const plainFields = ['1', '7', '23', 'abcdefgh'];
const field = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...plainFields) },
  { weight: 2, arbitrary: fc.constantFrom(...oddFields) },
  bytesOf([...oddFields, ...plainFields], 3).map((bytes) => bytes.toString('latin1').replaceAll('\n', '')),
);
const row = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(field, field).map((fields) => fields.join('\t')) },
  { weight: 2, arbitrary: fc.tuple(field, field, field).map((fields) => fields.join('\t')) },
  fc.array(field, { maxLength: 5 }).map((fields) => fields.join('\t')),
);
const header = fc.constantFrom(
  ...[
    '',
    'path_id\tproduct_id\n',
    'product_id\tpath_id\r\n',
    'product_id\tx\tpath_id\n',
    'path_id\tproduct_id\tproduct_id\n',
    'SKU\tSession ID\tproduct-id\n',
    'pathID\tpath_id\t"sku"\r\n',
  ],
  ...['\xef\xbb\xbf', '\xef\xbb\xbfpath_id\tproduct_id\n', 'path_id\tproduct_id\r\r\n', 'path_id', '\n', '\r'],
);
const lineEnd = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r\r\n', '\n\n', '');
const rowsFile = fc
  .tuple(header, fc.array(fc.tuple(row, lineEnd), { maxLength: 12 }))
  .map(([first, rows]) => Buffer.from(`${first}${rows.flat().join('')}`, 'latin1'));
/** Files that are views, nearly so, or anything. */
export const viewFile: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 3, arbitrary: rowsFile },
  bytesOf(['\t', '\t', '\n', '\n', ...oddFields, ...plainFields]),
);
