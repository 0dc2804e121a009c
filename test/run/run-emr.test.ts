import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, test } from 'vitest';
import { bruteForce } from '../brute-force.ts';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { emrShop } from '../engine/emr/emr-shop.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** 400 views of 60 products by 80 paths, some of them twice. */
const views = Array.from({ length: 400 }, (_, at): [string, string] => [
  String((at * 7919) % 80),
  String(1000 + (((at * 104_729) % 3_600) % 60)),
]);

const shop = emrShop();

// Each job starts half a dozen Java machines one after the other: so each server has one of the two tests.
describe.each(inject('databases'))('from $kind and back, through S3 and EMR', (server) => {
  const schema = ownSchema(server);

  /** The nightly job by its configuration alone, as cron runs it. */
  const nightly = async (
    given: { args?: string[]; signal?: { when: RegExp; send: NodeJS.Signals } } = {},
  ): Promise<Ended> => {
    const { host, port, user, database } = schema().address();
    const uri = `mysql://${user}@${host}:${port}/${database}`;
    const file = path.join(temporaryFolder(), 'also-viewed.yml');
    writeFileSync(
      file,
      [
        `source: ${uri}`,
        `target: ${uri}`,
        `work: s3://${shop.bucket}/work-${server.kind}`,
        'engine: emr',
        'reducers: 2',
        'emr:',
        `  region: ${shop.env['AWS_REGION']}`,
        `  log-uri: s3://${shop.bucket}/logs/`,
        '  poll-interval: 0.1\n',
      ].join('\n'),
    );
    const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL_EMR'];
    const env = {
      // A client that is killed leaves its temporary folder.
      TMPDIR: temporaryFolder(),
      ...Object.fromEntries(names.map((name) => [name, shop.env[name]])),
      ALSO_VIEWED_SOURCE_PASSWORD: server.password,
      ALSO_VIEWED_TARGET_PASSWORD: server.password,
    };
    const { args = [], ...more } = given;
    return await alsoViewed(['run', '--config', file, ...args], { env, ...more });
  };

  const fillSource = async (): Promise<void> => {
    await schema().root.query('DROP TABLE IF EXISTS recent_items, related_products, related_products_runs');
    await schema().root.query('CREATE TABLE recent_items (path_id INT, product_id INT UNSIGNED)');
    await schema().root.query('INSERT INTO recent_items VALUES ?', [views]);
  };

  const published = async (): Promise<string[]> => {
    const [rows] = await schema().root.query<RowDataPacket[][]>({
      sql: 'SELECT * FROM related_products',
      rowsAsArray: true,
    });
    return rows.map((row) => row.join(' ')).sort();
  };
  const expected = bruteForce(views)
    .map((row) => row.join(' '))
    .sort();

  if (server.kind === 'mariadb') {
    test('the nightly job publishes what the views hold, and nothing is left running', async () => {
      await fillSource();
      const { code, stderr } = await nightly();
      expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining(`${expected.length} added`) });
      expect(await published()).toEqual(expected);
      // The views went to the cluster from where the run keeps them.
      expect(await shop.keys('logs/also-viewed/runs/')).toEqual([]);
      expect((await shop.keys(`work-${server.kind}/runs/`)).map((key) => path.basename(key)).sort()).toEqual([
        'changes.tsv.gz',
        'manifest.json',
        'relations.tsv.gz',
        'views.tsv.gz',
      ]);
      shop.expectAllEnded();
    }, 180_000);
  } else {
    test('a job that was killed while the cluster works is resumed there, and publishes', async () => {
      await fillSource();
      const before = shop.emr.clusters.length;
      const killed = await nightly({ signal: { when: /pairs phase RUNNING/, send: 'SIGKILL' } });
      expect(killed.code).toBeNull();
      const resumed = await nightly({ args: ['--resume'] });
      expect(resumed).toMatchObject({ code: 0, stderr: expect.stringMatching(/going on with the cluster j-\w+/) });
      expect(await published()).toEqual(expected);
      expect(shop.emr.clusters.slice(before).map(({ steps }) => steps.map(({ state }) => state))).toEqual([
        ['COMPLETED', 'COMPLETED'],
      ]);
      expect(await shop.keys('logs/also-viewed/runs/')).toEqual([]);
      shop.expectAllEnded();
    }, 180_000);
  }
});
