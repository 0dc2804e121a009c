import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { relate } from '#dist/index.js';
import { defaultColumns, headerColumns, missingColumns } from '#dist/tsv/view-columns.js';
import { temporaryFolder } from '../temporary-folder.ts';

describe('the columns of a first line', () => {
  test.each([
    // Those of public data sets, as their files have them.
    ['timestamp,visitorid,event,itemid,transactionid', 'visitorid', 'itemid'],
    ['SessionID,Timestamp,ItemID,Category', 'SessionID', 'ItemID'],
    ['SessionId,ItemId,Time', 'SessionId', 'ItemId'],
    ['sessionId,userId,itemId,timeframe,eventdate', 'sessionId', 'itemId'],
    ['InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country', 'InvoiceNo', 'StockCode'],
    ['Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country', 'Invoice', 'StockCode'],
    ['event_time,event_type,product_id,price,user_id,user_session', 'user_session', 'product_id'],
    ['order_id,product_id,add_to_cart_order,reordered', 'order_id', 'product_id'],
    ['t_dat,customer_id,article_id,price,sales_channel_id', 'customer_id', 'article_id'],
    ['event_date,user_pseudo_id,ga_session_id,item_id,item_name', 'user_pseudo_id', 'item_id'],
    ['Order ID,Created at,Lineitem name,Lineitem sku', 'Order ID', 'Lineitem sku'],
    ['session,aid,ts,type', 'session', 'aid'],
    ['sku,Session ID', 'Session ID', 'sku'],
    ['Path_ID,Product_ID', 'Path_ID', 'Product_ID'],
    ['path_id,sku', 'path_id', 'sku'],
    ['path_id,product_id,session_id,sku', 'path_id', 'product_id'],
  ])('%s: %s and %s', (line, pathColumn, product) => {
    expect(headerColumns(line.split(','), defaultColumns)).toEqual({ path: pathColumn, product });
  });

  test.each([
    '1,A',
    '536365,85123A',
    // An id may be any text, so that one name alone says nothing.
    'session_id,A12',
    'a17,sku',
    'sku,item_id',
    'user,visitor',
    'path_id,A',
    'Session 1,Item 2',
    'sessions,items',
    'session_id',
    '',
  ])('%s are not names', (line) => {
    expect(headerColumns(line.split(','), defaultColumns)).toBeUndefined();
  });

  test('are not guessed where they were named', () => {
    const names = ['session_id', 'sku', 'shelf'];
    expect(headerColumns(names, { path: 'visit', product: 'product_id' })).toBeUndefined();
    expect(headerColumns(names, { path: 'path_id', product: 'shelf' })).toEqual({
      path: 'session_id',
      product: 'shelf',
    });
  });

  test('are not guessed for one side where they were named for the other', () => {
    const names = ['user_id', 'item_id'];
    expect(headerColumns(names, { path: 'path_id', product: 'user_id' })).toBeUndefined();
    expect(headerColumns(names, { path: 'item_id', product: 'product_id' })).toBeUndefined();
    expect(headerColumns([...names, 'visitor'], { path: 'path_id', product: 'user_id' })).toEqual({
      path: 'visitor',
      product: 'user_id',
    });
  });
});

test('columns are missed in what looks like a header only, those that were named before the others', () => {
  const missing = (line: string, columns = defaultColumns): string[] => missingColumns(line.split(','), columns);
  expect(missing('1,A')).toEqual([]);
  expect(missing('session_id,sku')).toEqual([]);
  expect(missing('session_id,A')).toEqual([]);
  expect(missing('path_id,A')).toEqual(['product']);
  expect(missing('time,session_id,A')).toEqual(['path', 'product']);
  expect(missing('session_id,sku', { path: 'visit', product: 'product_id' })).toEqual(['path']);
  expect(missing('1,A', { path: 'visit', product: 'thing' })).toEqual([]);
  expect(missing('visit,A', { path: 'visit', product: 'thing' })).toEqual(['product']);
});

