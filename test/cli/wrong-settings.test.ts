import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { checkTogether, configure } from '#dist/cli/configuration.js';
import { program } from '#dist/cli/program.js';
import { ProgressBar } from '#dist/cli/progress-bar.js';
import { type SettingName, settingEntries, variableOf } from '#dist/config/settings.js';
import { ExpectedFailure } from '#dist/failure.js';
import { temporaryFolder } from '../temporary-folder.ts';
import { alsoViewed } from './also-viewed.ts';

afterEach(() => vi.unstubAllEnvs());

const here = fileURLToPath(import.meta.url);

/** What those of the configuration itself mean is tested with stores. */
const apart: readonly string[] = ['config', 'store'];

/** A value that no command can use; where every text does, none at all, which is something for flags and files only. */
const wrong: Readonly<Record<SettingName, string>> = {
  config: '',
  store: '',
  'log-format': 'xml',
  's3-endpoint': 'ftp://h',
  's3-path-style': 'maybe',
  quiet: 'maybe',
  verbose: 'maybe',
  source: 'mysql://u:MARK@h/d',
  'source-host': '',
  'source-port': '65536',
  'source-user': '',
  'source-database': '',
  'source-socket': '',
  'source-ssl-mode': 'preferred',
  'source-ssl-ca': '',
  'source-auth': 'kerberos',
  'source-password-secret': '',
  'source-connect-timeout': '0s',
  'source-table': '',
  'path-column': '',
  'product-column': '',
  where: '',
  'time-column': '',
  since: 'yesterday',
  'max-replica-lag': '10',
  target: 's3://bucket/prefix/',
  'target-host': '',
  'target-port': '0',
  'target-user': '',
  'target-database': '',
  'target-socket': '',
  'target-ssl-mode': 'on',
  'target-ssl-ca': '',
  'target-auth': 'token',
  'target-password-secret': '',
  'target-connect-timeout': 'soon',
  'target-table': '',
  'source-column': '',
  'target-column': '',
  'weight-column': '',
  'max-shrink': '150%',
  'max-growth': '0.5',
  'max-churn': 'half',
  'accept-changes': ' ',
  verify: 'maybe',
  'max-rows-per-second': '0',
  swap: 'maybe',
  'dry-run': 'maybe',
  work: 'hdfs://work',
  wait: '10 minutes',
  'stage-timeout': '0s',
  'keep-runs': '0',
  'keep-days': '-1',
  all: 'maybe',
  concurrency: '1.5',
  resume: '',
  metrics: 'metrics.txt',
  ping: 'https://u:MARK@h/check',
  'on-failure': '',
  engine: 'locl',
  threads: '0',
  memory: 'much',
  'temp-dir': here,
  top: 'many',
  'min-weight': '0',
  'max-path-products': '1e3',
  products: path.dirname(here),
  ids: 'roman',
  reducers: 'all',
  queue: '',
  'node-archive': path.dirname(here),
  'hadoop-property': 'fs.s3a.secret.key MARK',
  plan: 'maybe',
  'probe-write': 'maybe',
  yes: 'maybe',
  'emr-region': '',
  'emr-log-uri': '/var/log',
  'emr-staging': 'bucket',
  'emr-cluster': 'cluster-1',
  'emr-release': '',
  'emr-primary-type': '',
  'emr-core-type': '',
  'emr-core-count': '0',
  'emr-task-type': '',
  'emr-task-count': '0',
  'emr-subnet': '',
  'emr-service-role': '',
  'emr-instance-profile': '',
  'emr-primary-security-group': '',
  'emr-core-security-group': '',
  'emr-service-security-group': '',
  'emr-tags': 'shop',
  'emr-idle-minutes': '10081',
  'emr-poll-interval': '0',
  'emr-max-hours': 'none',
  'emr-max-instance-hours': '0',
  out: '',
  format: 'xml',
  names: path.dirname(here),
  score: 'jacard',
  relations: path.dirname(here),
  views: '',
  run: '',
  against: '',
  force: 'maybe',
  server: 'oracle',
  'product-ids': 'float',
  train: '',
  test: '',
  split: 'halves',
  'test-share': '2',
  targets: 'some',
  cutoffs: '10,none',
  seed: '0',
};

