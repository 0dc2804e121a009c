import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { program } from '#dist/cli/program.js';
import { ProgressBar } from '#dist/cli/progress-bar.js';
import type { Session } from '#dist/cli/session.js';
import { settingEntries } from '#dist/config/settings.js';
import { temporaryFolder } from '../temporary-folder.ts';
import { alsoViewed } from './also-viewed.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = path.join(root, 'dist', 'cli', 'main.cjs');
const stdin = '1\ta\n1\tb\n';

function bash(script: string): ReturnType<typeof spawnSync> {
  return spawnSync('bash', ['-c', script.replaceAll('av ', `"${process.execPath}" "${main}" `)], { encoding: 'utf8' });
}

/** Every command, or what those words need. */
function wholeProgram(words?: readonly string[]): Command {
  const session: Session = {
    signal: new AbortController().signal,
    log: { logFormat: 'text', quiet: false, verbose: false },
    bar: new ProgressBar(process.stderr),
  };
  return program(session, words);
}

/** A command as it is written behind `also-viewed`. */
function wordsOf(command: Command): string[] {
  return command.parent === null ? [] : [...wordsOf(command.parent), command.name()];
}

/** The commands that do something: those without commands of their own. */
function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

test('every setting of the table is an option of some command', () => {
  const options = leaves(wholeProgram()).flatMap((command) => command.options.map((option) => option.name()));
  const flags = settingEntries.filter(([, { upTo }]) => upTo !== 'file').map(([name]) => name);
  expect([...new Set(options)].sort()).toEqual(flags.sort());
});

describe('a secret in a place where none belongs', () => {
  test.each([
    ['run', '--source', 'views.tsv', '--target', 'mariadb://u:MARK@h/db', '--work', 'work'],
    ['run', '--source', 'MYSQL://u:MARK@h/db', '--target', 'x', '--work', 'work'],
    ['run', '--source', 'mysql://u@h/db?password=MARK', '--target', 'x', '--work', 'work'],
    ['relate', 'mysql://u:MARK@h/db'],
    ['relate', '-', '--out', 'mysql://u:MARK@h/db'],
    ['relate', '--source=mysql://u:MARK@h/db'],
    ['import', 'mysql://u:MARK@h/db', '--target', 'x'],
    ['show', 'a', '--relations', 'mysql://u:MARK@h/db'],
    ['show', 'a', '--target', 'mysql://u:MARK@h/db'],
    ['explain', 'a', 'b', '--views', 'views.tsv', '--target', 'mysql://u:MARK@h/db'],
    ['diff', 'views.tsv', 'mysql://u:MARK@h/db'],
    ['diff', 'mariadb://u:MARK@h/db', 'views.tsv'],
    ['diff', 'views.tsv', 'mysql://u:1/MARK@h/db'],
    ['relate', '-', '--config', 'bad.yml'],
    ['relate', '-', '--config', 'syntax.yml'],
  ])('is refused and neither printed nor recorded: %s %s %s %s', async (...args) => {
    const cwd = temporaryFolder();
    writeFileSync(path.join(cwd, 'views.tsv'), stdin);
    writeFileSync(path.join(cwd, 'bad.yml'), 'source:\n  uri: mysql://u:MARK@h/d\n  password: MARK\n');
    writeFileSync(path.join(cwd, 'syntax.yml'), 'source: "mysql://u:MARK@h/d\ntop: [\n');
    const { code, stdout, stderr } = await alsoViewed(args, { cwd, stdin });
    expect([64, 78]).toContain(code);
    expect(stdout + stderr).not.toContain('MARK');
    expect(spawnSync('grep', ['-rl', 'MARK', 'work'], { cwd, encoding: 'utf8' }).stdout).toBe('');
  });
});

