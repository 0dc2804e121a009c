import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { silentLog } from '#dist/effects.js';
import { type RunOptions, run } from '#dist/run/run.js';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { temporaryFolder } from '../temporary-folder.ts';

interface Shop {
  readonly run: (...more: string[]) => Promise<Ended>;
  readonly file: (name: string) => string;
  /** Begin of each stage, as the only run's manifest has it. */
  readonly begins: () => Record<string, string>;
  /** Makes the target's folder, without which publishing fails. */
  readonly openTarget: () => void;
  readonly target: () => string;
}

const relations = 'a\tb\t2\na\tc\t1\nb\ta\t2\nb\tc\t1\nc\ta\t1\nc\tb\t1\n';

/** A shop whose first run, given `first` as more arguments, failed to publish. */
async function failedShop(...first: string[]): Promise<Shop> {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'views.tsv'), '1\ta\n1\tb\n1\tc\n2\ta\n2\tb\n3\tz\nbad\n');
  writeFileSync(path.join(folder, 'products.tsv'), 'product_id\na\nb\nc\n');
  const runs = path.join(folder, 'work', 'runs');
  const file = (name: string): string => path.join(runs, readdirSync(runs)[0] ?? '', name);
  const run = (...more: string[]): Promise<Ended> =>
    alsoViewed(['run', '--source', 'views.tsv', '--target', 'shop/target.tsv', '--work', 'work', ...more], {
      cwd: folder,
    });
  expect(await run(...first)).toMatchObject({ code: 73 });
  return {
    run,
    file,
    begins: () => {
      const { stages } = JSON.parse(readFileSync(file('manifest.json'), 'utf8'));
      return Object.fromEntries(stages.map(({ name, startedAt }: Record<string, string>) => [name, startedAt]));
    },
    openTarget: () => mkdirSync(path.join(folder, 'shop')),
    target: () => readFileSync(path.join(folder, 'shop', 'target.tsv'), 'utf8'),
  };
}

test('a run that could not publish is resumed behind its finished stages, as the same run', async () => {
  const { run, begins, openTarget, target, file } = await failedShop();
  const before = begins();
  openTarget();
  expect(await run('--resume')).toMatchObject({ code: 0, stderr: expect.stringContaining('6 added') });
  expect(target()).toBe(relations);
  const after = begins();
  expect(Object.keys(after)).toEqual(['export', 'relate', 'check', 'publish']);
  expect([after['export'], after['relate']]).toEqual([before['export'], before['relate']]);
  expect(after['publish']).not.toBe(before['publish']);
  const manifest = JSON.parse(readFileSync(file('manifest.json'), 'utf8'));
  expect(manifest).toMatchObject({ state: 'succeeded', resumedAt: expect.any(String) });
  expect(manifest.error).toBeUndefined();
  expect(manifest.artefacts.map(({ name }: { name: string }) => name)).toEqual([
    'rejected.tsv',
    'views.tsv.gz',
    'relations.tsv.gz',
    'path-counts.tsv',
    'changes.tsv.gz',
  ]);
});

test('a stage whose file changed since is done again, and those behind it', async () => {
  const { run, begins, openTarget, target, file } = await failedShop();
  const before = begins();
  writeFileSync(file('relations.tsv.gz'), gzipSync('a\tb\t3\nb\ta\t3\n'));
  openTarget();
  expect(await run('--resume')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(
      'with the relate stage: relations.tsv.gz is not the file that the manifest describes',
    ),
  });
  expect(target()).toBe(relations);
  expect(begins()['export']).toBe(before['export']);
  expect(begins()['relate']).not.toBe(before['relate']);
});

test.each([
  ['path-counts.tsv', 'relate'],
  ['rejected.tsv', 'export'],
])('a changed %s makes the run go on with the stage that left it, %s', async (name, stage) => {
  const { run, begins, openTarget, target, file } = await failedShop();
  const before = begins();
  const whole = readFileSync(file(name));
  writeFileSync(file(name), 'a\t9\n');
  openTarget();
  expect(await run('--resume')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(`with the ${stage} stage: ${name} is not the file that the manifest describes`),
  });
  expect(target()).toBe(relations);
  expect(readFileSync(file(name))).toEqual(whole);
  expect(begins()['export'] === before['export']).toBe(stage === 'relate');
});

test('a cut off file of views makes the run begin again', async () => {
  const { run, begins, openTarget, target, file } = await failedShop();
  const before = begins();
  const whole = readFileSync(file('views.tsv.gz'));
  writeFileSync(file('views.tsv.gz'), whole.subarray(0, whole.length - 5));
  openTarget();
  expect(await run('--resume')).toMatchObject({ code: 0 });
  expect(target()).toBe(relations);
  expect(begins()['export']).not.toBe(before['export']);
});

test('another parameter makes the run go on with the stage that it concerns, and says so; an engine’s threads concern none', async () => {
  const { run, begins, openTarget, target } = await failedShop('--min-weight', '2', '--threads', '1');
  const before = begins();
  openTarget();
  expect(await run('--resume', '--threads', '2')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('with the relate stage: --min-weight was 2 and is 1'),
  });
  expect(target()).toBe(relations);
  expect(begins()['export']).toBe(before['export']);
});

