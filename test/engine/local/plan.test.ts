import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Log, relate, silentLog } from 'also-viewed';
import { expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { localEngine } from '#dist/engine/local/local-engine.js';
import { alsoViewed } from '../../cli/also-viewed.ts';
import { onlineRetail, onlineRetailSha256 } from '../../real-data.ts';
import { smallDisk } from '../../small-disk.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { localJob, relateWithin } from './local-job.ts';

const MB = 2 ** 20;
/** Enough for half of the real views. */
const little = 26 * MB;

function listening(): { log: Log; said: { message: string; fields: object | undefined }[] } {
  const said: { message: string; fields: object | undefined }[] = [];
  const say = (message: string, fields?: object): void => void said.push({ message, fields });
  return { said, log: { ...silentLog, debug: say, info: say, warn: say } };
}

const figure = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1]);

test('--plan counts the pairs, names the heaviest paths, and writes nothing', async () => {
  const folder = temporaryFolder();
  const args = ['relate', onlineRetail, '--plan', '--threads', '1', '--memory', '1G'];
  const { code, stdout, stderr } = await alsoViewed([...args, '--out', path.join(folder, 'r.tsv.gz')]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.replaceAll(/\d+ MB free/g, 'N MB free')).toMatchInlineSnapshot(`
    "Views: 531225 in 25900 paths, 57145672 pairs of products
    Heaviest paths: 5.8 % of the pairs are in 573585 with 1110 products, 581219 with 749 products, 581492 with 731 products, 580729 with 721 products, 558475 with 704 products
    Relations: about 7800000, 28 MB in r.tsv.gz, N MB free
    Memory: the views fit in 1024 MB
    Time: about 2 s on 1 thread
    "
  `);
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  [{}, 7_503_152],
  [{ top: 10 }, 39_142],
  [{ minWeight: 3 }, 4_404_680],
])('the relations are estimated to a seventh without relating: %j', async (limits, relations) => {
  const effects = defaultEffects();
  const job = localJob(onlineRetail, temporaryFolder(), { memory: 1024 * MB, threads: 1, ...limits }, effects);
  const estimate = figure((await localEngine.plan?.(job, effects)) ?? '', /Relations: about (\d+)/);
  expect(Math.abs(estimate / relations - 1)).toBeLessThan(1 / 7);
});

test('a path that has nearly all pairs is named with a share that can be read', async () => {
  const views = path.join(temporaryFolder(), 'views.tsv');
  const robot = Array.from({ length: 300 }, (_, product) => `robot\t${product}\n`);
  writeFileSync(views, `${robot.join('')}${['a', 'b', 'c', 'd', 'e'].map((id) => `${id}\t1\n${id}\t2\n`).join('')}`);
  const { stdout } = await alsoViewed(['relate', views, '--plan']);
  expect(stdout).toContain('Heaviest paths: 100 % of the pairs are in robot with 300 products, a with 2 products');
});

test('--plan tells of rejected rows, and lists them nowhere', async () => {
  const folder = temporaryFolder();
  const views = path.join(folder, 'views.tsv');
  writeFileSync(views, '1\ta\n1\tb\nbad\n');
  const args = ['relate', views, '--plan', '--out', path.join(folder, 'r.tsv')];
  const { code, stderr } = await alsoViewed(args);
  expect(stderr).toMatch(/^Warning: Rejected 1 of 3 rows .*views\.tsv:3: wrong number of fields/);
  expect({ code, left: readdirSync(folder) }).toEqual({ code: 0, left: ['views.tsv'] });
});

test('run --plan tells the same of the views of a run, and records none', async () => {
  const folder = temporaryFolder();
  const args = ['run', '--source', onlineRetail, '--work', path.join(folder, 'work'), '--plan'];
  const { code, stdout } = await alsoViewed(args);
  expect(stdout).toMatch(/^Views: 531225 in 25900 paths, 57145672 pairs of products\n[\s\S]*, \d+ MB unpacked\n/);
  expect({ code, left: readdirSync(folder) }).toEqual({ code: 0, left: [] });
});

test('run --plan puts its files where --temp-dir says', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'views.tsv'), '1\ta\n1\tb\n');
  const { code } = await alsoViewed(['run', '--source', 'views.tsv', '--plan', '--temp-dir', folder], {
    cwd: folder,
    env: { TMPDIR: path.join(folder, 'nowhere') },
  });
  expect({ code, left: readdirSync(folder) }).toEqual({ code: 0, left: ['views.tsv'] });
});

test('what a job will take is told before its first pair is formed, with figures for JSON lines', async () => {
  const folder = temporaryFolder();
  const { log, said } = listening();
  const related = await relate(onlineRetail, { out: path.join(folder, 'r.tsv') }, { log });
  const told = said.find(({ message }) => message.startsWith('Views: '));
  expect(told?.message).toContain(`${related.weight} pairs of products`);
  expect(told?.fields).toEqual({
    pairs: related.weight,
    relations: expect.any(Number),
    bytes: expect.any(Number),
    seconds: expect.any(Number),
  });
});

test('views in parts are counted, all of them, before the first pair is formed', async () => {
  const folder = temporaryFolder();
  const { log, said } = listening();
  const bounds = { memory: little, threads: 2 };
  const related = await relateWithin(onlineRetail, folder, bounds, { log });
  const messages = said.map(({ message }) => message);
  const announced = messages.findIndex((message) => message.startsWith('Views: '));
  expect(announced).toBeLessThan(messages.indexOf('Relating part 1 of 2'));
  const effects = defaultEffects();
  const plan = await localEngine.plan?.(localJob(onlineRetail, folder, bounds, effects), effects);
  for (const text of [messages[announced], plan]) {
    expect(text).toContain(`Views: ${related.views} in ${related.paths} paths, ${related.weight} pairs of products\n`);
    expect(text).toMatch(/5\.8 % of the pairs are in 573585 with 1110 products/);
    expect(text).toMatch(/Memory: 2 parts in /);
    expect(Math.abs(figure(text ?? '', /Relations: about (\d+)/) / related.relations - 1)).toBeLessThan(1 / 7);
  }
  expect(readdirSync(folder)).toEqual(['r.tsv']);
});

