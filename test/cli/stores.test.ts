import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { alsoViewed, type Ended } from './also-viewed.ts';

const pair = (a: string, b: string): string => `${a}\t${b}\t1\n${b}\t${a}\t1\n`;

/** A folder with the views of some stores, each with a pair of products of its own, and a configuration file. */
function shops(yaml: string, ...names: string[]): string {
  const cwd = temporaryFolder();
  for (const name of names) {
    writeFileSync(path.join(cwd, `${name}-views.tsv`), `1\t${name}-a\n1\t${name}-b\n`);
  }
  writeFileSync(path.join(cwd, 'av.yml'), yaml);
  return cwd;
}

const file = (cwd: string, name: string): string => readFileSync(path.join(cwd, name), 'utf8');

const two = `
work: w
stores:
  uk: {source: uk-views.tsv, target: uk.tsv}
  de: {source: de-views.tsv, target: de.tsv, min-weight: 2}
`;

const run = (cwd: string, args: string[], env: Record<string, string> = {}): Promise<Ended> =>
  alsoViewed(['run', '--config', 'av.yml', ...args], { cwd, env });

test('a store is run by its name, with what is common and what is its own, in a work folder of its own', async () => {
  const cwd = shops(two, 'uk', 'de');
  expect(await run(cwd, ['--store', 'uk'])).toMatchObject({ code: 0 });
  expect(file(cwd, 'uk.tsv')).toBe(pair('uk-a', 'uk-b'));
  expect(readdirSync(path.join(cwd, 'w'))).toEqual(['uk']);
  // The one pair of the other is seen in one path, and so the gate finds nothing to publish.
  expect(await run(cwd, ['--store', 'de'])).toMatchObject({ code: 65 });
  const shown = await alsoViewed(['show', 'uk-a', '--config', 'av.yml', '--store', 'uk'], { cwd });
  expect(shown.stdout).toContain('uk-b');
});

test('of ten stores with a broken one, nine are published, and the exit code is that of the broken one', async () => {
  const names = Array.from({ length: 10 }, (_, n) => `s${n}`);
  const stores = names.map((name) => `  ${name}: {source: ${name}-views.tsv, target: ${name}.tsv}\n`).join('');
  const cwd = shops(`stores:\n${stores}`, ...names.filter((name) => name !== 's3'));
  const { code, stderr } = await run(cwd, ['--all', '--concurrency', '3']);
  expect(code).toBe(66);
  expect(stderr).toContain('s3: Error: Cannot read s3-views.tsv');
  expect(stderr).toContain('1 of 10 stores failed: s3 (66)');
  for (const name of names) {
    if (name !== 's3') {
      expect(file(cwd, `${name}.tsv`)).toBe(pair(`${name}-a`, `${name}-b`));
    }
  }
  expect(readdirSync(cwd)).not.toContain('s3.tsv');
});

test('of several that fail, the first in the order of the file gives the exit code, whichever ends first', async () => {
  const cwd = shops(two, 'de');
  expect(await run(cwd, ['--all', '--concurrency', '2'])).toMatchObject({ code: 66 });
  writeFileSync(path.join(cwd, 'av.yml'), two.replace('stores:', 'stores:\n  it: {source: de-views.tsv}'));
  expect(await run(cwd, ['--all'])).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('3 of 3 stores failed: it (78), uk (66), de (65)'),
  });
});

