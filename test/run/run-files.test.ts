import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { run } from '#dist/run/run.js';
import { alsoViewed } from '../cli/also-viewed.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { toldProgress } from '../told-progress.ts';

const views = 'path_id\tproduct_id\n1\ta\n1\tb\n1\tc\n2\ta\n2\tb\n2\tb\n3\tz\n';

/** A folder with `views.tsv`, and the run command from there to `target.tsv`. */
function shop(content: string): { folder: string; args: string[]; runFolder: (at: number) => string } {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'views.tsv'), content);
  return {
    folder,
    args: ['run', '--source', 'views.tsv', '--target', 'target.tsv', '--work', 'work'],
    runFolder: (at) => path.join(folder, 'work', 'runs', readdirSync(path.join(folder, 'work', 'runs'))[at] ?? ''),
  };
}

test('a run from file to file is recorded with its stages, figures and files', async () => {
  const { folder, args, runFolder } = shop(views);
  const { code, stdout, stderr } = await alsoViewed(args, { cwd: folder });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toContain('Published 6 relations: 6 added, 0 changed, 0 removed');
  expect(readFileSync(path.join(folder, 'target.tsv'), 'utf8')).toBe(
    'a\tb\t2\na\tc\t1\nb\ta\t2\nb\tc\t1\nc\ta\t1\nc\tb\t1\n',
  );
  const run = runFolder(0);
  expect(path.basename(run)).toMatch(/^\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{6}$/);
  expect(readdirSync(run).sort()).toEqual([
    'changes.tsv.gz',
    'manifest.json',
    'path-counts.tsv',
    'relations.tsv.gz',
    'views.tsv.gz',
  ]);
  const manifest = JSON.parse(readFileSync(path.join(run, 'manifest.json'), 'utf8'));
  expect(manifest).toMatchObject({
    run: path.basename(run),
    state: 'succeeded',
    parameters: { source: 'views.tsv', 'min-weight': 1 },
  });
  expect(manifest.stages.map((stage: { name: string; state: string }) => `${stage.name} ${stage.state}`)).toEqual([
    'export done',
    'relate done',
    'check done',
    'publish done',
  ]);
  expect(manifest.stages[1].counts).toMatchObject({
    rows: 7,
    rejected: 0,
    views: 6,
    paths: 3,
    products: 4,
    weight: 8,
    relations: 6,
    sources: 3,
    order: 'text',
  });
  for (const { name, bytes, lines, sha256 } of manifest.artefacts) {
    const file = readFileSync(path.join(run, name));
    const content = name.endsWith('.gz') ? gunzipSync(file) : file;
    expect({ bytes: content.length, lines: content.toString().split('\n').length - 1 }).toEqual({ bytes, lines });
    expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
  }
  expect(gunzipSync(readFileSync(path.join(run, 'views.tsv.gz'))).toString()).toBe(views);
});

test('what was published is not taken for views: a source that finds it is refused', async () => {
  const { folder, args } = shop(views);
  args[2] = '*.tsv';
  expect(await alsoViewed(args, { cwd: folder })).toMatchObject({ code: 0 });
  const published = readFileSync(path.join(folder, 'target.tsv'), 'utf8');
  const refused = { code: 64, stderr: expect.stringContaining('Cannot read target.tsv as views') };
  expect(await alsoViewed(args, { cwd: folder })).toMatchObject(refused);
  expect(readFileSync(path.join(folder, 'target.tsv'), 'utf8')).toBe(published);
});

test('a second run changes nothing and says so; with a path less, just the affected relations change', async () => {
  const { folder, args } = shop(views);
  const target = path.join(folder, 'target.tsv');
  await alsoViewed(args, { cwd: folder });
  const before = statSync(target);
  expect((await alsoViewed(args, { cwd: folder })).stderr).toContain(
    'Nothing changed: the target holds these 6 relations already',
  );
  expect(statSync(target).ino).toBe(before.ino);
  writeFileSync(path.join(folder, 'views.tsv'), '2\ta\n2\tb\n3\tz\n');
  const refused = await alsoViewed(args, { cwd: folder });
  expect(refused).toMatchObject({ code: 65, stderr: expect.stringContaining('shrink by 66.6667 %, from 6 to 2') });
  expect(statSync(target).ino).toBe(before.ino);
  const accepted = await alsoViewed([...args, '--accept-changes', 'a visit less'], { cwd: folder });
  expect(accepted.stderr).toContain('Published 2 relations: 0 added, 2 changed, 4 removed');
  expect(readFileSync(target, 'utf8')).toBe('a\tb\t1\nb\ta\t1\n');
  expect(readdirSync(path.join(folder, 'work', 'runs'))).toHaveLength(4);
});

test('a run refuses to publish views without relations: 65, and the target stays', async () => {
  const { folder, args, runFolder } = shop('');
  writeFileSync(path.join(folder, 'target.tsv'), 'a\tb\t1\nb\ta\t1\n');
  const { code, stderr } = await alsoViewed(args, { cwd: folder });
  expect({ code, stderr }).toMatchObject({ code: 65, stderr: expect.stringContaining('Refused to publish') });
  expect(readFileSync(path.join(folder, 'target.tsv'), 'utf8')).toBe('a\tb\t1\nb\ta\t1\n');
  expect(JSON.parse(readFileSync(path.join(runFolder(0), 'manifest.json'), 'utf8'))).toMatchObject({
    state: 'failed',
    error: { exitCode: 65 },
    stages: [{ state: 'done' }, { state: 'done' }, { state: 'done' }, { name: 'publish', state: 'failed' }],
  });
});

