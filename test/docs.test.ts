import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { program } from '#dist/cli/program.js';
import { ProgressBar } from '#dist/cli/progress-bar.js';
import { parseConfiguration } from '#dist/config/configuration.js';
import { mysqlFailure } from '#dist/mysql/mysql-failure.js';
import { alsoViewed } from './cli/also-viewed.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = (name: string): string => readFileSync(path.join(root, name), 'utf8');
const blocks = (name: string, language: string): string[] =>
  [...page(name).matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block);

/** A folder with the sample shop, in which the commands of the pages can be run. */
function sampleShop(): string {
  const folder = temporaryFolder();
  cpSync(path.join(root, 'sample-data'), path.join(folder, 'sample-data'), { recursive: true });
  cpSync(path.join(root, 'sample-data'), folder, { recursive: true });
  return folder;
}

test('make run prints the figures and the list that the README shows, and writes the report', () => {
  const folder = temporaryFolder();
  // What is built is what is tested, whichever source is newer.
  const make = `make --silent --assume-old=dist/cli/main.cjs run work='${folder}' 2>&1`;
  const { PATH, HOME, TMPDIR } = process.env;
  const printed = execFileSync('bash', ['-c', make], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH, HOME, TMPDIR },
  }).replaceAll(folder, 'also-viewed-work');
  const timeless = (text: string): string =>
    text.replace(/\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{6}/g, 'RUN').replace(/\(\d+\.\d s\)/g, '(0.0 s)');
  const [shown = ''] = blocks('README.md', '').map((block) => timeless(block).replace(/…\n$/, ''));
  expect(timeless(printed).slice(0, shown.length)).toBe(shown);
  const [, report = ''] = /^The report is in also-viewed-work\/(\S+)$/m.exec(printed) ?? [];
  expect(readFileSync(path.join(folder, report), 'utf8')).toContain('<title>Also viewed: sample-data/views.tsv');
});

test('the commands for a laptop work as the README has them', async () => {
  const cwd = sampleShop();
  const commands = [...page('README.md').matchAll(/^ {4}also-viewed ((?:relate|show|explain) .*)$/gm)].map(
    ([, words = '']) => words.split(' '),
  );
  expect(commands).toHaveLength(3);
  for (const words of commands) {
    expect(await alsoViewed(words, { cwd })).toMatchObject({ code: 0 });
  }
});

/** What the program of a page prints. */
function printed(name: string, cwd: string): string {
  const [program = ''] = blocks(name, 'js');
  const entry = JSON.stringify(path.join(root, 'dist', 'index.js'));
  writeFileSync(path.join(cwd, 'program.mjs'), program.replace("'also-viewed'", entry));
  return execFileSync(process.execPath, ['program.mjs'], { cwd, encoding: 'utf8' });
}

test('the program of the README prints its figures', () => {
  expect(printed('README.md', sampleShop())).toMatch(/^\d+ relations from 8000 paths, sha256 [0-9a-f]{64}\n$/);
});

test.each([
  ['docs/analysts.md', 8],
  ['docs/evaluate.md', 1],
])('the commands of %s print what it shows', async (name, least) => {
  const cwd = sampleShop();
  const steps = blocks(name, 'console').flatMap((block) => block.split(/^\$ (?=also-viewed )/m).slice(1));
  expect(steps.length).toBeGreaterThan(least);
  for (const step of steps) {
    const [command = '', ...shown] = step.split('\n');
    const { stdout, stderr } = await alsoViewed(command.split(' ').slice(1), { cwd });
    expect(`${command}\n${stdout}${stderr}`).toBe(`${command}\n${shown.join('\n')}`);
  }
});

test('the program of the tour for analysts works', async () => {
  const cwd = sampleShop();
  const [run = ''] = /^also-viewed run .*$/m.exec(page('docs/analysts.md').replaceAll('$ ', '')) ?? [];
  await alsoViewed(run.split(' ').slice(1), { cwd });
  expect(printed('docs/analysts.md', cwd)).toBe('44 paths with both, 2.1 by chance\n');
});

test.each(['README.md', 'docs/nightly.md', 'docs/configuration.md'])('the configuration in %s is one', (name) => {
  const [yaml = ''] = blocks(name, 'yaml');
  expect(parseConfiguration(name, yaml).common.get('since')?.texts).toEqual(['90d']);
});