describe('the environment', () => {
  test('counts as unset where it is empty', async () => {
    const env = { ALSO_VIEWED_OUT: '', ALSO_VIEWED_TOP: '', ALSO_VIEWED_CONFIG: '', ALSO_VIEWED_LOG_FORMAT: '' };
    expect(await alsoViewed(['relate', '-'], { stdin, env })).toMatchObject({ code: 0, stdout: 'a\tb\t1\nb\ta\t1\n' });
  });

  test('switches quiet and verbose on with 1 and not with 0, and a flag is stronger', async () => {
    const said = async (env: Record<string, string>, ...flags: string[]): Promise<string> =>
      (await alsoViewed(['relate', '-', ...flags], { stdin, env })).stderr;
    expect(await said({ ALSO_VIEWED_QUIET: '0' })).toContain('Related');
    expect(await said({ ALSO_VIEWED_QUIET: '1' })).toBe('');
    expect(await said({ ALSO_VIEWED_QUIET: '1' }, '--verbose')).toContain('Reading -');
    expect(await said({ ALSO_VIEWED_VERBOSE: '1' }, '--quiet')).toBe('');
  });

  test('switches off what the file switches on', async () => {
    const cwd = temporaryFolder();
    writeFileSync(path.join(cwd, 'av.yml'), 'quiet: true\n');
    const said = async (env: Record<string, string>): Promise<string> =>
      (await alsoViewed(['relate', '-', '--config', 'av.yml'], { cwd, stdin, env })).stderr;
    expect(await said({})).toBe('');
    expect(await said({ ALSO_VIEWED_QUIET: '0' })).toContain('Related');
  });

  test('sets nothing by a name that is misspelt', async () => {
    const said = async (env: Record<string, string>): Promise<[number | null, string]> => {
      const { code, stdout, stderr } = await alsoViewed(['relate', '-'], { stdin, env });
      return [code, stdout + stderr];
    };
    expect(await said({ ALSO_VIEWED_MIN_WIEGHT: '2' })).toEqual([
      78,
      'Error: Cannot use ALSO_VIEWED_MIN_WIEGHT: it is not a known setting\n  Did you mean ALSO_VIEWED_MIN_WEIGHT?\n',
    ]);
    const [code, text] = await said({ ALSO_VIEWED_IMAGE_TAG: '7' });
    expect(code).toBe(0);
    expect(text).toContain('Warning: ALSO_VIEWED_IMAGE_TAG does nothing');
  });

  test('asks for JSON, and gets every failure as JSON', async () => {
    const env = { ALSO_VIEWED_LOG_FORMAT: 'json' };
    for (const args of [['relate', '/nowhere.tsv'], ['relate', '--tpo'], ['run']]) {
      const { stderr, code } = await alsoViewed(args, { env });
      expect(JSON.parse(stderr)).toMatchObject({ level: 'error', exitCode: code });
    }
    const config = path.join(temporaryFolder(), 'c.yml');
    writeFileSync(config, 'log-format: json\n');
    const { stderr } = await alsoViewed(['relate', '/nowhere.tsv', '--config', config]);
    expect(JSON.parse(stderr)).toMatchObject({ level: 'error', exitCode: 66 });
  });
});

test('a configuration file that is wrong ends with 78 and says where', async () => {
  const config = path.join(temporaryFolder(), 'c.yml');
  writeFileSync(config, 'top: 5\nmin-wieght: 2\n');
  const { code, stderr } = await alsoViewed(['relate', '-', '--config', config], { stdin });
  expect({ code, stderr }).toEqual({
    code: 78,
    stderr: `Error: Cannot use ${config}:2:1: min-wieght is not a known setting\n  Did you mean min-weight?\n`,
  });
});

test.each([
  [['relate', '-', '--config', '/'], 78],
  [['run', '--source', 'v.tsv', '--target', 't.tsv', '--where', '1=0'], 64],
  [['run', '--source', 'v.tsv', '--target', 't.tsv', '--since', '1d'], 64],
  [['run', '--source', 'v.tsv', '--target', 't.tsv', '--swap'], 64],
  [['import', '-', '--target', 't.tsv', '--swap'], 64],
  [['rollback', '--target', 's3://bucket/t.tsv', '--swap'], 64],
  [['relate', '-', '--path-column', 'product_id'], 64],
  [['import', '-', '--target', 'mysql://u@127.0.0.1:1/d'], 78],
  [['relate', '-', '--engine', 'hadoop', '--memory', 'much'], 64],
  [['relate', '-', '--engine', 'hadoop', '--memory', '1000K'], 64],
] as const)('%j ends with %i', async (args, code) => {
  const env = args[0] === 'import' ? { ALSO_VIEWED_TARGET_PASSWORD_FILE: '/nowhere' } : {};
  expect(await alsoViewed(args, { cwd: temporaryFolder(), stdin, env })).toMatchObject({ code });
});