test('bad rows keep their place in the source files; too many of them end the run with their list', async () => {
  const { folder, args, runFolder } = shop(`${views}bad\n`);
  expect(await alsoViewed(args, { cwd: folder })).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('views.tsv:9: wrong number of fields'),
  });
  expect(readFileSync(path.join(runFolder(0), 'rejected.tsv'), 'utf8')).toBe(
    'views.tsv\t9\twrong number of fields\tbad\n',
  );
  writeFileSync(path.join(folder, 'views.tsv'), `${views}${'bad\n'.repeat(11)}`);
  expect(await alsoViewed(args, { cwd: folder })).toMatchObject({
    code: 65,
    stderr: expect.stringContaining('11 of 18 rows'),
  });
  const failed = JSON.parse(readFileSync(path.join(runFolder(1), 'manifest.json'), 'utf8'));
  expect(failed).toMatchObject({ state: 'failed', artefacts: [{ name: 'rejected.tsv', lines: 11 }] });
  expect(readdirSync(runFolder(1)).sort()).toEqual(['manifest.json', 'rejected.tsv']);
});

test('everything may come from a configuration file', async () => {
  const { folder } = shop(views);
  writeFileSync(
    path.join(folder, 'also-viewed.yml'),
    'source:\n  uri: views.tsv\n  product-column: product_id\ntarget: target.tsv\nwork: work\nmin-weight: 2\n',
  );
  expect(await alsoViewed(['run', '--config', 'also-viewed.yml'], { cwd: folder })).toMatchObject({ code: 0 });
  expect(readFileSync(path.join(folder, 'target.tsv'), 'utf8')).toBe('a\tb\t2\nb\ta\t2\n');
});

test('show prints the list of a product from the newest run, with names and shares', async () => {
  const { folder, args } = shop(views);
  await alsoViewed(args, { cwd: folder });
  writeFileSync(path.join(folder, 'names.tsv'), 'product_id\tname\tprice\na\tApple\t1\nb\tBread\t2\n');
  const show = async (...more: string[]): Promise<string> =>
    (await alsoViewed(['show', 'c', '--work', 'work', '--names', 'names.tsv', ...more], { cwd: folder })).stdout;
  expect(await show()).toBe(
    'source\trank\ttarget\tname\tweight\tshare\nc\t1\ta\tApple\t1\t1.0000\nc\t2\tb\tBread\t1\t1.0000\n',
  );
  expect(await show('--top', '1', '--format', 'csv')).toBe(
    'source,rank,target,name,weight,share\nc,1,a,Apple,1,1.0000\n',
  );
  expect(await show('--format', 'table')).toContain('c, seen in 1 paths: 2 of 2 related products');
  expect(JSON.parse(await show('--format', 'jsonl'))).toMatchObject({ product: 'c', paths: 1, relations: 2 });
});

test('every stage of a run that takes a while tells how far it has come', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'views.tsv'), views);
  const { progress, stages } = toldProgress();
  await run(
    {
      source: { kind: 'files', locations: [path.join(folder, 'views.tsv')] },
      target: { kind: 'file', location: path.join(folder, 'target.tsv') },
      work: path.join(folder, 'work'),
      parameters: {},
    },
    { progress },
  );
  expect(stages.map(({ stage, done, total }) => [stage, done, total])).toEqual([
    ['Exporting', 7, 7],
    ['Reading', 7, 7],
    ['Relating', 8, 8],
    ['Checking', 6, 6],
    ['Checking', 0, 0],
    ['Comparing', 6, 6],
    ['Publishing', 36, 36],
  ]);
});

test('runs that fail remove what is over too, but for what may be resumed and for one that was resumed', async () => {
  const { folder, args, runFolder } = shop(views);
  const runs = (): string[] => readdirSync(path.join(folder, 'work', 'runs'));
  const keepOne = [...args, '--keep-runs', '1'];
  expect(await alsoViewed(args, { cwd: folder })).toMatchObject({ code: 0 });
  const published = path.basename(runFolder(0));
  expect(await alsoViewed([...args, '--source', 'none.tsv'], { cwd: folder })).toMatchObject({ code: 66 });
  const failed = path.basename(runFolder(1));
  expect(await alsoViewed([...keepOne, '--source', 'none.tsv'], { cwd: folder })).toMatchObject({
    code: 66,
    stderr: expect.stringContaining(`Removed 1 runs that are not kept any longer: ${failed}`),
  });
  expect(runs()).toHaveLength(2);
  const again = path.basename(runFolder(1));
  expect(await alsoViewed([...args, '--source', 'none.tsv'], { cwd: folder })).toMatchObject({ code: 66 });
  const newest = path.basename(runFolder(2));
  const resumed = await alsoViewed([...keepOne, '--source', 'none.tsv', '--resume', again], { cwd: folder });
  expect(resumed).toMatchObject({ code: 66 });
  expect(runs()).toEqual([published, again, newest]);
});