/** The commands that do something, by their names. */
function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

const commands = (): Command[] =>
  leaves(
    program({
      signal: new AbortController().signal,
      log: { logFormat: 'text', quiet: false, verbose: false },
      bar: new ProgressBar(process.stderr),
    }),
  );

const takers = (name: string): string[] =>
  commands()
    .filter(({ options }) => options.some((option) => option.name() === name))
    .map((command) => command.name());

/** What a command begins with says. */
async function complaint(name: string, argv: readonly string[]): Promise<{ kind: string; said: string }> {
  const command = commands().find((each) => each.name() === name)!;
  command.action(() => {});
  try {
    await command.parseAsync([...command.registeredArguments.map(() => 'x'), ...argv], { from: 'user' });
    await checkTogether(await configure(command, process.env));
  } catch (error) {
    if (error instanceof ExpectedFailure) {
      return { kind: error.kind, said: `${error.message}\n${error.remedy}` };
    }
    throw error;
  }
  return { kind: 'none', said: '' };
}

const entries = settingEntries.filter(([name]) => !apart.includes(name));

describe('a wrong value', () => {
  const flags = entries.filter(([, { upTo, kind }]) => upTo !== 'file' && kind !== 'switch').map(([name]) => name);
  test.each(flags)('of the flag --%s is a wrong call, of every command that takes it', async (name) => {
    for (const command of takers(name)) {
      const { kind, said } = await complaint(command, [`--${name}=${wrong[name]}`]);
      expect({ command, kind, said }).toMatchObject({ kind: 'usage', said: expect.stringContaining(`--${name}: `) });
      expect(said).not.toContain('MARK');
    }
  });

  const variables = entries.filter(([name, { upTo }]) => upTo !== 'file' && upTo !== 'flag' && wrong[name] !== '');
  test.each(variables.map(([name]) => name))('of the variable of %s is a wrong configuration', async (name) => {
    vi.stubEnv(variableOf(name), wrong[name]);
    for (const command of takers(name)) {
      const { kind, said } = await complaint(command, []);
      const told = expect.stringContaining(`${variableOf(name)}: `);
      expect({ command, kind, said }).toMatchObject({ kind: 'configuration', said: told });
      expect(said).not.toContain('MARK');
    }
  });

  const keys = entries.filter(([, { upTo }]) => upTo === undefined || upTo === 'file').map(([name]) => name);
  test.each(keys)('of %s in the file is found with its place, by config and by run', async (name) => {
    const file = path.join(temporaryFolder(), 'av.yml');
    writeFileSync(file, `# Its place is the second line.\n${name}: ${JSON.stringify(wrong[name])}\n`);
    for (const command of ['config', ...takers(name).filter((each) => each === 'run')]) {
      const { kind, said } = await complaint(command, ['--config', file]);
      const told = expect.stringMatching(/av\.yml:2:\d+: /);
      expect({ command, kind, said }).toMatchObject({ kind: 'configuration', said: told });
      expect(said).not.toContain('MARK');
    }
  });
});