test('another catalogue of products makes the run go on with the relate stage, and says so; the same one does not', async () => {
  const { run, openTarget, target, file } = await failedShop('--products', 'products.tsv');
  expect((await run('--resume', '--products', 'products.tsv')).stderr).not.toContain('with the relate stage');
  openTarget();
  writeFileSync(file('../../../products.tsv'), 'product_id\na\nb\n');
  expect(await run('--resume', '--products', 'products.tsv')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('with the relate stage: products.tsv has changed'),
  });
  expect(target()).toBe(
    relations
      .split('\n')
      .filter((line) => !line.includes('\tc\t'))
      .join('\n'),
  );
});

test('a run is not resumed once a later one has published: 66', async () => {
  const { run, openTarget, file } = await failedShop();
  const failed = path.basename(file('.'));
  openTarget();
  expect(await run()).toMatchObject({ code: 0 });
  expect(await run('--resume', failed)).toMatchObject({
    code: 66,
    stderr: expect.stringMatching(`Cannot resume run ${failed}: run \\S+ has published since\n.*rollback ${failed}`),
  });
  // It can be rolled back to only with relations of its own.
  const manifest = JSON.parse(readFileSync(file('manifest.json'), 'utf8'));
  writeFileSync(file('manifest.json'), JSON.stringify({ ...manifest, artefacts: [] }));
  const { stderr } = await run('--resume', failed);
  expect(stderr).toMatch(/has published since\n {2}Start a new one: leave out --resume\.\n$/);
});

test('without an id, the newest run to the same target is resumed, else the newest, and no rollback', async () => {
  const { run, openTarget, target, file } = await failedShop();
  const [runs, failed] = [path.dirname(file('.')), path.basename(file('.'))];
  const manifest = JSON.parse(readFileSync(file('manifest.json'), 'utf8'));
  expect(await run('--target', 'else/where.tsv')).toMatchObject({ code: 73 });
  const other = readdirSync(runs).find((id) => id !== failed);
  expect(await run('--resume', '--target', 'no/third.tsv')).toMatchObject({
    code: 73,
    stderr: expect.stringContaining(`Resuming run ${other}, whose target was else/where.tsv`),
  });
  const rollback = '20991121T030000.000Z-aaaaaa';
  mkdirSync(path.join(runs, rollback));
  const ofRollback = JSON.stringify({ ...manifest, run: rollback, rollbackOf: failed });
  writeFileSync(path.join(runs, rollback, 'manifest.json'), ofRollback);
  openTarget();
  expect(await run('--resume')).toMatchObject({ code: 0, stderr: expect.stringContaining(`Run ${failed} succeeded`) });
  expect(target()).toBe(relations);
  expect(await run('--resume', rollback)).toMatchObject({
    code: 66,
    stderr: expect.stringMatching(`it is a rollback\n.*also-viewed rollback ${failed}`),
  });
});

test.each([
  ['where', 'is_secret = 0', true],
  ['source', 'mysql://u@h/d?password-secret=a', false],
])('a --%s that a manifest hides, %s, makes the run begin again: %s', async (name, value, begins) => {
  const folder = temporaryFolder();
  const views = path.join(folder, 'views.tsv');
  writeFileSync(views, '1\ta\n1\tb\n');
  const said: string[] = [];
  const job = (more: Partial<RunOptions>): Promise<unknown> =>
    run(
      {
        source: { kind: 'files', locations: [views] },
        target: { kind: 'file', location: path.join(folder, 'shop', 'target.tsv') },
        work: path.join(folder, 'work'),
        parameters: { [name]: value },
        ...more,
      },
      { log: { ...silentLog, info: (line) => void said.push(line) } },
    );
  await expect(job({})).rejects.toMatchObject({ kind: 'cannotCreate' });
  mkdirSync(path.join(folder, 'shop'));
  await job({ resume: { id: undefined } });
  expect(said.some((line) => line.includes(`with the export stage: --${name} may be another one`))).toBe(begins);
});

test('the target of a run is known again though its address names what a manifest does not show', async () => {
  const target = ['--target', 'shop/password-secret=a.tsv'];
  const { run } = await failedShop(...target);
  expect(await run('--resume', ...target)).toMatchObject({
    code: 73,
    stderr: expect.not.stringContaining('whose target was'),
  });
});

test('a run that succeeded, or that does not exist, is not resumed: 66', async () => {
  const { run, openTarget, file } = await failedShop();
  openTarget();
  expect(await run('--resume', path.basename(file('.')))).toMatchObject({ code: 0 });
  expect(await run('--resume')).toMatchObject({ code: 66, stderr: expect.stringContaining('it succeeded') });
  expect(await run('--resume', '20990101T000000.000Z-000000')).toMatchObject({ code: 66 });
  expect(await run('--resume', '--work', 'elsewhere')).toMatchObject({
    code: 66,
    stderr: expect.stringContaining('there is none'),
  });
});
