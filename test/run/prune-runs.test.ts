import { describe, expect, inject, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { type Effects, silentLog } from '#dist/effects.js';
import { runsTableDdl } from '#dist/importer/create-tables.js';
import { type Manifest, writeManifest } from '#dist/run/manifest.js';
import { type Pruning, pruneRuns, type Retention } from '#dist/run/prune-runs.js';
import { runsOf } from '#dist/run/runs.js';
import type { WorkLock } from '#dist/run/work-lock.js';
import { writeFile } from '#dist/storage/output.js';
import { storageOf } from '#dist/storage/storage.js';
import { ownSchema } from '../mysql/own-schema.ts';
import { ownBucket } from '../storage/own-bucket.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const own = ownBucket();
const effects = defaultEffects();

/** The id of the run of a night of November. */
const night = (day: number): string => `202611${String(day).padStart(2, '0')}T030000.000Z-aaaaaa`;

interface Night extends Partial<Pick<Manifest, 'state' | 'rollbackOf' | 'stages'>> {
  readonly day: number;
  readonly target?: string;
}

async function write(location: string, text: string): Promise<void> {
  await writeFile(location, effects, (output) => output.write(Buffer.from(text), 1));
}

/** A work folder with a run, and some of its files, for each night. */
async function workWith(work: string, nights: readonly Night[]): Promise<void> {
  for (const { day, state = 'succeeded', target = 'shop', rollbackOf, stages = [] } of nights) {
    const folder = `${work}/runs/${night(day)}`;
    await (await storageOf(folder, effects)).makeFolder(folder);
    await write(`${folder}/relations.tsv.gz`, 'relations');
    const manifest: Manifest = {
      version: '1',
      run: night(day),
      state,
      startedAt: '2026-11-01T03:00:00.000Z',
      parameters: { target },
      stages,
      artefacts: [],
      ...(rollbackOf === undefined ? {} : { rollbackOf }),
    };
    await writeManifest(folder, manifest, effects);
  }
}

/** Days of the nights that are left, after runs were pruned on the 21st of November. */
async function left(
  work: string,
  retention: Retention,
  given: Partial<Effects> = {},
  target: Pruning['target'] = { kind: 'file', location: 'relations.tsv' },
): Promise<number[]> {
  const lock: WorkLock = { confirm: async () => {}, keepFor: () => {} };
  const now = (): Date => new Date('2026-11-21T04:00:00Z');
  await pruneRuns(work, night(21), { ...retention, target }, lock, defaultEffects({ now, ...given }));
  const ids = await (await storageOf(work, effects)).listFolders(`${work}/runs`);
  return ids.map((id) => Number(id.slice(6, 8)));
}

const days = (...all: number[]): Night[] => all.map((day) => ({ day }));

describe.each([
  ['on disk', temporaryFolder],
  ['on S3', () => `s3://${own.bucket}/${Math.random()}/work`],
])('of a work folder %s', (_, place) => {
  test('the newest runs are kept, by number', async () => {
    const work = place();
    await workWith(work, days(10, 18, 19, 20, 21));
    expect(await left(work, { keepRuns: 3 })).toEqual([19, 20, 21]);
  });

  test('what is left of a run whose removal was cut off is removed', async () => {
    const work = place();
    await workWith(work, days(20, 21));
    await workWith(work, days(19));
    await (await storageOf(work, effects)).remove(`${work}/runs/${night(19)}/manifest.json`);
    expect(await left(work, { keepRuns: 14 })).toEqual([20, 21]);
  });
});

test('runs are kept by age, when that is asked for', async () => {
  const work = temporaryFolder();
  await workWith(work, days(10, 18, 19, 20, 21));
  expect(await left(work, { keepDays: 3 })).toEqual([19, 20, 21]);
});

test('without a limit all are kept', async () => {
  const work = temporaryFolder();
  await workWith(work, days(1, 21));
  expect(await left(work, {})).toEqual([1, 21]);
});

test('the published run, the one before it and the newest are kept however many failed since', async () => {
  const work = temporaryFolder();
  const failed = [14, 15, 16, 17, 18].map((day): Night => ({ day, state: 'failed' }));
  await workWith(work, [...days(10, 11), { day: 12, state: 'interrupted' }, ...days(13), ...failed]);
  expect(await left(work, { keepRuns: 1, keepDays: 1 })).toEqual([11, 13, 18]);
});

test('after a rollback, the run that it published and the next one to go back to are kept', async () => {
  const work = temporaryFolder();
  await workWith(work, [...days(10, 11, 12), { day: 13, rollbackOf: night(11) }, { day: 14, state: 'failed' }]);
  expect(await left(work, { keepRuns: 1 })).toEqual([10, 11, 13, 14]);
});

/** The stage of a run that was killed while it published. */
const publishing = [{ name: 'publish', state: 'running', startedAt: '2026-11-01T03:00:00.000Z', counts: {} }] as const;
const killed = (day: number): Night => ({ day, state: 'running', stages: [...publishing] });
const failed = (...all: number[]): Night[] => all.map((day) => ({ day, state: 'failed' }));

test('a run that was killed while it published may be the published one, until a later one succeeds', async () => {
  const work = temporaryFolder();
  await workWith(work, [killed(9), ...days(10, 11), killed(12), { ...killed(13), rollbackOf: night(8) }]);
  await workWith(work, [...failed(14, 15, 21), ...days(8)]);
  expect(await left(work, { keepRuns: 1 })).toEqual([8, 10, 11, 12, 13, 21]);
});

describe.each(inject('databases'))('a table on $kind', (database) => {
  const schema = ownSchema(database);

  test('tells which run it holds, whose manifest may not know of that', async () => {
    const address = schema().address();
    const columns = { sourceColumn: 'a', targetColumn: 'b', weightColumn: 'c' };
    const table = { address, password: schema().password, table: 'related_products', ...columns };
    await schema().root.query(runsTableDdl('related_products'));
    const rows = [
      [night(10), 'published', '2026-11-10 03:00:00', '2026-11-10 03:00:00'],
      [night(12), 'published', '2026-11-12 03:00:00', '2026-11-12 03:00:00'],
      [night(13), 'partial', '2026-11-13 03:00:00', null],
    ].map((row) => [...row, 0, 0, 0, 0, 0, '', '{}']);
    await schema().root.query(
      'INSERT INTO related_products_runs (run_id, state, started_at, finished_at, relations, sources, added, changed, removed, sha256, parameters) VALUES ?',
      [rows],
    );
    const work = temporaryFolder();
    await workWith(work, [...days(9, 10), killed(11), ...failed(12), killed(13), ...failed(14, 15, 21)]);
    // Of one that cannot be asked, all that it may hold is kept.
    const unknown = { ...table, address: schema().address({ user: 'nobody' }) };
    expect(await left(work, { keepRuns: 5 }, {}, { kind: 'table', table: unknown })).toEqual([
      9, 10, 11, 12, 13, 14, 15, 21,
    ]);
    expect(await left(work, { keepRuns: 1 }, {}, { kind: 'table', table })).toEqual([9, 10, 12, 21]);
  });
});

test('each target keeps what it needs', async () => {
  const work = temporaryFolder();
  await workWith(
    work,
    [10, 11, 12].map((day): Night => ({ day, target: 'other' })),
  );
  await workWith(work, days(13, 14, 15));
  expect(await left(work, { keepRuns: 1 })).toEqual([11, 12, 14, 15]);
});

test('what is no folder of a run is left alone, and a manifest that nobody can read is kept as long as a run', async () => {
  const work = temporaryFolder();
  await workWith(work, days(18, 19, 20, 21));
  await write(`${work}/runs/${night(20)}/manifest.json`, '{');
  await write(`${work}/runs/${night(18)}/manifest.json`, '{');
  await (await storageOf(work, effects)).makeFolder(`${work}/runs/202611notes`);
  expect(await left(work, { keepRuns: 2 })).toEqual([19, 20, 21, Number.NaN]);
});

test('a removal that is cut off leaves a folder that is no run', async () => {
  const work = temporaryFolder();
  await workWith(work, days(10, 11, 20, 21));
  const storage = await storageOf(work, effects);
  await storage.remove(`${work}/runs/${night(10)}/manifest.json`);
  const seen: string[] = [];
  for await (const { manifest } of runsOf(work, undefined, effects)) {
    seen.push(manifest.run);
  }
  expect(seen).toEqual([night(21), night(20), night(11)]);
  expect(await left(work, { keepRuns: 14 })).toEqual([11, 20, 21]);
});

test('a run that lost its work folder removes nothing more, which is a warning', async () => {
  const work = temporaryFolder();
  await workWith(work, days(10, 20, 21));
  const warnings: string[] = [];
  const lock: WorkLock = {
    confirm: () => Promise.reject(new Error('somebody took it over')),
    keepFor: () => {},
  };
  const log = { ...silentLog, warn: (message: string) => void warnings.push(message) };
  const target = { kind: 'file', location: 'relations.tsv' } as const;
  await pruneRuns(work, night(21), { keepRuns: 1, target }, lock, defaultEffects({ log }));
  expect(warnings).toEqual(['Could not remove runs that are not kept any longer: somebody took it over']);
  expect(await left(work, {})).toEqual([10, 20, 21]);
});