test.each([
  ['source: {uri: "mysql://u@h/d", since: 90d}', '1:32', 'no time column is named'],
  ['source: views.tsv\nsource-table: t\nwhere: a = 1', '3:1', 'where with a file as source'],
  ['source: views.tsv\ntime-column: t', '2:1', 'time-column with a file as source'],
  ['source: views.tsv\nsince: 90d\n', '2:1', 'since with a file as source'],
  ['max-replica-lag: 10s\nsource: views.tsv', '1:1', 'max-replica-lag with a file as source'],
  ['source: mysql://h/d', '1:1', 'it names no user'],
  ['source: {uri: "mysql://u@h:99999/d", table: t}', '1:10', 'it cannot be parsed'],
  ['source:\n  host: h\n  user: u\n  database: d\n  port: 3306\n  auth: iam', '2:3', 'auth=iam needs TLS'],
  ['target: "-"', '1:1', 'Cannot import to standard output'],
  ['target: t.tsv\nswap: true', '2:1', 'Cannot swap t.tsv'],
  [`target: ${path.dirname(here)}`, '1:1', 'as a file: it is a folder'],
  [`metrics: ${path.dirname(here)}/a.prom\nwork: ${here}`, '2:1', 'as a folder: it is a file'],
  ['path-column: id\nproduct-column: id', '1:1', 'path and product are both the column id'],
  ['target: {source-column: a, target-column: A}', '1:10', 'Cannot use column A twice'],
  ['memory: 100M', '1:1', 'at least 128M'],
  ['engine: hadoop\nmemory: 1000K', '2:1', 'at least 1M'],
  ['engine: hadoop\ntop: 5\nscore: llr', '3:1', 'by llr with the hadoop engine'],
  ['engine: emr', '1:1', 'emr-log-uri is not set'],
  ['emr: {tags: "a=1,a=2"}', '1:7', 'the tag a comes twice'],
  ['stores: {uk: {source: views.tsv, since: 90d, target: t}}', '1:34', 'since with a file as source'],
])('%j is found at %s', async (yaml, place, told) => {
  const file = path.join(temporaryFolder(), 'av.yml');
  writeFileSync(file, yaml);
  const store = yaml.startsWith('stores') ? ['--store', 'uk'] : [];
  for (const command of ['config', 'run']) {
    const { kind, said } = await complaint(command, ['--config', file, ...store]);
    expect(said).toContain(`av.yml:${place}: `);
    expect(said).toContain(told);
    expect(kind).toBe('configuration');
  }
});

test('what is meant for a flag beside the file is a wrong call', async () => {
  const file = path.join(temporaryFolder(), 'av.yml');
  writeFileSync(file, 'source: views.tsv\n');
  expect(await complaint('run', ['--config', file, '--since', '90d'])).toMatchObject({
    kind: 'usage',
    said: expect.stringContaining('--since: Cannot use since with a file as source'),
  });
});

test.each([
  ['config', 78],
  ['run', 78],
])('%s ends with the code of a wrong configuration, and leaves nothing', async (command, code) => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'av.yml'), 'source: v.tsv\ntarget: t.tsv\nsince: yesterday\n');
  const ended = await alsoViewed([command, '--config', 'av.yml'], { cwd });
  expect(ended).toEqual({
    code,
    stdout: '',
    stderr:
      'Error: av.yml:3:8: Cannot use yesterday as the beginning of the window\n' +
      '  Write a duration of at most 100 years such as 30m, 12h, 90d or 4w, or a date such as 2026-01-31.\n',
  });
  expect(readdirSync(cwd)).toEqual(['av.yml']);
});

test('who watches a run hears that its settings cannot work together', async () => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'av.yml'), 'source: v.tsv\ntarget: t.tsv\nsince: 90d\nmetrics: av.prom\n');
  expect(await alsoViewed(['run', '--config', 'av.yml'], { cwd })).toMatchObject({ code: 78 });
  expect(readFileSync(path.join(cwd, 'av.prom'), 'utf8')).toMatch(/^also_viewed_\w*exit_code 78$/m);
});

test('a run that lacks a source or a target says which file lacks it, and config warns of both', async () => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'av.yml'), 'top: 5\nstores: {uk: {target: uk.tsv}}\n');
  expect(await alsoViewed(['run', '--config', 'av.yml', '--store', 'uk'], { cwd })).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('no source is named in av.yml for store uk'),
  });
  expect(await alsoViewed(['config', '--config', 'av.yml', '--store', 'uk'], { cwd })).toMatchObject({
    code: 0,
    stderr: 'uk: Warning: No source is named in av.yml: a run needs one\n',
  });
});