test('the page about the configuration shows what its commands do', async () => {
  const cwd = temporaryFolder();
  const text = page('docs/configuration.md');
  const [first = '', stores = ''] = blocks('docs/configuration.md', 'yaml');
  writeFileSync(path.join(cwd, 'also-viewed.yml'), first);
  const [, flags = '', shown = ''] =
    /\$ ALSO_VIEWED_TOP=20 also-viewed (.*) \| grep -v default\n((?: {4}.*\n)+)/.exec(text) ?? [];
  const printed = await alsoViewed(flags.split(' '), { cwd, env: { ALSO_VIEWED_TOP: '20' } });
  const lines = printed.stdout.split('\n').filter((line) => !line.includes('default'));
  expect(lines.join('\n')).toBe(shown.replaceAll(/^ {4}/gm, ''));
  expect([...parseConfiguration('stores.yml', stores).stores.keys()]).toEqual(['uk', 'de']);
  const [, init = ''] = /^ {4}also-viewed (init --source.*)$/m.exec(text) ?? [];
  expect(await alsoViewed([...init.split(' '), '--force'], { cwd })).toMatchObject({ code: 0 });
  // The example of a mistake.
  const [, told = ''] = /((?: {4}Error: Cannot use also-viewed.yml.*\n)(?: {4}.*\n)+)/.exec(text) ?? [];
  writeFileSync(path.join(cwd, 'also-viewed.yml'), first.replace('min-weight', 'min-wieght'));
  const wrong = await alsoViewed(['config', '--config', 'also-viewed.yml'], { cwd });
  expect(wrong).toMatchObject({ code: 78, stderr: told.replaceAll(/^ {4}/gm, '') });
});

/** All pages for readers. */
const pages = ['README.md', ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);

test.each(['docs/moving.md', 'docs/connections.md'])('the configuration in %s is one too', (name) => {
  const [yaml = ''] = blocks(name, 'yaml');
  expect(parseConfiguration(name, yaml).common.get('target')?.texts).toEqual([expect.stringMatching(/^mysql:/)]);
});

test('the statements for a new place are printed by the command that the page about moving has', async () => {
  const [, words = ''] = /^ +also-viewed (schema .*) \| mysql/m.exec(page('docs/moving.md')) ?? [];
  expect(await alsoViewed(words.split(' '))).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/CREATE TABLE[\s\S]*GRANT SELECT, INSERT, UPDATE, DELETE ON `shop`/),
  });
});

test('what the pages say of a server that is not trusted is what the job says', () => {
  const shown = [
    ...`${page('docs/moving.md')}${page('docs/connections.md')}`.matchAll(
      /Cannot connect to \S+: (Server does not support.*|self-signed.*|Hostname.*)\n +(.+)\n/g,
    ),
  ].map(([, message = '', remedy]) => [message, remedy] as const);
  expect(shown).toHaveLength(3);
  for (const [message, remedy] of shown) {
    const code = message.startsWith('Server') ? 'HANDSHAKE_NO_SSL_SUPPORT' : 'HANDSHAKE_SSL_ERROR';
    expect(mysqlFailure('Cannot connect', Object.assign(new Error(message), { code }))).toMatchObject({ remedy });
  }
});

test('every option that a page gives to a command is one of it', () => {
  const session = {
    signal: new AbortController().signal,
    log: { logFormat: 'text', quiet: false, verbose: false },
    bar: new ProgressBar(process.stderr),
  } as const;
  const commands = program(session).commands.flatMap((command) => [command, ...command.commands]);
  const optionsOf = new Map(commands.map((command) => [command.name(), command.options.map(({ long }) => long)]));
  let seen = 0;
  for (const name of pages) {
    const text = page(name).replaceAll(/ *\\\n */g, ' ');
    for (const [line, words = '', flags = ''] of text.matchAll(/also-viewed ([a-z]+(?: [a-z]+)*)([^`\n|&;>]*)/g)) {
      const command = words.split(' ').findLast((word) => optionsOf.has(word));
      for (const [flag] of flags.matchAll(/(?<= )--(?!help)[a-z][a-z0-9-]*/g)) {
        seen++;
        expect(optionsOf.get(command ?? ''), `${name}: ${line}`).toContain(flag);
      }
    }
  }
  expect(seen).toBeGreaterThan(100);
});

test('the files for logrotate and cron are such as these read them', () => {
  const [, logrotate = ''] = /turns it over[\s\S]*?\n\n((?: {4}.*\n)+)/.exec(page('docs/operations.md')) ?? [];
  const [first, ...directives] = logrotate.trimEnd().replaceAll(/^ {4}/gm, '').split('\n');
  expect(first).toBe('/var/log/also-viewed/*.log {');
  expect(directives.pop()).toBe('}');
  // logrotate(8) takes all that stands behind a directive, on its line, for the value of it.
  for (const directive of directives) {
    expect(directive).toMatch(/^ {4}(?:[a-z]+|rotate \d+)$/);
  }
  // crontab(5): without it, a command of `npm install --global` is not found.
  expect(page('README.md')).toMatch(
    /^ {4}PATH=\/usr\/local\/bin:\S+\n(?: {4}ALSO_.*\n)+ {4}15 3 \* \* \* +also-viewed run/m,
  );
});

test('every page that a page links to exists', () => {
  for (const name of pages) {
    for (const [, link = ''] of page(name).matchAll(/\]\(([^)#]+)\)/g)) {
      if (!link.startsWith('https:')) {
        expect(() => page(path.join(path.dirname(name), link)), `${name}: ${link}`).not.toThrow();
      }
    }
  }
});