test('views of which each one fits in memory once are sorted on disk, and related like others', async () => {
  const folder = temporaryFolder();
  const { log, said } = listening();
  const related = await relateWithin(onlineRetail, folder, { memory: 44 * MB, threads: 2 }, { log });
  const text = said.map(({ message }) => message).join('\n');
  expect(text).toMatch(/^The views do not fit in 44 MB/m);
  expect(text).toMatch(/\nMemory: each view once in 44 MB, with temporary files of about \d+ MB in /);
  expect(text).not.toContain('Merging');
  expect(related.artefact.sha256).toBe(onlineRetailSha256);
});

test.each([{}, { top: 10 }])(
  '--plan of views in parts draws its sample from all of them, however unlike they are: %j',
  async (limits) => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'views.tsv');
    const visits = Array.from({ length: 90_000 }, (_, row) => `${row % 30_000}\t${(row * 31) % 2_003}\n`);
    // Paths of so many products that each outweighs all visits, in one part or another, and half of them the same.
    const robots = Array.from({ length: 4 }, (_, robot) =>
      Array.from({ length: 600 }, (_, product) => `robot ${robot}\t${300 * robot + product}\n`),
    );
    writeFileSync(file, [...visits, ...robots.flat()].join(''));
    // Some parts.
    const bounds = { memory: 3 * MB, threads: 1, ...limits };
    const effects = defaultEffects();
    const plan = (await localEngine.plan?.(localJob(file, folder, bounds, effects), effects)) ?? '';
    const { weight, relations } = await relateWithin(file, folder, bounds);
    expect(plan).toContain(` ${weight} pairs of products\n`);
    expect(plan).toMatch(/Memory: [3-9] parts in/);
    expect(Math.abs(figure(plan, /Relations: about (\d+)/) / relations - 1)).toBeLessThan(1 / 7);
    expect(readdirSync(folder).sort()).toEqual(['r.tsv', 'views.tsv']);
  },
);

test.runIf(process.getuid?.() === 0)(
  'a disk that cannot hold the relations is refused at once: 74, with the estimate',
  async () => {
    const folder = smallDisk('4m');
    const out = path.join(folder, 'r.tsv');
    writeFileSync(out, 'old\n');
    for (const name of [out, `${out}.gz`]) {
      await expect(relate(onlineRetail, { out: name })).rejects.toMatchObject({
        exitCode: 74,
        message: expect.stringMatching(
          /about 7\d{6} relations take about \d+ MB and no less than \d+ MB, and 4 MB are free there/,
        ),
      });
    }
    expect(readdirSync(folder)).toEqual(['r.tsv']);
    expect(readFileSync(out, 'utf8')).toBe('old\n');
    expect((await alsoViewed(['relate', onlineRetail, '--plan', '--out', out])).stdout).toContain('4 MB free');
  },
);

test.runIf(process.getuid?.() === 0)(
  'a disk that may hold them is not refused: it is warned of, and tried',
  async () => {
    const folder = smallDisk('20m');
    const { log, said } = listening();
    const out = path.join(folder, 'r.tsv.gz');
    await expect(relate(onlineRetail, { out }, { log })).rejects.toMatchObject({
      exitCode: 74,
      message: expect.stringContaining('the disk is full'),
    });
    expect(said.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/may take about 2\d MB, and 20 MB are free/),
    );
    expect(readdirSync(folder)).toEqual([]);
  },
);

test.runIf(process.getuid?.() === 0).each([
  ['4m', /disk is full, and they need at least [5-9] MB/],
  ['16m', /the relations of 2 parts take about \d+ MB and no less than \d+ MB/],
])(
  'a temporary folder of %s that is too small is found out: 74 with the estimate, and nothing is left',
  async (size, message) => {
    const tempDir = smallDisk(size);
    const folder = temporaryFolder();
    await expect(relateWithin(onlineRetail, folder, { memory: little, threads: 2, tempDir })).rejects.toMatchObject({
      exitCode: 74,
      message: expect.stringMatching(message),
      remedy: expect.stringContaining('--temp-dir'),
    });
    expect([...readdirSync(tempDir), ...readdirSync(folder)]).toEqual([]);
    expect(execFileSync('df', ['--output=used', tempDir], { encoding: 'utf8' })).toMatch(/\b0\n$/);
  },
);

test.runIf(process.getuid?.() === 0)(
  'a disk that might hold the relations or the temporary files, and not both, is refused: 74, with both',
  async () => {
    const disk = smallDisk('104m');
    await expect(relateWithin(onlineRetail, disk, { memory: little, threads: 2, tempDir: disk })).rejects.toMatchObject(
      {
        exitCode: 74,
        message: expect.stringMatching(
          /no less than \d+ MB, beside about \d\d MB of temporary files on the same disk, and \d+ MB are free there/,
        ),
        remedy: expect.stringContaining('--temp-dir'),
      },
    );
    expect(readdirSync(disk)).toEqual([]);
    await expect(
      relateWithin(onlineRetail, disk, { memory: little, threads: 2, tempDir: temporaryFolder() }),
    ).rejects.toMatchObject({ exitCode: 74, message: expect.stringContaining('the disk is full') });
  },
);
