import { PutObjectCommand } from '@aws-sdk/client-s3';
import { relate, show } from 'also-viewed';
import { expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { storageOf } from '#dist/storage/storage.js';
import { onlineRetail } from '../real-data.ts';
import { ownBucket } from './own-bucket.ts';

const own = ownBucket();
const effects = defaultEffects();

async function put(key: string, text: string): Promise<string> {
  await own.client.send(new PutObjectCommand({ Bucket: own.bucket, Key: key, Body: text }));
  return `s3://${own.bucket}/${key}`;
}

test('an object is read at any place, and what lies behind its end is not there', async () => {
  const location = await put('seek/a.txt', '0123456789');
  const object = await (await storageOf(location, effects)).seek?.(location);
  const read = async (from: number, to: number): Promise<string | undefined> =>
    (await object?.read(from, to))?.toString();
  expect(object?.size).toBe(10);
  expect([await read(0, 3), await read(8, 20), await read(10, 20)]).toEqual(['012', '89', '']);
});

test('an object that is replaced between two reads is a failure', async () => {
  const location = await put('seek/b.txt', 'before');
  const object = await (await storageOf(location, effects)).seek?.(location);
  await put('seek/b.txt', 'after!');
  await expect(object?.read(0, 3)).rejects.toMatchObject({ exitCode: 69 });
});

test('an object that is not there is missing', async () => {
  const location = `s3://${own.bucket}/seek/nothing`;
  await expect((await storageOf(location, effects)).seek?.(location)).rejects.toMatchObject({ exitCode: 66 });
});

test('the list of a product is found in objects as in files', async () => {
  const columns = { path: 'path_id', product: 'product_id' };
  const lists: unknown[] = [];
  for (const name of ['r.tsv', 'r.tsv.gz']) {
    const relations = `s3://${own.bucket}/${name}`;
    await relate(onlineRetail, { out: relations, top: 100 });
    lists.push(await show({ products: ['84879', '22423'], relations, work: 'nowhere', top: 3, columns }));
  }
  expect(lists[0]).toMatchObject([{ relations: 100 }, { relations: 100 }]);
  expect(lists[1]).toEqual(lists[0]);
});
