import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, test } from 'vitest';
import { relationLines } from '../brute-force.ts';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { onlineRetail, onlineRetailSha256 } from '../real-data.ts';
import { temporaryFolder } from '../temporary-folder.ts';

type Relation = [source: string, target: string, weight: number];

/** The views of each path, in the order of the shop's invoices. */
const paths = new Map<string, string[]>();
for (const line of gunzipSync(readFileSync(onlineRetail)).toString().trimEnd().split('\n').slice(1)) {
  const [visit = '', product = ''] = line.split('\t');
  const products = paths.get(visit) ?? [];
  products.push(product);
  paths.set(visit, products);
}

/** A twelfth of them, about a month. */
const month = Math.ceil(paths.size / 12);
const visits = [...paths.keys()];

/** The definition taken literally, a counter for each two products: 66 MB for 4,070 of them. */
function* recounted(visits: readonly string[]): Generator<Relation[]> {
  const products = [...new Set(visits.flatMap((visit) => paths.get(visit) ?? []))].sort((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const numbers = new Map(products.map((product, number) => [product, number]));
  const counters = products.map(() => new Uint32Array(products.length));
  for (const visit of visits) {
    const seen = new Set(paths.get(visit)?.map((product) => numbers.get(product) ?? 0));
    for (const source of seen) {
      for (const target of seen) {
        const counter = counters[source];
        if (counter !== undefined && source !== target) {
          counter[target] = (counter[target] ?? 0) + 1;
        }
      }
    }
  }
  for (const [number, source] of products.entries()) {
    yield products
      .map((target, other): Relation => [source, target, counters[number]?.[other] ?? 0])
      .filter(([, , weight]) => weight > 0);
  }
}

/** How many relations these lists hold, and the digest of their lines. */
async function digestOf(
  lists: AsyncIterable<Relation[]> | Iterable<Relation[]>,
): Promise<{ readonly relations: number; readonly sha256: string }> {
  let relations = 0;
  const hash = createHash('sha256');
  for await (const list of lists) {
    relations += list.length;
    hash.update(relationLines(list));
  }
  return { relations, sha256: hash.digest('hex') };
}

describe.each(inject('databases'))('on $kind', (database) => {
  const schema = ownSchema(database);
  const collation = database.kind === 'mysql' ? 'utf8mb4_0900_bin' : 'utf8mb4_nopad_bin';

  test('real views are published whole: those of eleven months, of a year, and those that are left when a month expires', async () => {
    const { root, address } = schema();
    const { user, host, port, database: name } = address();
    const uri = `mysql://${user}@${host}:${port}/${name}`;
    const work = path.join(temporaryFolder(), 'work');
    const run = (): Promise<Ended> =>
      alsoViewed(['run', '--source', uri, '--target', uri, '--work', work, '--verify', '--max-churn', '1'], {
        env: { ALSO_VIEWED_SOURCE_PASSWORD: database.password, ALSO_VIEWED_TARGET_PASSWORD: database.password },
      });
    async function arrive(visits: readonly string[]): Promise<void> {
      for (let at = 0; at < visits.length; at += 1_000) {
        const some = visits.slice(at, at + 1_000);
        const rows = some.flatMap((visit) => (paths.get(visit) ?? []).map((product) => [visit, product]));
        await root.query('INSERT INTO recent_items VALUES ?', [rows]);
      }
    }
    async function* published(): AsyncGenerator<Relation[]> {
      const [sources] = await root.query<RowDataPacket[]>(
        'SELECT DISTINCT source_product_id s FROM related_products ORDER BY 1',
      );
      for (const { s } of sources) {
        const [list] = await root.query<RowDataPacket[]>(
          'SELECT target_product_id t, weight w FROM related_products WHERE source_product_id = ? ORDER BY 1',
          [s],
        );
        yield list.map(({ t, w }): Relation => [s, t, w]);
      }
    }
    /** A run, and what it is to publish. */
    async function night(visits: readonly string[]): Promise<string> {
      expect(await run()).toMatchObject({ code: 0 });
      const found = await digestOf(published());
      expect(found).toEqual(await digestOf(recounted(visits)));
      return found.sha256;
    }

    await root.query(
      `CREATE TABLE recent_items (path_id VARCHAR(16) NOT NULL, product_id VARCHAR(32) COLLATE ${collation} NOT NULL, KEY (path_id))`,
    );
    await arrive(visits.slice(0, -month));
    await night(visits.slice(0, -month));

    await arrive(visits.slice(-month));
    expect(await night(visits)).toBe(onlineRetailSha256);

    await root.query('DELETE FROM recent_items WHERE path_id IN (?)', [visits.slice(0, month)]);
    await night(visits.slice(month));
  }, 3_600_000);
});
