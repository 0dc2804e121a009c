import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type RunOptions, run } from 'also-viewed';
import { expect, test, vi } from 'vitest';
import type { Effects } from '#dist/effects.js';
import { formatProcess, thisProcess } from '#dist/process-identity.js';
import { listRuns } from '#dist/run/list-runs.js';
import type { Storage } from '#dist/storage/storage.js';
import { temporaryFolder } from '../temporary-folder.ts';

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

vi.mock('#dist/storage/local.js', async (load) => {
  const real = await load<typeof import('#dist/storage/local.js')>();
  const localStorage = (effects: Effects): Storage => {
    const storage = real.localStorage(effects);
    const failing = Object.fromEntries(
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
    return { ...storage, ...failing, create };
  };
  return { ...real, localStorage };
});

/** Makes what this process left look like that of one which had its number and is dead. */
function bury(folder: string): void {
  const living = thisProcess();
  const dead = { ...living, startedTicks: 1 };
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    renameSync(path.join(folder, name), path.join(folder, name.replace(formatProcess(living), formatProcess(dead))));
  }
  const lock = path.join(folder, 'work', 'lock.json');
  if (existsSync(lock)) {
    writeFileSync(lock, JSON.stringify({ ...JSON.parse(readFileSync(lock, 'utf8')), ...dead }));
  }
}

interface Shop {
  readonly options: RunOptions;
  readonly folder: string;
}

function shopIn(folder: string): Shop {
  const options: RunOptions = {
    source: { kind: 'files', locations: [path.join(folder, 'views.tsv')] },
    target: { kind: 'file', location: path.join(folder, 'target.tsv') },
    work: path.join(folder, 'work'),
    threads: 1,
    keepRuns: 2,
    limits: { maxChurn: 1, maxGrowth: 10 },
    parameters: { source: 'views.tsv', target: 'target.tsv' },
  };
  return { options, folder };
}

/** The same shop in a folder of its own. */
function copyOf({ folder }: Shop): Shop {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  return shopIn(copy);
}

/** A shop with two nights behind it, of which retention takes one, and with new views. */
async function shopWithNights(): Promise<Shop> {
  const shop = shopIn(temporaryFolder());
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
async function crashes({ options, folder }: Shop, changes: number): Promise<boolean> {
  power.left = changes;
  await run(options).catch(() => {});
  const isGone = power.left <= 0;
  power.left = Number.POSITIVE_INFINITY;
  bury(folder);
  return isGone;
}

/** What must be true at any time: the target is whole, and so is every file that a manifest names. */
function lookAround({ options, folder }: Shop): void {
  expect([before, after]).toContain(readFileSync(path.join(folder, 'target.tsv'), 'utf8'));
  const runs = path.join(options.work, 'runs');
  for (const id of readdirSync(runs)) {
    const manifest = path.join(runs, id, 'manifest.json');
    if (existsSync(manifest)) {
      for (const { name, bytes } of JSON.parse(readFileSync(manifest, 'utf8')).artefacts) {
        const stored = readFileSync(path.join(runs, id, name));
        expect(name.endsWith('.gz') ? gunzipSync(stored) : stored).toHaveLength(bytes);
      }
    }
  }
}

/** What a night leaves that went well. */
async function expectPublished(shop: Shop): Promise<void> {
  const { options, folder } = shop;
  lookAround(shop);
  expect(readFileSync(path.join(folder, 'target.tsv'), 'utf8')).toBe(after);
  expect(readdirSync(folder).sort()).toEqual(['target.tsv', 'views.tsv', 'work']);
  expect(readdirSync(options.work)).toEqual(['runs']);
  const left = readdirSync(options.work, { recursive: true, encoding: 'utf8' });
  expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  const [newest, ...others] = await listRuns(options.work, undefined);
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

test('after a crash between any two changes of the storage, the next run publishes, and so does run --resume', async () => {
  const nights = await shopWithNights();
  let changes = 0;
  for (let gone = true; gone; changes++) {
    const shop = copyOf(nights);
    gone = await crashes(shop, changes);
    lookAround(shop);
    const resumed = copyOf(shop);
    await run(shop.options);
    await expectPublished(shop);
    await resume(resumed);
    await expectPublished(resumed);
  }
  // Else nothing was cut off.
  expect(changes).toBeGreaterThan(40);
}, 240_000);