test('every line of the log names its store', async () => {
  const cwd = shops(two.replace(', min-weight: 2', ''), 'uk', 'de');
  const text = await run(cwd, ['--all', '--concurrency', '2']);
  const lines = text.stderr.trimEnd().split('\n').slice(0, -1);
  expect(lines.filter((line) => !/^(uk: |de: |The run's files)/.test(line))).toEqual([]);
  const json = await run(cwd, ['--all', '--log-format', 'json']);
  const stores = json.stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).store);
  expect(new Set(stores)).toEqual(new Set(['uk', 'de', undefined]));
  expect(stores.filter((store) => store === undefined)).toHaveLength(1);
});

test('a signal stops the stores under way, and those that wait do not begin', async () => {
  // A source that nobody writes to.
  const cwd = shops('stores: {a: {source: "-", target: a.tsv}, b: {source: b-views.tsv, target: b.tsv}}', 'b');
  const { code } = await alsoViewed(['run', '--config', 'av.yml', '--all', '--verbose'], {
    cwd,
    signal: { when: /Reading -/, send: 'SIGTERM' },
  });
  const works = readdirSync(path.join(cwd, 'also-viewed-work'));
  expect({ code, works }).toEqual({ code: 143, works: ['a'] });
});

test('standard input is for one of the stores that run together; alone, each may have it', async () => {
  const cwd = shops('source: "-"\nstores: {uk: {target: uk.tsv}, de: {target: de.tsv}}');
  expect(await run(cwd, ['--all'])).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('Cannot use stores uk and de: both would read standard input'),
  });
  const alone = ['run', '--config', 'av.yml', '--store', 'uk'];
  expect(await alsoViewed(alone, { cwd, stdin: '1\ta\n1\tb\n' })).toMatchObject({ code: 0 });
});

describe('nothing of one store can reach the table of another', () => {
  const store = (target: string): string => `{source: uk-views.tsv, ${target}}`;
  const table = 'target: {uri: "mysql://u@h/d"';
  test.each([
    ['the same file', `stores: {uk: ${store('target: t.tsv')}, de: ${store('target: ./t.tsv')}}`],
    ['a common target', `target: mysql://u@h/d\nstores: {uk: {}, de: {}}`],
    ['the same table', `stores: {uk: ${store(`${table}}`)}, de: ${store(`${table}}`)}}`],
    ['another user and case', `stores: {uk: ${store(`${table}}`)}, de: ${store('target: "mysql://v@H:3306/D"')}}`],
    [
      'a loopback by two names',
      'stores: {uk: {target: "mysql://u@localhost/d"}, de: {target: "mysql://u@127.0.0.1/d"}}',
    ],
    [
      'the table of its runs',
      `stores: {uk: ${store(`${table}, table: a}`)}, de: ${store(`${table}, table: A_runs}`)}}`,
    ],
    ['the same work', 'stores: {uk: {target: a, work: w}, de: {target: b, work: ./w}}'],
    ['a work inside another', 'stores: {uk: {target: a, work: w}, de: {target: b, work: w/de}}'],
    ['a work inside the common one', 'work: w\nstores: {uk: {target: a, work: w}, de: {target: b}}'],
    ['a mapping that both name', 'stores: {uk: &all {target: t}, de: *all}'],
    [
      'parts of a connection from the top',
      'target: {host: h, user: u, database: d}\nstores: {uk: {target-table: t}, de: {target: {database: D, table: T}}}',
    ],
    ['a host with a dot', 'stores: {uk: {target: "mysql://u@h/d"}, de: {target: "mysql://u@h./d"}}'],
    ['a socket', 'stores: {uk: {target: "mysql://u@h/d?socket=/s"}, de: {target: "mysql://u@i/d?socket=/s"}}'],
    ['a link', 'stores: {uk: {target: real/t.tsv}, de: {target: link/t.tsv}}'],
    ['a link to where a work will be', 'stores: {uk: {target: a, work: real/w}, de: {target: b, work: link/w}}'],
    ['the letter case of S3', 'stores: {uk: {target: "s3://b/t"}, de: {target: "S3://b/t"}}'],
    ['the same prefix', 'stores: {uk: {target: a, work: "s3://b/w"}, de: {target: b, work: "s3://b/w/"}}'],
  ])('by %s', async (_, yaml) => {
    const cwd = shops(yaml, 'uk');
    mkdirSync(path.join(cwd, 'real'));
    symlinkSync('real', path.join(cwd, 'link'));
    const { code, stderr } = await run(cwd, ['--all']);
    expect(stderr).toContain('Cannot use stores uk and de: both would');
    expect(code).toBe(78);
    expect(readdirSync(cwd).sort()).toEqual(['av.yml', 'link', 'real', 'uk-views.tsv']);
  });

  test('whichever of them is to run', async () => {
    const cwd = shops('target: t.tsv\nstores: {uk: {}, de: {}}');
    for (const store of ['uk', 'de']) {
      expect(await run(cwd, ['--store', store, '--source', 'nowhere.tsv'])).toMatchObject({ code: 78 });
    }
  });

  test('and tables beside each other are as good as databases', async () => {
    const cwd = shops('target: mysql://u@127.0.0.1:1/d\nstores: {uk: {target-table: a}, de: {target-table: b}}');
    expect((await run(cwd, ['--store', 'uk', '--source', 'nowhere.tsv'])).code).not.toBe(78);
  });

  test.each([
    [['--all'], { ALSO_VIEWED_TARGET: 'other.tsv' }, 'ALSO_VIEWED_TARGET'],
    [['--store', 'uk'], { ALSO_VIEWED_TARGET: 'other.tsv' }, 'ALSO_VIEWED_TARGET'],
    [['--store', 'uk'], { ALSO_VIEWED_SOURCE: 'de-views.tsv' }, 'ALSO_VIEWED_SOURCE'],
    [['--all', '--source', 'de-views.tsv'], {}, '--source'],
    [['--all', '--target', 'other.tsv'], {}, '--target'],
  ])('by %j and %j', async (args, env, from) => {
    const cwd = shops(two, 'uk', 'de');
    const { code, stderr } = await run(cwd, args, env);
    expect(stderr).toContain(`Cannot use ${from}: store uk has`);
    expect(code).toBe(78);
    expect(readdirSync(cwd)).not.toContain('other.tsv');
  });

  test('by a flag for one store, unless it leads where no other writes to', async () => {
    const cwd = shops(two, 'uk', 'de');
    expect(await run(cwd, ['--store', 'uk', '--target', 'de.tsv'])).toMatchObject({ code: 78 });
    expect(await run(cwd, ['--store', 'uk', '--target', 'new.tsv'])).toMatchObject({ code: 0 });
    expect(file(cwd, 'new.tsv')).toBe(pair('uk-a', 'uk-b'));
  });

  test('by a work folder that is named for all', async () => {
    const cwd = shops(two, 'uk', 'de');
    await run(cwd, ['--all', '--min-weight', '1'], { ALSO_VIEWED_WORK: 'elsewhere' });
    expect(readdirSync(path.join(cwd, 'elsewhere')).sort()).toEqual(['de', 'uk']);
  });
});

