import path from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { expect, inject, test } from 'vitest';
import { bruteForce } from '../brute-force.ts';
import { alsoViewed } from '../cli/also-viewed.ts';
import { emrShop } from '../engine/emr/emr-shop.ts';

const shop = emrShop();
const [, mysql] = inject('databases');
const schema = 'run_emr_test';

test('the nightly job goes from MySQL through S3 and EMR and back to MySQL', async () => {
  const { host, port, user, password } = mysql;
  const connection = await createConnection({ host, port, user, password });
  await connection.query(`DROP DATABASE IF EXISTS ${schema}`);
  await connection.query(`CREATE DATABASE ${schema} CHARACTER SET utf8mb4`);
  await connection.query(`USE ${schema}`);
  try {
    const views = Array.from({ length: 3000 }, (_, at) => [`p${at % 400}`, `${((at * at) % 91) + 5}`] as const);
    await connection.query(
      'CREATE TABLE recent_items (path_id VARCHAR(16) NOT NULL, product_id BIGINT UNSIGNED NOT NULL)',
    );
    await connection.query('INSERT INTO recent_items VALUES ?', [views]);
    const uri = `mysql://${user}@${host}:${port}/${schema}`;
    const work = `s3://${shop.bucket}/work`;
    const env = { ...shop.env, ALSO_VIEWED_SOURCE_PASSWORD: password, ALSO_VIEWED_TARGET_PASSWORD: password };
    const run = await alsoViewed(['run', '--source', uri, '--target', uri, '--work', work], { env });
    expect(run).toMatchObject({ code: 0, stderr: expect.stringContaining('ended the cluster j-') });

    const [rows] = await connection.query<RowDataPacket[]>(
      'SELECT source_product_id s, target_product_id t, weight w FROM related_products ORDER BY 1, 2',
    );
    const expected = bruteForce(views).map(([s, t, w]) => ({ s: Number(s), t: Number(t), w }));
    expected.sort((a, b) => a.s - b.s || a.t - b.t);
    expect(rows.map(({ s, t, w }) => ({ s, t, w: Number(w) }))).toEqual(expected);
    // The views went to the cluster from where the run keeps them.
    expect(await shop.keys('logs/also-viewed/runs/')).toEqual([]);
    expect((await shop.keys('work/runs/')).map((key) => path.basename(key)).sort()).toEqual([
      'changes.tsv.gz',
      'manifest.json',
      'relations.tsv.gz',
      'views.tsv.gz',
    ]);
    shop.expectAllEnded();
  } finally {
    await connection.query(`DROP DATABASE ${schema}`);
    await connection.end();
  }
}, 240_000);
