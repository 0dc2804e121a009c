import { execFileSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { expect, inject, test } from 'vitest';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { expectWholeRuns } from '../nights/expect-whole-runs.ts';
import { recounted, shopOfFiles, shopOfTables, type Views } from '../nights/shop.ts';
import { ownBucket } from '../storage/own-bucket.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const own = ownBucket();
const schema = ownSchema(inject('databases')[0]);
const views: Views = [
  ['1', '1'],
  ['1', '2'],
  ['2', '2'],
  ['2', '1'],
];

/** Starts so many runs, and has `release` called once all but one have ended. @returns how they ended, the last one last */
async function atOnce(
  count: number,
  run: (at: number) => Promise<Ended>,
  release: () => Promise<unknown>,
): Promise<Ended[]> {
  const ended: Ended[] = [];
  await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      ended.push(await run(at));
      if (ended.length === count - 1) {
        await release();
      }
    }),
  );
  return ended;
}

const workFolders: readonly [string, (count: number) => string][] = [
  ['on disk', () => path.join(temporaryFolder(), 'work')],
  ['on S3', (count) => `s3://${own.bucket}/${count}/work`],
];

test.each(workFolders.flatMap(([where, work]) => [2, 10].map((count) => ({ where, work, count }))))(
  'of $count runs that begin at once with a work folder $where one works, and the others say so: 75',
  async ({ work: place, count }) => {
    const folder = temporaryFolder();
    const work = place(count);
    const fifo = path.join(folder, 'views.tsv');
    // Who holds the work folder waits for its views.
    execFileSync('mkfifo', [fifo]);
    const args = ['run', '--source', fifo, '--target', path.join(folder, 'relations.tsv'), '--work', work];
    const ended = await atOnce(
      count,
      () => alsoViewed(args, { env: own.environment }),
      async () => {
        const pipe = await open(fifo, 'w');
        await pipe.write(views.map((row) => `${row.join('\t')}\n`).join(''));
        await pipe.close();
      },
    );
    for (const refused of ended.slice(0, -1)) {
      expect(refused).toMatchObject({
        code: 75,
        stderr: expect.stringMatching(/^Error: Cannot use \S+: (run \S+|a run that begins) \(host .+--wait 10m/ms),
      });
    }
    expect(ended.at(-1)).toMatchObject({ code: 0 });
    expect(await shopOfFiles(folder, {}).published()).toBe(recounted(views));
    expect(await expectWholeRuns(work, true)).toMatchObject([{ state: 'succeeded' }]);
  },
);

test('of ten runs that publish to one table at once, each with a work folder of its own, one works: 75', async () => {
  const folder = temporaryFolder();
  const shop = await shopOfTables(schema(), path.join(folder, 'work'), {});
  const run = (at: number): Promise<Ended> =>
    alsoViewed(['run', ...shop.args, '--work', path.join(folder, `work-${at}`), '--accept-changes', 'a test'], {
      env: shop.env,
    });
  await shop.setViews(views.slice(0, 2));
  expect(await run(0)).toMatchObject({ code: 0 });
  await shop.setViews(views);
  const { root } = schema();
  // Who holds the lock of the table waits for its rows.
  await root.query('START TRANSACTION');
  await root.query('SELECT * FROM related_products FOR UPDATE');
  const ended = await atOnce(10, run, () => root.query('COMMIT'));
  for (const refused of ended.slice(0, -1)) {
    expect(refused).toMatchObject({
      code: 75,
      stderr: expect.stringMatching(/^Error: Cannot publish to table related_products: connection \d+ of the server/m),
    });
  }
  expect(ended.at(-1)).toMatchObject({ code: 0 });
  expect(await shop.published()).toBe(recounted(views));
});
