import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { temporaryFolder } from '../temporary-folder.ts';

interface Shop {
  /** Runs with these paths of products as the views. */
  readonly run: (...paths: string[]) => Promise<string>;
  readonly rollback: (...args: string[]) => Promise<Ended>;
  readonly runs: () => Promise<Record<string, unknown>[]>;
  readonly target: () => string;
  readonly work: string;
}

function shop(): Shop {
  const cwd = temporaryFolder();
  const places = ['--target', 'target.tsv', '--work', 'work'];
  const runs = path.join(cwd, 'work', 'runs');
  return {
    run: async (...paths) => {
      const views = paths.flatMap((products, at) => [...products].map((product) => `${at}\t${product}\n`));
      writeFileSync(path.join(cwd, 'views.tsv'), views.join(''));
      const accept = ['--accept-changes', 'a test'];
      expect(await alsoViewed(['run', '--source', 'views.tsv', ...places, ...accept], { cwd })).toMatchObject({
        code: 0,
      });
      return readdirSync(runs).at(-1) ?? '';
    },
    rollback: (...args) => alsoViewed(['rollback', ...args, ...places], { cwd }),
    runs: async () => {
      const { stdout } = await alsoViewed(['runs', '--work', 'work', '--format', 'jsonl'], { cwd });
      return stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    },
    target: () => readFileSync(path.join(cwd, 'target.tsv'), 'utf8'),
    work: path.join(cwd, 'work'),
  };
}

test('a rollback publishes the run before again, as a run of its own; the next one goes back further', async () => {
  const { run, rollback, runs, target } = shop();
  const first = await run('ab', 'ab', 'ab');
  const second = await run('ab', 'ab');
  await run('ab');
  expect(await rollback()).toMatchObject({ code: 0, stderr: expect.stringContaining('0 added, 2 changed, 0 removed') });
  expect(target()).toBe('a\tb\t2\nb\ta\t2\n');
  expect(await rollback()).toMatchObject({ code: 0 });
  expect(target()).toBe('a\tb\t3\nb\ta\t3\n');
  expect(await runs()).toMatchObject([
    { rollbackOf: first, state: 'succeeded', relations: 2, changed: 2, kept: false },
    { rollbackOf: second, state: 'succeeded' },
    { state: 'succeeded', kept: true },
    { run: second, changed: 2 },
    { run: first, added: 2 },
  ]);
  expect(await rollback()).toMatchObject({ code: 66, stderr: expect.stringContaining('no successful run before') });
});

test('a rollback to a rollback publishes what that one published', async () => {
  const { run, rollback, runs, target } = shop();
  const first = await run('ab', 'ab', 'ab');
  await run('ab', 'ab');
  expect(await rollback()).toMatchObject({ code: 0 });
  const [{ run: rolledBack } = {}] = await runs();
  await run('ab', 'ab');
  expect(await rollback(String(rolledBack))).toMatchObject({ code: 0 });
  expect(target()).toBe('a\tb\t3\nb\ta\t3\n');
  expect(await runs()).toMatchObject([{ rollbackOf: first }, {}, { rollbackOf: first }, {}, {}]);
});

test('a bad night that was run again is taken back by one rollback', async () => {
  const { run, rollback, target } = shop();
  await run('ab', 'ab', 'ab');
  await run('ab', 'ab');
  await run('ab', 'ab');
  expect(await rollback()).toMatchObject({ code: 0, stderr: expect.stringContaining('2 changed') });
  expect(target()).toBe('a\tb\t3\nb\ta\t3\n');
});

test('a rollback takes none of the runs that went to another target', async () => {
  const { run, rollback, target, work } = shop();
  await run('ab', 'ab', 'ab');
  await run('ab', 'ab');
  const cwd = path.dirname(work);
  writeFileSync(path.join(cwd, 'others.tsv'), '0\tx\n0\ty\n');
  const places = ['--target', 'elsewhere.tsv', '--work', 'work'];
  expect(await alsoViewed(['run', '--source', 'others.tsv', ...places], { cwd })).toMatchObject({ code: 0 });
  expect(await alsoViewed(['rollback', ...places], { cwd })).toMatchObject({ code: 66 });
  expect(readFileSync(path.join(cwd, 'elsewhere.tsv'), 'utf8')).toBe('x\ty\t1\ny\tx\t1\n');
  expect(await rollback()).toMatchObject({ code: 0 });
  expect(target()).toBe('a\tb\t3\nb\ta\t3\n');
});