test.each([
  [['shw', '1001'], 'Did you mean show?'],
  [['explan', 'a', 'b'], 'Did you mean explain?'],
  [['show', 'a', '--scroe', 'llr'], 'Did you mean --score?'],
  [['relate', '-', '--min-wieght', '2'], 'Did you mean --min-weight?'],
  [['show', 'a', '--score', 'jacard'], 'It must be one of weight, jaccard'],
])('%j is told what may be meant', async (args, meant) => {
  expect(await alsoViewed(args)).toMatchObject({ code: 64, stderr: expect.stringContaining(meant) });
});

/** What the command line says to something that it does not know, in this process. */
async function refusal(args: readonly string[]): Promise<string> {
  const refused = await wholeProgram(args)
    .parseAsync(args, { from: 'user' })
    .then(
      () => '',
      (error: unknown) => String(error),
    );
  return refused;
}

/** As a hurried person writes it: the last two letters that differ in each other's place. */
function mistyped(word: string): string {
  return word.replace(/(.)(?!\1)(.)(\2*)$/, '$2$1$3');
}

/** Every command as it is written. */
const calls = leaves(wholeProgram()).map((command) => ({ command, words: wordsOf(command) }));

test.each(calls)(
  'a mistyped command or option of $words suggests the one that was meant',
  async ({ command, words }) => {
    const [last = ''] = words.slice(-1);
    expect(await refusal([...words.slice(0, -1), mistyped(last)])).toMatch(
      new RegExp(`Did you mean (one of )?.*\\b${last}\\b`),
    );
    for (const { long } of command.options) {
      expect(await refusal([...words, mistyped(long ?? '')])).toMatch(
        new RegExp(`Did you mean (one of )?.*${long}\\b`),
      );
    }
  },
);

test('every command that prints a table prints CSV and JSON lines', () => {
  const formats = new Map(
    calls.map(({ command, words }) => [
      words.join(' '),
      command.options.find(({ long }) => long === '--format')?.argChoices ?? [],
    ]),
  );
  const without = [...formats].filter(([, choices]) => !(choices.includes('csv') && choices.includes('jsonl')));
  // A sentence, a page, a file, SQL.
  expect(without.map(([words]) => words)).toEqual([
    'run',
    'export',
    'report',
    'rollback',
    'init',
    'schema',
    'emr diagnose',
  ]);
});

test('numbers have thousands separators on a terminal and are plain in a pipe, whoever prints them', async () => {
  const cwd = temporaryFolder();
  const views = path.join(root, 'sample-data', 'views.tsv');
  const limits = ['--min-weight', '2', '--max-path-products', '100'];
  const terminal = 'for (const stream of [process.stdout, process.stderr]) Object.assign(stream, { isTTY: true })';
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(terminal)}` };
  const said = async (args: readonly string[], given: { env?: typeof env }): Promise<string> => {
    const { stdout, stderr } = await alsoViewed(args, { cwd, ...given });
    return stdout + stderr;
  };
  for (const [args, figure] of [
    [['relate', views, '--plan'], 'Views: 33,673'],
    [['relate', views, '--out', 'r.tsv', ...limits], '31,976 relations'],
    [['run', '--source', views, '--target', 't.tsv', ...limits], '31,976 relations'],
    [['export', '--source', views, '--out', 'v.tsv'], 'Exported 42,479 views'],
    [['import', 'r.tsv', '--target', 'n.tsv', '--dry-run'], 'Would publish 31,976 relations'],
    [['import', 'r.tsv', '--target', 'n.tsv'], '31,976 relations'],
    [['runs', '--format', 'table'], '31,976'],
    [['explain', '1001', '1002'], '7,999'],
    [['diff', 'r.tsv', 't.tsv'], '31,976 before'],
    [['evaluate', views, '--cutoffs', '10', ...limits], '7,999 paths'],
  ] as const) {
    expect(await said(args, { env })).toContain(figure);
    expect(await said(args, {})).toContain(figure.replace(',', ''));
  }
});

test('a command that waits for what will never come has failed', async () => {
  const env = { NODE_OPTIONS: '--import=data:text/javascript,process.stdout.write=()=>true' };
  expect(await alsoViewed(['schema'], { env })).toMatchObject({
    code: 70,
    stderr: expect.stringContaining('in the middle'),
  });
});

test('the help of every command has an example', async () => {
  // Those too that only hold others.
  for (const words of [[], ['emr'], ...calls.map(({ words }) => words)]) {
    const { stdout } = await alsoViewed([...words, '--help']);
    expect(stdout).toMatch(new RegExp(`\\nExamples?:\n(.*\n)?.*also-viewed ${words.join(' ')}`));
  }
});

test.each(['show', 'report', 'diff', 'import'])(
  'the help of %s says where the password of a database comes from',
  async (command) => {
    expect((await alsoViewed([command, '--help'])).stdout).toMatch(
      new RegExp(`^  ALSO_VIEWED_TARGET_PASSWORD_FILE=\\S+ \\\\\n  also-viewed ${command} .*mysql://`, 'm'),
    );
  },
);

