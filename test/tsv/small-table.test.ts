import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { relate } from '#dist/index.js';
import { readSmallTable, type TableRow } from '#dist/tsv/small-table.js';
import { nameColumn } from '#dist/tsv/table-columns.js';
import { temporaryFolder } from '../temporary-folder.ts';

/** The products of a table of that text with their names, and what was said. */
async function tableOf(
  text: string,
  { file = 'products.tsv', idColumn = 'product_id' } = {},
): Promise<{ rows: TableRow[]; said: string[] }> {
  const location = path.join(temporaryFolder(), file);
  writeFileSync(location, text);
  const said: string[] = [];
  const note = (message: string): void => void said.push(message.replace(`${path.dirname(location)}/`, ''));
  const log = { debug: () => {}, info: note, warn: note, error: note };
  const rows = await readSmallTable(location, idColumn, nameColumn, { ...defaultEffects({}), log });
  return { rows, said };
}

const tent = [{ id: 'A', text: 'Tent' }];
const product = (name: string): string =>
  `products.tsv: the product is the column ${name}; --product-column names another`;
const named = (name: string): string => `products.tsv: the name of a product is the column ${name}`;

test.each([
  ['product_id\tname', 'A\tTent', []],
  ['colour\tname\tproduct_id', 'red\tTent\tA', []],
  ['product_id\ttitle', 'A\tTent', [named('title')]],
  ['price\tsku\tTitle', '3\tA\tTent', [product('sku'), named('Title')]],
  ['Product Name\tItem ID', 'Tent\tA', [product('Item ID'), named('Product Name')]],
  ['description\tProduct_Id\tname', 'with pegs\tA\tTent', [product('Product_Id')]],
  ['id\tname\tprice_2024', 'A\tTent\t3', [product('id')]],
  ['Handle\tTitle', 'A\tTent', [product('Handle'), named('Title')]],
])('the id and the name are taken by names that are common: %j', async (header, row, said) => {
  expect(await tableOf(`${header}\n${row}\n`)).toEqual({ rows: tent, said });
});

test('a CSV file is read by its header too', async () => {
  const { rows, said } = await tableOf('price,sku,title\n"1,5",A,Tent\n', { file: 'products.csv' });
  expect({ rows, said: said.length }).toEqual({ rows: tent, said: 2 });
});

test.each([
  ['products.tsv', '\t'],
  ['products.csv', ','],
])('a CR that ends %s is no part of its last field', async (file, separator) => {
  const { rows } = await tableOf(`B${separator}Stove\r\nA${separator}Tent\r`, { file });
  expect(rows).toEqual([{ id: 'B', text: 'Stove' }, ...tent]);
});

test.each(['A\tTent', '1001\tTitle', 'A1\tItem', 'a\tb'])('%j is no header: the id is first', async (line) => {
  const [id, text] = line.split('\t');
  expect(await tableOf(`${line}\n`)).toEqual({ rows: [{ id, text }], said: [] });
});

test('a header without a name says so', async () => {
  expect(await tableOf('product_id\tprice\nA\t3\n')).toEqual({
    rows: [{ id: 'A', text: '' }],
    said: ['products.tsv: no column is the name of a product; its columns are product_id, price'],
  });
});

test.each([
  ['products.csv', 'sku;title\nA;Tent\n', 'a comma'],
  ['products.tsv', 'A,Tent\n', 'a TAB'],
])('names that something else separates are missed: %s', async (file, text, separator) => {
  const { said } = await tableOf(text, { file });
  expect(said).toEqual([`${file}: no product has a name, which stands behind ${separator}`]);
});

test('a line that may be a header under unknown names is pointed out', async () => {
  const { said } = await tableOf('preis\tartikelnr\n3\tA\n');
  expect(said).toEqual(['products.tsv: the first line, preis, artikelnr, is taken for a product like the others']);
});

test('a column that was named is taken, whatever its case, and another common name where it is one', async () => {
  expect((await tableOf('sku\tware\tname\nB\tA\tTent\n', { idColumn: 'ware' })).rows).toEqual(tent);
  expect((await tableOf('sku\tWARE\tname\nB\tA\tTent\n', { idColumn: 'ware' })).rows).toEqual(tent);
  expect((await tableOf('price\tsku\tname\n3\tA\tTent\n', { idColumn: 'ItemId' })).rows).toEqual(tent);
  expect((await tableOf('sku\nA\n', { idColumn: 'ware' })).rows).toEqual([{ id: 'A', text: '' }]);
});

test('a header without the column that was named is refused, with the nearest', async () => {
  await expect(tableOf('price\tsku\nA\t3\n', { idColumn: 'skuu' })).rejects.toMatchObject({
    kind: 'badData',
    message: expect.stringMatching(/products\.tsv: its columns are price, sku, not skuu$/),
    remedy: 'Name the column of the id with --product-column. Did you mean sku?',
  });
});

test('relate keeps the products of a catalogue whose id is not its first column', async () => {
  const folder = temporaryFolder();
  const [views, products] = [path.join(folder, 'views.tsv'), path.join(folder, 'active.csv')];
  writeFileSync(views, '1\tA\n1\tB\n');
  writeFileSync(products, 'price,sku\n3,A\n');
  expect(await relate(views, { products, out: path.join(folder, 'r.tsv') })).toMatchObject({ relations: 1 });
});
