import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, inject, test } from 'vitest';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { seed, seededRandom } from '../importer/seeded-random.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { expectMadeRight } from '../nights/expect-made-right.ts';
import { recounted, type Shop, shopOfFiles, shopOfTables, viewsOfNight } from '../nights/shop.ts';
import { smallDisk } from '../small-disk.ts';
import { parseMetrics } from '../watch/parse-metrics.ts';

/** How often a disk becomes full in the middle of a run. */
const times = process.env['SOAK'] === undefined ? 4 : 50;

const schema = ownSchema(inject('databases')[0]);
const next = seededRandom();
const nights = [viewsOfNight(0, next), viewsOfNight(1, next)] as const;
const relations = nights.map(recounted);

const shops: readonly [string, (disk: string) => Promise<Shop> | Shop][] = [
  ['its files on it', (disk) => shopOfFiles(disk, {})],
  ['its work folder on it and tables elsewhere', (disk) => shopOfTables(schema(), path.join(disk, 'work'), {})],
];

const freeBytes = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

test.runIf(process.getuid?.() === 0).each(shops)(
  `a disk that becomes full at ${times} moments of a job with %s: 74, nothing is half written, and with room the next run makes it right (SEED=${seed})`,
  async (_, open) => {
    const disk = smallDisk('16m');
    const shop = await open(disk);
    const temporary = path.join(disk, 'tmp');
    mkdirSync(temporary);
    const metrics = path.join(disk, 'also-viewed.prom');
    const run = (...more: string[]): Promise<Ended> =>
      alsoViewed(['run', ...shop.args, '--accept-changes', 'a test', '--metrics', metrics, ...more], {
        env: { ...shop.env, TMPDIR: temporary },
      });

    await shop.setViews(nights[0]);
    expect(await run()).toMatchObject({ code: 0 });
    await shop.setViews(nights[1]);
    const before = freeBytes(disk);
    expect(await run()).toMatchObject({ code: 0 });
    const needed = before - freeBytes(disk);
    for (let time = 0; time < times; time++) {
      const night = time % 2 === 0 ? 0 : 1;
      await shop.setViews(nights[night]);
      const room = (needed * (time + next())) / times;
      const filler = path.join(disk, 'filler');
      writeFileSync(filler, Buffer.alloc(Math.max(0, freeBytes(disk) - room)));
      const ended = await run();
      expect(ended).toMatchObject({
        code: 74,
        stdout: '',
        stderr: expect.stringMatching(/^Error: Cannot write .*disk is full.*\n {2}\S/m),
      });
      rmSync(filler);
      await expectMadeRight(shop, run, time % 2 === 1, relations, relations[night]);
    }
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(disk).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(parseMetrics(readFileSync(metrics, 'utf8'))).toMatchObject({ also_viewed_exit_code: 0 });
  },
  300_000 + 30_000 * times,
);