describe('relate', () => {
  interface Columns {
    pathColumn?: string;
    productColumn?: string;
  }

  /** Relates files of these names and contents: paths, products and rejected rows, and what was said. */
  async function related(
    files: Record<string, string>,
    columns: Columns = {},
  ): Promise<{ counts: number[]; said: string[] }> {
    const folder = temporaryFolder();
    const views = Object.entries(files).map(([name, text]) => {
      writeFileSync(path.join(folder, name), text);
      return path.join(folder, name);
    });
    const said: string[] = [];
    const note = (message: string): void => void said.push(message.replace(`${folder}/`, ''));
    const log = { debug: () => {}, info: note, warn: note, error: note };
    const { paths, products, rejected } = await relate(views, { ...columns, out: path.join(folder, 'r.tsv') }, { log });
    return { counts: [paths, products, rejected], said };
  }

  const others = '--path-column and --product-column name others';

  test('takes the columns of each file by common names, and says so once for files that are alike', async () => {
    const tsv = 'sku\tcolour\tsession_id\nA\tred\t1\nB\tblue\t1\n';
    const csv = 'timestamp,visitorid,event,itemid\n7,1,view,C\n8,2,view,A\n';
    expect(await related({ 'a.tsv': tsv, 'b.tsv': tsv, 'c.csv': csv })).toEqual({
      counts: [2, 3, 0],
      said: [
        `a.tsv: the path is the column session_id, the product sku, by their names; ${others}`,
        `c.csv: the path is the column visitorid, the product itemid, by their names; ${others}`,
      ],
    });
  });

  test.each(['path_id\tthing', 'visit number\tthing', 'Foo\tSKU'])(
    'warns of %j, which may be a header, and takes it for a view',
    async (line) => {
      expect(await related({ 'd.tsv': `${line}\n1\tA\n1\tB\n` })).toEqual({
        counts: [2, 3, 0],
        said: [`d.tsv: the first line, ${line.replace('\t', ', ')}, is taken for a view like the others; ${others}`],
      });
    },
  );

  test.each(['order 7\tsku', 'abc\tdef', '1\tsku'])('says nothing of %j, which may be data', async (line) => {
    expect((await related({ 'd.tsv': `${line}\n2\tA\n2\tB\n` })).said).toEqual([]);
  });

  test('refuses a header without a column that was named, and suggests the nearest', async () => {
    for (const [name, text] of [
      ['e.tsv', 'session_id\tproduct_id\n1\tA\n'],
      ['e.csv', '"session_id",product_id\n1,A\n'],
    ] as const) {
      await expect(related({ [name]: text }, { pathColumn: 'sesion_id' })).rejects.toMatchObject({
        kind: 'badData',
        message: expect.stringMatching(`/${name}: its columns are session_id, product_id, not sesion_id$`),
        remedy: 'Name the columns with --path-column and --product-column. Did you mean session_id?',
      });
    }
  });

  test('refuses a header that has the named column only, which is none of the other side', async () => {
    for (const [name, text] of [
      ['h.tsv', 'user_id\titem_id\nu1\ti1\nu1\ti2\n'],
      ['h.csv', 'user_id,item_id\nu1,i1\nu1,i2\n'],
    ] as const) {
      await expect(related({ [name]: text }, { productColumn: 'user_id' })).rejects.toMatchObject({
        kind: 'badData',
        message: expect.stringMatching(`/${name}: its columns are user_id, item_id, not path_id$`),
        remedy: 'Name the columns with --path-column and --product-column.',
      });
    }
  });

  test('takes columns that were named in files with a header, and rows without one', async () => {
    const files = { 'f.tsv': 'shelf\tvisit\nA\t1\nB\t1\n', 'g.tsv': '2\tA\n2\tC\n' };
    expect(await related(files, { pathColumn: 'visit', productColumn: 'shelf' })).toEqual({
      counts: [2, 3, 0],
      said: [],
    });
  });
});
