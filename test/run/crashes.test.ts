import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type RunOptions, run } from 'also-viewed';
import { expect, test, vi } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import type { Effects } from '#dist/effects.js';
import { formatProcess, thisProcess } from '#dist/process-identity.js';
import { listRuns } from '#dist/run/list-runs.js';
import { writeFile } from '#dist/storage/output.js';
import { placeOf } from '#dist/storage/s3-address.js';
import { inFolder, type Storage, storageOf } from '#dist/storage/storage.js';
import { seed, seededRandom } from '../importer/seeded-random.ts';
import { expectWholeRuns } from '../nights/expect-whole-runs.ts';
import { storedFiles } from '../nights/stored-files.ts';
import { ownBucket } from '../storage/own-bucket.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const own = ownBucket();
const next = seededRandom();
const effects = defaultEffects();

/** Changes that the storage still makes before the power goes. */
const power = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY }));

const changing = ['create', 'writeIfAbsent', 'replaceIf', 'removeIf', 'makeFolder', 'remove', 'removeFolder'] as const;

/** Does nothing more once the power is gone, so that whoever tidies up does not either. */
async function powered<T>(change: () => Promise<T>): Promise<T> {
  if (power.left <= 0) {
    throw new Error('the power is gone');
  }
  power.left--;
  return await change();
}

function failing(storage: Storage): Storage {
  const changes = Object.fromEntries(
    changing.map((name) => [
      name,
      // biome-ignore lint/suspicious/noExplicitAny: of any of these methods
      (...args: any[]) => powered(() => Reflect.apply(storage[name], storage, args)),
    ]),
  );
  const create: Storage['create'] = (location) =>
    powered(async () => {
      const pending = await storage.create(location);
      // A temporary file stays where the power goes before it is renamed.
      const abort = async (): Promise<void> => void pending.stream.destroy();
      return { ...pending, commit: () => powered(pending.commit), abort };
    });
  return { ...storage, ...changes, create };
}

vi.mock('#dist/storage/local.js', async (load) => {
  const real = await load<typeof import('#dist/storage/local.js')>();
  return { ...real, localStorage: (given: Effects) => failing(real.localStorage(given)) };
});

vi.mock('#dist/storage/s3.js', async (load) => {
  const real = await load<typeof import('#dist/storage/s3.js')>();
  return { ...real, s3Storage: (given: Effects) => failing(real.s3Storage(given)) };
});

/** Makes what this process left look like that of one which had its number and is dead. */
async function bury({ options, folder }: Shop): Promise<void> {
  const living = thisProcess();
  const dead = { ...living, startedTicks: 1 };
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    renameSync(path.join(folder, name), path.join(folder, name.replace(formatProcess(living), formatProcess(dead))));
  }
  const lock = inFolder(options.work, 'lock.json');
  const held = await (await storageOf(lock, effects)).readVersion(lock);
  if (held !== undefined) {
    const content = JSON.stringify({ ...JSON.parse(held.content.toString()), ...dead });
    await writeFile(lock, effects, (output) => output.write(Buffer.from(content), 0));
  }
}

interface Shop {
  readonly options: RunOptions;
  readonly folder: string;
}

/** Where the work folder of a shop is that has a folder. */
type Place = (folder: string) => string;

function shopIn(folder: string, work: string): Shop {
  const options: RunOptions = {
    source: { kind: 'files', locations: [path.join(folder, 'views.tsv')] },
    target: { kind: 'file', location: path.join(folder, 'target.tsv') },
    work,
    threads: 1,
    keepRuns: 2,
    limits: { maxChurn: 1, maxGrowth: 10 },
    parameters: { source: 'views.tsv', target: 'target.tsv' },
  };
  return { options, folder };
}

/** The same shop in a folder of its own. */
async function copyOf({ folder, options: { work } }: Shop, place: Place): Promise<Shop> {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  const shop = shopIn(copy, place(copy));
  if (work.startsWith('s3://')) {
    for (const [name, Body] of await storedFiles(work)) {
      await own.client.send(new PutObjectCommand({ ...placeOf(inFolder(shop.options.work, name)), Body }));
    }
  }
  return shop;
}

/** A shop with two nights behind it, of which retention takes one, and with new views. */
async function shopWithNights(place: Place): Promise<Shop> {
  const folder = temporaryFolder();
  const shop = shopIn(folder, place(folder));
  const views = path.join(shop.folder, 'views.tsv');
  writeFileSync(views, '1\ta\n1\tb\n1\tc\n2\ta\n2\tb\n');
  await run(shop.options);
  await run(shop.options);
  writeFileSync(views, '1\ta\n1\tb\n1\tc\n2\ta\n2\tc\n');
  return shop;
}

const before = 'a\tb\t2\na\tc\t1\nb\ta\t2\nb\tc\t1\nc\ta\t1\nc\tb\t1\n';
const after = 'a\tb\t1\na\tc\t2\nb\ta\t1\nb\tc\t1\nc\ta\t2\nc\tb\t1\n';

/** Runs until the power goes after so many changes of the storage. @returns whether it went before the run had ended */
async function crashes(shop: Shop, changes: number): Promise<boolean> {
  power.left = changes;
  await run(shop.options).catch(() => {});
  const isGone = power.left <= 0;
  power.left = Number.POSITIVE_INFINITY;
  await bury(shop);
  return isGone;
}

const target = ({ folder }: Shop): string => readFileSync(path.join(folder, 'target.tsv'), 'utf8');

/** What a night leaves that went well. */
async function expectPublished(shop: Shop): Promise<void> {
  await expectWholeRuns(shop.options.work, true);
  expect(target(shop)).toBe(after);
  expect(readdirSync(shop.folder).filter((name) => name.startsWith('.'))).toEqual([]);
  const [newest, ...others] = await listRuns(shop.options.work, undefined);
  expect(newest).toMatchObject({ state: 'succeeded', kept: true });
  expect(others.length).toBeLessThanOrEqual(2);
}

/** Goes on with the newest run; it may be one that succeeded, and then a new one is to begin. */
async function resume({ options }: Shop): Promise<void> {
  await run({ ...options, resume: { id: undefined } }).catch(async (error: unknown) => {
    expect(error).toMatchObject({ kind: 'noInput', message: expect.stringContaining('it succeeded') });
    await run(options);
  });
}

const soak = process.env['SOAK'] !== undefined;
const places: readonly [string, Place, step: number][] = [
  ['on disk', (folder) => path.join(folder, 'work'), soak ? 1 : 3],
  ['on S3', (folder) => `s3://${own.bucket}/${path.basename(folder)}/work`, soak ? 1 : 9],
];

test.each(places)(
  `after a crash between two changes of the storage, with its work folder %s, the next run publishes, and so does run --resume (SEED=${seed})`,
  async (_, place, step) => {
    const nights = await shopWithNights(place);
    let changes = Math.floor(step * next());
    for (let gone = true; gone; changes += step) {
      const shop = await copyOf(nights, place);
      gone = await crashes(shop, changes);
      expect([before, after]).toContain(target(shop));
      await expectWholeRuns(shop.options.work, false);
      const resumed = await copyOf(shop, place);
      await run(shop.options);
      await expectPublished(shop);
      await resume(resumed);
      await expectPublished(resumed);
    }
    // Else nothing was cut off.
    expect(changes).toBeGreaterThan(40);
  },
  1_000_000,
);
