import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, expect, test } from 'vitest';
import { bruteForce, relationLines } from '../brute-force.ts';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { seed, seededRandom } from '../importer/seeded-random.ts';
import { expectWholeRuns } from '../nights/expect-whole-runs.ts';
import { onceLetGo } from '../nights/once-let-go.ts';
import { storedFiles } from '../nights/stored-files.ts';
import { startMariaDb } from '../services/mariadb.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const nights = 30;
const windowDays = 7;
const minWeight = 2;
const keepRuns = 6;

/** From this night on the window is full, and so is the work folder. */
const steady = windowDays + keepRuns;

/** Loaded into the job: it says, when it ends, how much memory it had at most, in KiB. */
const tellPeak =
  'import{appendFileSync}from"node:fs";process.on("exit",()=>appendFileSync(process.env.PEAK_FILE,process.resourceUsage().maxRSS+"\\n"))';

interface View {
  readonly night: number;
  readonly path: string;
  readonly product: string;
}

const server = await startMariaDb();
afterAll(() => server.stop());
const { host, port, user, password } = server;

test(`${nights} nights, some of them bad: the table is a recount every morning, memory and disk stay as they are (SEED=${seed})`, async () => {
  const next = seededRandom();
  const folder = temporaryFolder();
  const temporary = temporaryFolder();
  const work = path.join(folder, 'work');
  const peakFile = path.join(folder, 'peak');
  const uri = `mysql://${user}@${host}:${port}/shop`;
  const env = {
    ALSO_VIEWED_SOURCE_PASSWORD: password,
    ALSO_VIEWED_TARGET_PASSWORD: password,
    TMPDIR: temporary,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tellPeak)}`,
    PEAK_FILE: peakFile,
  };
  const args = [
    ...['run', '--source', uri, '--target', uri, '--work', work, '--verbose', '--min-weight', `${minWeight}`],
    ...['--time-column', 'viewed_at', '--since', `${windowDays}d`, '--max-churn', '1', '--keep-runs', `${keepRuns}`],
  ];
  const run = (...more: string[]): Promise<Ended> => alsoViewed([...args, ...more], { env });

  const connect = (database: string): Promise<Connection> =>
    createConnection({ host, port, user, password, ...(database === '' ? {} : { database }) });
  let shop = await connect('');
  await shop.query('CREATE DATABASE shop');
  await shop.query('USE shop');
  await shop.query(
    `CREATE TABLE recent_items (path_id INT UNSIGNED NOT NULL, product_id INT UNSIGNED NOT NULL,
       viewed_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, KEY (viewed_at))`,
  );
  async function restartServer(): Promise<void> {
    shop.destroy();
    await server.kill();
    await server.restart();
    shop = await connect('shop');
  }

  const views: View[] = [];

  /** A day goes by. Products come and go with the nights; what is older than the window stays in the table. */
  async function pass(night: number): Promise<void> {
    const fresh = Array.from({ length: 90 + Math.floor(next() * 20) }, (_, visit) =>
      Array.from({ length: 8 }, () => ({
        night,
        path: `${night * 1000 + visit}`,
        product: `${1 + night + Math.floor(next() ** 2 * 100)}`,
      })),
    ).flat();
    await shop.query('UPDATE recent_items SET viewed_at = viewed_at - INTERVAL 1 DAY');
    await shop.query('INSERT INTO recent_items (path_id, product_id) VALUES ?', [
      fresh.map((view) => [view.path, view.product]),
    ]);
    views.push(...fresh);
  }

  function recount(night: number): string {
    const window = views.filter((view) => view.night > night - windowDays);
    const all = bruteForce(window.map((view) => [view.path, view.product]));
    return relationLines(all.filter(([, , weight]) => weight >= minWeight));
  }

  async function published(): Promise<string> {
    const [rows] = await shop.query<RowDataPacket[]>(
      'SELECT source_product_id s, target_product_id t, weight w FROM related_products ORDER BY 1, 2',
    );
    return relationLines(rows.map((row) => [String(row['s']), String(row['t']), Number(row['w'])]));
  }

  /** Holds what is published, so that a run waits before its first change. */
  async function hold(): Promise<Connection> {
    const holder = await connect('shop');
    // The server may end before it.
    holder.on('error', () => {});
    await holder.query('START TRANSACTION');
    await holder.query('SELECT * FROM related_products FOR UPDATE');
    return holder;
  }

  const mornings: string[] = [''];

  /** What happens on a night instead of a run. @returns what the table is to hold in the morning */
  const badNights: Readonly<Record<number, (night: number) => Promise<string>>> = {
    9: async (night) => {
      const holder = await hold();
      let restarted: Promise<void> | undefined;
      const watch = (stderr: string): void => {
        if (/^Compared/m.test(stderr)) {
          restarted ??= restartServer();
        }
      };
      expect(await alsoViewed(args, { env, watch })).toMatchObject({ code: 69 });
      await restarted;
      holder.destroy();
      expect(await run('--resume')).toMatchObject({ code: 0 });
      return recount(night);
    },
    12: async (night) => {
      const holder = await hold();
      const signal = { when: /^Compared/m, send: 'SIGKILL' } as const;
      expect(await alsoViewed(args, { env, signal })).toMatchObject({ code: null });
      holder.destroy();
      expect(await onceLetGo(run)).toMatchObject({ code: 0 });
      return recount(night);
    },
    15: async (night) => {
      await shop.query('CREATE TABLE kept AS SELECT * FROM recent_items');
      await shop.query('DELETE FROM recent_items WHERE path_id % 10 > 0');
      expect(await run()).toMatchObject({ code: 65, stderr: expect.stringContaining('views shrink') });
      await shop.query('DELETE FROM recent_items');
      await shop.query('INSERT INTO recent_items SELECT * FROM kept');
      return mornings[night - 1] ?? '';
    },
    19: async (night) => {
      expect(await run()).toMatchObject({ code: 0 });
      expect(await published()).toBe(recount(night));
      expect(await alsoViewed(['rollback', '--target', uri, '--work', work], { env })).toMatchObject({ code: 0 });
      return mornings[night - 1] ?? '';
    },
    23: async (night) => {
      await restartServer();
      expect(await run()).toMatchObject({ code: 0 });
      return recount(night);
    },
  };

  const peaks: number[] = [];
  const disks: number[] = [];
  for (let night = 1; night <= nights; night++) {
    await pass(night);
    rmSync(peakFile, { force: true });
    const bad = badNights[night];
    if (bad === undefined) {
      const grows = night <= windowDays ? ['--accept-changes', 'the window is not full yet'] : [];
      expect(await run(...grows)).toMatchObject({ code: 0 });
      mornings.push(recount(night));
    } else {
      mornings.push(await bad(night));
    }
    expect(await published()).toBe(mornings[night]);
    const kept = await expectWholeRuns(work, true);
    // A rollback removes none.
    expect(kept.length).toBeLessThanOrEqual(bad === undefined ? keepRuns : keepRuns + 1);
    expect(readdirSync(temporary)).toEqual([]);
    peaks.push(Math.max(...readFileSync(peakFile, 'utf8').trimEnd().split('\n').map(Number)));
    const files = await storedFiles(work);
    disks.push([...files.values()].reduce((sum, { length }) => sum + length, 0));
  }
  // Every morning another one, but for the night that published nothing and the one that was taken back.
  expect(new Set(mornings).size).toBe(1 + nights - 2);
  for (const figures of [peaks, disks]) {
    // The figures of single nights differ by a tenth.
    expect(Math.max(...figures.slice(-10))).toBeLessThan(1.25 * Math.max(...figures.slice(steady, -10)));
  }
}, 1_800_000);