test('rows that are no views are told, whoever reads them', async () => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'v.tsv'), ['1\ta', '1\tb', '2\ta', '2\tb', '3\tc\t9', ''].join('\n'));
  writeFileSync(path.join(cwd, 'r.tsv'), 'a\tb\t2\nb\ta\t2\n');
  for (const words of [
    ['explain', 'a', 'b', '--views', 'v.tsv'],
    ['show', 'a', '--relations', 'r.tsv', '--views', 'v.tsv'],
    ['report', '--relations', 'r.tsv', '--views', 'v.tsv', '--out', 'report.html'],
    ['evaluate', 'v.tsv', '--cutoffs', '1'],
  ]) {
    const { stderr } = await alsoViewed(words, { cwd });
    expect(stderr).toContain('Warning: Rejected 1 of 5 rows (20 %), the first at v.tsv:5: wrong number of fields\n');
  }
});

test('--memory is refused where it is too little, before a run begins', async () => {
  const cwd = temporaryFolder();
  const run = ['run', '--source', '-', '--target', 't.tsv', '--work', 'w'];
  for (const args of [
    ['relate', '-', '--memory', '127M'],
    [...run, '--memory', '127M'],
  ]) {
    const stderr = expect.stringContaining('Give --memory at least 128M');
    expect(await alsoViewed(args, { cwd, stdin })).toMatchObject({ code: 64, stderr });
  }
  expect(readdirSync(cwd)).toEqual([]);
});

test('the format of an output follows its name', async () => {
  const cwd = temporaryFolder();
  await alsoViewed(['relate', '-', '--out', 'r.csv'], { cwd, stdin });
  expect(readFileSync(path.join(cwd, 'r.csv'), 'utf8')).toBe('source,target,weight\na,b,1\nb,a,1\n');
  await alsoViewed(['relate', '-', '--out', 'r.csv', '--format', 'tsv'], { cwd, stdin });
  expect(readFileSync(path.join(cwd, 'r.csv'), 'utf8')).toBe('a\tb\t1\nb\ta\t1\n');
});

test('a run whose log nobody reads any more goes on to its end', () => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'v.tsv'), stdin);
  bash(`cd "${cwd}"; av run --source v.tsv --target t.tsv --work w --verbose 2>&1 >/dev/null | true`);
  const [run = ''] = readdirSync(path.join(cwd, 'w', 'runs'));
  expect(JSON.parse(readFileSync(path.join(cwd, 'w', 'runs', run, 'manifest.json'), 'utf8')).state).toBe('succeeded');
  expect(readFileSync(path.join(cwd, 't.tsv'), 'utf8')).toBe('a\tb\t1\nb\ta\t1\n');
});

test('relations may come from a pipe', () => {
  const cwd = temporaryFolder();
  const imported = bash(`cd "${cwd}"; av import <(printf 'a\\tb\\t1\\nb\\ta\\t1\\n') --target t.tsv`);
  expect(imported).toMatchObject({ status: 0, stderr: expect.stringContaining('Published 2 relations') });
  expect(readFileSync(path.join(cwd, 't.tsv'), 'utf8')).toBe('a\tb\t1\nb\ta\t1\n');
  // Which order of ids they are in shows only when they are read.
  const same = bash(`cd "${cwd}"; av diff <(cat t.tsv) <(cat t.tsv)`);
  expect(same).toMatchObject({ status: 0, stdout: expect.stringContaining('0 removed, 2 as before') });
  const other = bash(`cd "${cwd}"; printf 'a\\tb\\t3\\n' | av diff - t.tsv --format tsv`);
  expect(other).toMatchObject({ status: 1, stdout: '~\ta\tb\t3\t1\n+\tb\ta\t\t1\n' });
});

