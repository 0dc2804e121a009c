import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, inject, test } from 'vitest';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { seededRandom } from '../importer/seeded-random.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { expectWholeRuns } from '../nights/expect-whole-runs.ts';
import { recounted, shopOfTables, viewsOfNight } from '../nights/shop.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const schema = ownSchema(inject('databases')[0]);
const next = seededRandom();
const nights = [viewsOfNight(0, next), viewsOfNight(1, next)] as const;
const relations = nights.map(recounted);

/** Loaded into a process, puts its clock back by so many milliseconds, once it has run for so many. */
const putBack = (by: number, after: number): string =>
  `const {now}=Date;Date.now=()=>now()-(performance.now()<${after}?0:${by});globalThis.Date=class extends Date{constructor(...a){a.length?super(...a):super(Date.now())}}`;

const hour = 3_600_000;

test('a clock that is set back, between runs and in the middle of one, puts none of them into a wrong order', async () => {
  const shop = await shopOfTables(schema(), path.join(temporaryFolder(), 'work'), {});
  const places = shop.args.slice(shop.args.indexOf('--target'));
  const command = (args: readonly string[], by: number, after = 0): Promise<Ended> =>
    alsoViewed(args, {
      env: { ...shop.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(putBack(by, after))}` },
    });
  const accept = ['--accept-changes', 'a test'];

  await shop.setViews(nights[0]);
  expect(await command(['run', ...shop.args], 0)).toMatchObject({ code: 0 });
  const [first] = await expectWholeRuns(shop.work, true);

  await shop.setViews(nights[1]);
  const refused = await command(['run', ...shop.args], hour);
  expect(refused).toMatchObject({
    code: 65,
    stderr: expect.stringMatching(`^Warning: The clock was set back: it says .*, but run ${first?.run} came before`),
  });
  expect(await command(['run', ...shop.args, ...accept, '--resume'], 2 * hour)).toMatchObject({ code: 0 });
  expect(await shop.published()).toBe(relations[1]);

  expect(await command(['rollback', ...places], 3 * hour)).toMatchObject({ code: 0 });
  expect(await shop.published()).toBe(relations[0]);

  expect(await command(['run', ...shop.args, ...accept], hour, 300)).toMatchObject({ code: 0 });
  expect(await shop.published()).toBe(relations[1]);

  const manifests = await expectWholeRuns(shop.work, true);
  expect(manifests.map(({ rollbackOf, state }) => [rollbackOf, state])).toEqual([
    [undefined, 'succeeded'],
    [undefined, 'succeeded'],
    [first?.run, 'succeeded'],
    [undefined, 'succeeded'],
  ]);
  const { stdout } = await command(['runs', ...places, '--format', 'jsonl'], 0);
  const listed = stdout.trimEnd().split('\n');
  expect(listed.map((line) => JSON.parse(line))).toMatchObject(
    manifests.map(({ run }, at) => ({ run, published: at === 3 ? 'current' : 'published' })).reverse(),
  );

  const file = path.join(temporaryFolder(), 'relations.tsv');
  writeFileSync(file, relations[0] ?? '');
  const target = places.slice(0, places.indexOf('--work'));
  expect(await command(['import', file, ...target, ...accept], 4 * hour)).toMatchObject({ code: 0 });
  const after = (await command(['runs', ...places, '--format', 'jsonl'], 0)).stdout.trimEnd().split('\n');
  const current = after.map((line) => JSON.parse(line)).filter(({ published }) => published === 'current');
  expect(current.map(({ run }) => manifests.some((manifest) => manifest.run === run))).toEqual([false]);
}, 240_000);
