import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { parseConfiguration } from '#dist/config/configuration.js';
import { temporaryFolder } from '../temporary-folder.ts';
import { alsoViewed } from './also-viewed.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url));

/** What a file that `init` wrote sets. */
function settingsIn(file: string): Record<string, string> {
  const { common } = parseConfiguration(file, readFileSync(file, 'utf8'));
  return Object.fromEntries([...common].map(([name, { texts }]) => [name, texts.join()]));
}

test('init writes what its flags say and what it proposes, and a run takes it', async () => {
  const cwd = temporaryFolder();
  const views = ['1', '2'].map((visit) => `${visit}\ta\n${visit}\tb\n`).join('');
  writeFileSync(path.join(cwd, 'views.tsv'), `${views}3\ta\n3\tc\n`);
  const flags = ['--source', 'views.tsv', '--target', 'related.tsv'];
  expect(await alsoViewed(['init', ...flags], { cwd })).toMatchObject({ code: 0, stdout: '' });
  expect(settingsIn(path.join(cwd, 'also-viewed.yml'))).toMatchObject({ top: '50', 'min-weight': '2' });
  const [, schema = ''] =
    /^# yaml-language-server: \$schema=(.*)\n/.exec(readFileSync(path.join(cwd, 'also-viewed.yml'), 'utf8')) ?? [];
  expect(JSON.parse(readFileSync(schema, 'utf8'))).toMatchObject({ title: 'Configuration of also-viewed' });
  expect(await alsoViewed(['config', '--config', 'also-viewed.yml'], { cwd })).toMatchObject({ code: 0, stderr: '' });
  expect(await alsoViewed(['run', '--config', 'also-viewed.yml'], { cwd })).toMatchObject({ code: 0 });
  // What was seen in one path only is not there.
  expect(readFileSync(path.join(cwd, 'related.tsv'), 'utf8')).toBe('a\tb\t2\nb\ta\t2\n');
});

test('init writes to standard output, and says no more then', async () => {
  const args = ['init', '-', '--source', 'views.tsv', '--target', 'related.tsv'];
  expect(await alsoViewed(args, { cwd: temporaryFolder() })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('views.tsv'),
    stderr: '',
  });
});

test('init replaces a file only when it is told to', async () => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'also-viewed.yml'), 'top: 5\n');
  expect(await alsoViewed(['init'], { cwd })).toMatchObject({ code: 73, stderr: expect.stringContaining('--force') });
  expect(readFileSync(path.join(cwd, 'also-viewed.yml'), 'utf8')).toBe('top: 5\n');
  const flags = ['--source', 'views.tsv', '--target', 'related.tsv', '--top', '7'];
  expect(await alsoViewed(['init', '--force', ...flags], { cwd })).toMatchObject({ code: 0 });
  expect(settingsIn(path.join(cwd, 'also-viewed.yml'))).toMatchObject({ top: '7' });
  expect(await alsoViewed(['init', 's3://bucket/av.yml'], { cwd })).toMatchObject({ code: 64 });
  expect(readdirSync(cwd)).toEqual(['also-viewed.yml']);
});

test.each([
  [[], 'Add --source and --target'],
  [['--source', 'views.tsv', '--yes'], 'Add --target'],
  [['--source', 'views.tsv', '--target', 't.tsv', '--top', 'many'], '--top: it is many'],
  [['--source', 'mysql://u:MARK@h/d', '--target', 't.tsv'], 'it holds a password'],
  [['--source', 'views.tsv', '--target', 'mysql://h/d'], '--target: '],
  [['--source', 'views.tsv', '--target', '.'], '--target: Cannot use . as a file'],
  [['--source', 'views.tsv', '--target', 't.tsv', '--since', '90d'], 'with a file as source'],
  [['--source', 'mysql://u@h/d', '--target', 't.tsv', '--since', '90d'], 'no time column is named'],
])('init writes nothing that no run could use: %j', async (args, told) => {
  const cwd = temporaryFolder();
  const { code, stderr } = await alsoViewed(['init', ...args], { cwd, stdin: '' });
  expect(stderr).toContain(told);
  expect(stderr).not.toContain('MARK');
  expect(code).toBe(64);
  expect(readdirSync(cwd)).toEqual([]);
});

/** Runs `init` on a terminal of some width and types `answers`, each once its question is there. */
async function typed(
  cwd: string,
  answers: readonly (readonly [question: string, keys: string])[],
): Promise<{ readonly code: number | null; readonly screen: string }> {
  const child = spawn(
    'script',
    ['--quiet', '--return', '--command', `stty cols 200; "${process.execPath}" "${main}" init`, '/dev/null'],
    {
      cwd,
      env: { PATH: process.env['PATH'], TERM: 'xterm', SHELL: '/bin/sh' },
    },
  );
  onTestFinished(() => void child.kill());
  let screen = '';
  let said = '';
  let next = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    said += text;
    const [question, keys] = answers[next] ?? [];
    if (question !== undefined && said.includes(question)) {
      said = '';
      next++;
      child.stdin.write(keys);
    }
  });
  return await new Promise((resolve, reject) =>
    child.once('error', reject).once('close', (code) => resolve({ code, screen })),
  );
}

test('init asks on a terminal; Enter takes what is proposed', async () => {
  const cwd = temporaryFolder();
  const { code } = await typed(cwd, [
    ['Where are the views', 'views.tsv\r'],
    ['Which column is the path', '\r'],
    ['Which column is the product', '\r'],
    ['Where do the relations go', 'related.tsv\r'],
    ['Where are the files', '\r'],
    ['How many targets', '30\r'],
    ['In how many paths', '\r'],
    ['Leave out paths', '\r'],
  ]);
  expect(settingsIn(path.join(cwd, 'also-viewed.yml'))).toEqual({
    source: 'views.tsv',
    'path-column': 'path_id',
    'product-column': 'product_id',
    target: 'related.tsv',
    work: 'also-viewed-work',
    top: '30',
    'min-weight': '2',
  });
  expect(code).toBe(0);
});

test('init asks for the tables of two databases too, and says nothing else', async () => {
  const cwd = temporaryFolder();
  const { code, screen } = await typed(cwd, [
    ['Where are the views', 'mysql://reader@db/shop\r'],
    ['Which table holds them', '\r'],
    ['Which column is the path', '\r'],
    ['Which column is the product', '\r'],
    ['Which column is the time', 'viewed_at\r'],
    ['How far back', '90d\r'],
    ['Where do the relations go', 'mysql://writer@db/shop\r'],
    ['Into which table', '\r'],
    ['Where are the files', '\r'],
    ['How many targets', '\r'],
    ['In how many paths', '\r'],
    ['Leave out paths', '\r'],
  ]);
  expect(/.*Warning.*/.exec(screen)?.[0]).toBeUndefined();
  expect(settingsIn(path.join(cwd, 'also-viewed.yml'))).toMatchObject({
    since: '90d',
    'target-table': 'related_products',
  });
  expect(code).toBe(0);
});

test.each([
  ['is cancelled', '\u0003', 130],
  ['gets the end of the input', '\u0004', 64],
])('init writes nothing when a question %s', async (_, keys, code) => {
  const cwd = temporaryFolder();
  expect(await typed(cwd, [['Where are the views', keys]])).toMatchObject({ code });
  expect(existsSync(path.join(cwd, 'also-viewed.yml'))).toBe(false);
});