test.each([
  [['relate', '-', '--products', '-', '--out', 'r.tsv']],
  [['evaluate', '--train', '-', '--test', '-']],
  [['evaluate', '-', '--names', '-']],
  [['report', '--relations', 'old.tsv', '--views', '-', '--names', '-', '--out', 'r.tsv']],
])('%j is refused: what is read first would leave the other empty', async (args) => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'old.tsv'), 'a\tb\t1\n');
  expect(await alsoViewed(args, { cwd, stdin })).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('Cannot read standard input twice'),
  });
  expect(readdirSync(cwd)).toEqual(['old.tsv']);
});

test.each([
  'show a --relations r.tsv',
  '--help',
  'schema',
  'relate v.tsv --plan',
  'run --source v.tsv --target t.tsv --plan',
])('%s fails with 74 on a full disk', (command) => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'v.tsv'), stdin);
  writeFileSync(path.join(cwd, 'r.tsv'), 'a\tb\t1\nb\ta\t1\n');
  expect(bash(`cd "${cwd}"; av ${command} > /dev/full`)).toMatchObject({ status: 74 });
});

test.each([
  ['show', 'a'],
  ['explain', 'a', 'b', '--views', 'v.tsv'],
  ['report', '--out', 'report.html'],
])(
  '%j is refused where relations and a file as target are named: it can be about one of them only',
  async (...args) => {
    const cwd = temporaryFolder();
    writeFileSync(path.join(cwd, 'v.tsv'), stdin);
    for (const name of ['r.tsv', 't.tsv']) {
      writeFileSync(path.join(cwd, name), 'a\tb\t1\nb\ta\t1\n');
    }
    expect(await alsoViewed([...args, '--relations', 'r.tsv', '--target', 't.tsv'], { cwd })).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('Cannot take relations from two places'),
    });
  },
);

test('a folder for temporary files that is not there is told to be that: nobody named it', async () => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'r.tsv'), 'a\tb\t1\n');
  expect(await alsoViewed(['diff', 'r.tsv', 'r.tsv'], { cwd, env: { TMPDIR: '/nowhere' } })).toMatchObject({
    code: 73,
    stderr: expect.stringContaining('Cannot write temporary files in /nowhere: its folder does not exist'),
  });
});

test('show passes over what a killed run left, and says when a product is not known', async () => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'v.tsv'), stdin);
  await alsoViewed(['run', '--source', 'v.tsv', '--target', 't.tsv', '--work', 'w'], { cwd });
  mkdirSync(path.join(cwd, 'w', 'runs', '20991231T000000Z-aaaaaa'));
  mkdirSync(path.join(cwd, 'w', 'runs', '20991231T000000Z-bbbbbb'));
  writeFileSync(path.join(cwd, 'w', 'runs', '20991231T000000Z-bbbbbb', 'manifest.json'), '{"run"');
  const { code, stdout, stderr } = await alsoViewed(['show', 'a', 'zzz', '--work', 'w'], { cwd });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'source\trank\ttarget\tname\tweight\tshare\na\t1\tb\t\t1\t1.0000\n',
  });
  expect(stderr).toContain('zzz has no related products, or is not known');
});

test('show says that it cannot look for names where a damaged manifest has the views', async () => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'v.tsv'), stdin);
  await alsoViewed(['run', '--source', 'v.tsv', '--target', 't.tsv', '--work', 'w'], { cwd });
  const [run = ''] = readdirSync(path.join(cwd, 'w', 'runs'));
  const manifest = path.join(cwd, 'w', 'runs', run, 'manifest.json');
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), sourceFolder: '\0' }));
  expect(await alsoViewed(['show', 'a', '--work', 'w'], { cwd })).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('No name of any product: Cannot use "'),
  });
});

test('an interrupted run is recorded as interrupted, with the exit code that the process has', async () => {
  const cwd = temporaryFolder();
  const { code } = await alsoViewed(['run', '--source', '-', '--target', 't.tsv', '--work', 'w', '--verbose'], {
    cwd,
    signal: { when: /Reading -/, send: 'SIGTERM' },
  });
  const [run = ''] = readdirSync(path.join(cwd, 'w', 'runs'));
  const folder = path.join(cwd, 'w', 'runs', run);
  expect(JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'))).toMatchObject({
    state: 'interrupted',
    error: { exitCode: code },
  });
  expect({ code, files: readdirSync(folder) }).toEqual({ code: 143, files: ['manifest.json'] });
});
