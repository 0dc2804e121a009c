import { getEventListeners } from 'node:events';
import { run } from 'also-viewed';
import { expect, inject, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { seededRandom } from '../importer/seeded-random.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { ownBucket } from '../storage/own-bucket.ts';
import { shopOfFiles, shopOfTables, viewsOfNight } from './shop.ts';

const own = ownBucket();
const schema = ownSchema(inject('databases')[0]);
const next = seededRandom();

test('nights of one process leave nobody who listens to its signal', async () => {
  const { address, password } = schema();
  const tables = await shopOfTables(schema(), `s3://${own.bucket}/tables/work`, own.environment);
  const files = shopOfFiles(`s3://${own.bucket}/files`, own.environment);
  const { signal } = new AbortController();
  const effects = defaultEffects({ signal, s3: { pathStyle: true } });
  const common = { parameters: {}, accept: 'a test', keepRuns: 1 };
  const columns = { pathColumn: 'path_id', productColumn: 'product_id' };
  for (const night of [0, 1, 2]) {
    const views = viewsOfNight(night, next);
    await tables.setViews(views);
    await files.setViews(views);
    await run(
      {
        ...common,
        work: tables.work,
        source: { kind: 'table', views: { address: address(), password, table: 'recent_items', ...columns } },
        target: {
          kind: 'table',
          table: {
            address: address(),
            password,
            table: 'related_products',
            sourceColumn: 'source_product_id',
            targetColumn: 'target_product_id',
            weightColumn: 'weight',
          },
        },
      },
      effects,
    );
    await run(
      {
        ...common,
        work: files.work,
        source: { kind: 'files', locations: [`s3://${own.bucket}/files/views.tsv`] },
        target: { kind: 'file', location: `s3://${own.bucket}/files/relations.tsv` },
      },
      effects,
    );
  }
  // A connection that is kept open lets go once its answer has been read.
  await expect.poll(() => getEventListeners(signal, 'abort')).toEqual([]);
});