test('any kept run can be named', async () => {
  const { run, rollback, target } = shop();
  const first = await run('ab', 'ab', 'ab');
  await run('ab', 'ab');
  await run('ab');
  // The limits on what shrinks and changes do not bind a rollback; that on what grows does.
  const refused = (limit: string): Partial<Ended> => ({
    code: 65,
    stderr: expect.stringContaining(`views grow from 2 to 6 (--max-growth is ${limit} times)`),
  });
  expect(await rollback(first)).toMatchObject(refused('2'));
  expect(await rollback(first, '--max-growth', '2.9')).toMatchObject(refused('2.9'));
  expect(await rollback(first, '--accept-changes', 'the last night was wrong')).toMatchObject({ code: 0 });
  expect(target()).toBe('a\tb\t3\nb\ta\t3\n');
  expect(await rollback('nope')).toMatchObject({
    code: 66,
    stderr: expect.stringMatching(/Cannot find run nope in work\n {2}See `also-viewed runs`/),
  });
  for (const elsewhere of ['..', `../runs/${first}`, '']) {
    expect(await rollback(elsewhere)).toMatchObject({ code: 64, stderr: expect.stringContaining('the id of a run') });
  }
});

test('runs go on after a rollback to a run whose folder is gone', async () => {
  const { run, rollback, target, work } = shop();
  const first = await run('ab', 'ab');
  await run('ab');
  expect(await rollback()).toMatchObject({ code: 0 });
  rmSync(path.join(work, 'runs', first), { recursive: true });
  await run('ab');
  expect(target()).toBe('a\tb\t1\nb\ta\t1\n');
});

test('show follows a rollback to the relations that are published', async () => {
  const { run, rollback, work } = shop();
  await run('ab', 'ab', 'ab');
  await run('ab', 'ab');
  await rollback();
  expect((await alsoViewed(['show', 'a', '--work', work])).stdout).toContain('a\t1\tb\t\t3\t');
});

test('relations that changed or are gone are not published', async () => {
  const { run, rollback, target, work } = shop();
  const first = await run('ab', 'ab');
  await run('ab');
  const file = path.join(work, 'runs', first, 'relations.tsv.gz');
  writeFileSync(file, gzipSync('a\tb\t9\nb\ta\t9\n'));
  expect(await rollback()).toMatchObject({ code: 65, stderr: expect.stringContaining('is not the file that') });
  truncateSync(file, 20);
  expect(await rollback()).toMatchObject({ code: 65, stderr: expect.stringContaining('is not the file that') });
  rmSync(file);
  expect(await rollback()).toMatchObject({ code: 66, stderr: expect.stringContaining('are not kept') });
  expect(target()).toBe('a\tb\t1\nb\ta\t1\n');
});

test('the list of runs can be read by people and by programs', async () => {
  const { run, work } = shop();
  const id = await run('ab', 'ab');
  const list = async (format: string): Promise<string> =>
    (await alsoViewed(['runs', '--work', work, '--format', format])).stdout;
  expect(await list('table')).toContain(`${id}  `);
  expect((await list('tsv')).split('\n')[0]).toBe(
    'run\tstarted\tstate\tpublished\trelations\tsources\tadded\tchanged\tremoved\tkept\trollback_of\tsha256',
  );
  expect(await list('csv')).toMatch(new RegExp(`\n${id},[^,]+,succeeded,,2,2,2,0,0,yes,,[0-9a-f]{64}\n$`));
  expect(await alsoViewed(['runs', '--work', path.join(work, 'none')])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('There are no runs'),
  });
});
