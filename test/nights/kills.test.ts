import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, inject, test } from 'vitest';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { seed, seededRandom } from '../importer/seeded-random.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { ownBucket } from '../storage/own-bucket.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { expectMadeRight } from './expect-made-right.ts';
import { onceLetGo } from './once-let-go.ts';
import { recounted, type Shop, shopOfFiles, shopOfTables, viewsOfNight } from './shop.ts';

/** Of each shop. */
const kills = process.env['SOAK'] === undefined ? 5 : 50;

/** What a run logs one after the other, a file's without "Applied": it is killed at a random moment between one and the next. */
const marks = [/^/, /^Run /m, /^export: rows/m, /^relate: rows/m, /^Compared/m, /^Applied /m, /^publish: relations/m];

const own = ownBucket();
const schema = ownSchema(inject('databases')[0]);
const next = seededRandom();

const nights = [viewsOfNight(0, next), viewsOfNight(1, next)] as const;
const relations = nights.map(recounted);

const shops: readonly [string, () => Promise<Shop> | Shop][] = [
  [
    'tables, with its work folder on disk',
    () => shopOfTables(schema(), path.join(temporaryFolder(), 'work'), own.environment),
  ],
  [
    'tables, with its work folder on S3',
    () => shopOfTables(schema(), `s3://${own.bucket}/tables/work`, own.environment),
  ],
  ['files on disk', () => shopOfFiles(temporaryFolder(), own.environment)],
  ['files on S3', () => shopOfFiles(`s3://${own.bucket}/files`, own.environment)],
];

/** What an undisturbed run logs, and how many milliseconds pass from each line to the next. */
async function timesOf(
  run: (watch: (stderr: string) => void) => Promise<Ended>,
): Promise<{ readonly mark: RegExp; readonly ms: number }[]> {
  const begun = performance.now();
  const seen = new Map<RegExp, number>([[/^/, begun]]);
  const ended = await run((stderr) => {
    for (const mark of marks.slice(1)) {
      if (!seen.has(mark) && mark.test(stderr)) {
        seen.set(mark, performance.now());
      }
    }
  });
  expect(ended).toMatchObject({ code: 0 });
  const moments = [...seen.values(), performance.now()];
  return [...seen.keys()].map((mark, at) => ({ mark, ms: (moments[at + 1] ?? begun) - (moments[at] ?? begun) }));
}

test.each(shops)(
  `a job over %s that is killed at ${kills} moments leaves nothing half written, and the next one, half of them resumed, makes all of it right (SEED=${seed})`,
  async (name, open) => {
    const shop = await open();
    const temporary = temporaryFolder();
    const env = { ...shop.env, TMPDIR: temporary };
    const args = ['run', ...shop.args, '--verbose', '--accept-changes', 'a test'];

    const completed = (...more: string[]): Promise<Ended> => onceLetGo(() => alsoViewed([...args, ...more], { env }));

    await shop.setViews(nights[0]);
    expect(await completed()).toMatchObject({ code: 0 });
    await shop.setViews(nights[1]);
    const times = await timesOf((watch) => alsoViewed(args, { env, watch }));
    const at = shops.findIndex(([each]) => each === name);
    // Of all shops together half.
    const wanted = (kills + 1 - (at % 2)) >> 1;
    let hits = 0;
    let resumes = 0;
    for (let attempt = 0; hits < kills || resumes < wanted; attempt++) {
      // Always another one than is published.
      const night = attempt % 2 === 0 ? 0 : 1;
      await shop.setViews(nights[night]);
      const { mark, ms } = times[(at * kills + attempt) % times.length] ?? { mark: /^/, ms: 0 };
      const { code } = await alsoViewed(args, { env, signal: { when: mark, send: 'SIGKILL', after: ms * next() } });
      const hit = code === null;
      // Of each night two in four, in the other order than the nights; once all are killed, those that are still wanted.
      const resumed = hits >= kills || ((attempt >> 1) + at) % 2 === 0;
      const wentOn = await expectMadeRight(shop, completed, resumed, relations, relations[night]);
      hits += hit ? 1 : 0;
      resumes += hit && wentOn ? 1 : 0;
    }
    expect(readdirSync(temporary)).toEqual([]);
  },
  1_000_000,
);