describe('a store has to be named', () => {
  test.each([
    [['run'], 64, 'Add --store uk, or --store de, or --all.'],
    [['runs'], 64, 'Add --store uk'],
    [['import', 'relations.tsv'], 64, 'Add --store uk'],
    [['run', '--store', 'ukk'], 64, 'Did you mean uk?'],
    [['run', '--store', 'fr'], 64, 'There are uk'],
    [['run', '--store', 'uk', '--all'], 64, "'--all' cannot be used with option '--store"],
    [['run', '--all', '--resume'], 64, "'--all' cannot be used with option '--resume"],
    [['run', '--all', '--accept-changes', 'x'], 64, "'--all' cannot be used with option '--accept-changes"],
    [['relate', 'uk-views.tsv'], 0, 'Related 2 products'],
    [['runs', '--store', 'uk'], 0, 'There are no runs in w/uk'],
  ])('%j ends with %i', async (args, code, said) => {
    const cwd = shops(two, 'uk', 'de');
    const ended = await alsoViewed([...args, '--config', 'av.yml'], { cwd });
    expect(ended.stderr).toContain(said);
    expect(ended.code).toBe(code);
  });

  test('that is in the file', async () => {
    const cwd = shops('top: 5\n');
    mkdirSync(path.join(cwd, 'empty'));
    expect(await run(cwd, ['--store', 'uk'])).toMatchObject({ code: 64, stderr: expect.stringContaining('has none') });
    expect(await alsoViewed(['run', '--all'], { cwd })).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('no configuration file is named'),
    });
  });
});
