import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { onlineRetail, onlineRetailSha256 } from '../real-data.ts';
import { smallDisk } from '../small-disk.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { alsoViewed } from './also-viewed.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url));

function file(name: string, content: string | Buffer): string {
  const made = path.join(temporaryFolder(), name);
  writeFileSync(made, content);
  return made;
}

describe('standard output', () => {
  test('holds the relations, complete to the last byte when it is a pipe', () => {
    const { stdout, status } = spawnSync(
      'bash',
      ['-c', `"${process.execPath}" "${main}" relate "${onlineRetail}" | sha256sum`],
      {
        encoding: 'utf8',
      },
    );
    expect(status).toBe(0);
    expect(stdout).toContain(onlineRetailSha256);
  });

  test('may be closed early: the command ends quietly with 0', () => {
    const { stdout, stderr } = spawnSync(
      'bash',
      ['-c', `"${process.execPath}" "${main}" relate "${onlineRetail}" | head -n 2; echo "\${PIPESTATUS[@]}"`],
      { encoding: 'utf8' },
    );
    expect(stdout).toBe('10002\t10120\t2\n10002\t10123C\t1\n0 0\n');
    expect(stderr).toBe('');
  });

  test('gets the results only; what happened is said on standard error, as JSON when asked for', async () => {
    const { code, stdout, stderr } = await alsoViewed(['relate', '-', '--log-format', 'json'], {
      stdin: '1\ta\n1\tb\n',
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a\tb\t1\nb\ta\t1\n' });
    expect(JSON.parse(stderr)).toMatchObject({ level: 'info', relations: 2, paths: 1 });
    expect((await alsoViewed(['relate', '-', '--quiet'], { stdin: '1\ta\n1\tb\n' })).stderr).toBe('');
  });

  test.each([
    [[], 'Related 3 products over 2 paths: 6 relations, total weight 8, sha256'],
    [['--top', '1'], 'Related 3 products over 2 paths: 3 relations, total weight 8 before --top, sha256'],
    [
      ['--min-weight', '2', '--products', 'p.tsv'],
      'Related 3 products over 2 paths: 1 relations, total weight 8 before --min-weight and --products, sha256',
    ],
    [
      ['--max-path-products', '2'],
      'Related 3 products over 2 paths, 1 of them left out: 2 relations, total weight 2, sha256',
    ],
    [
      ['--products', 'q.tsv'],
      'Warning: No relation is left: none of the 2 products of q.tsv was viewed with another one. Are they ids as the views have them?\n',
    ],
    [
      ['--min-weight', '9'],
      'Warning: No relation is left: none of the 3 products was viewed with another one in 9 paths or more\n',
    ],
  ])('with %j it is said what was related, and when nothing is left', async (limits, said) => {
    const cwd = temporaryFolder();
    writeFileSync(path.join(cwd, 'p.tsv'), 'a\n');
    writeFileSync(path.join(cwd, 'q.tsv'), '0a\n0b\n');
    const { stderr } = await alsoViewed(['relate', '-', ...limits], { cwd, stdin: '1\ta\n1\tb\n1\tc\n2\ta\n2\tc\n' });
    expect(stderr).toContain(said);
  });
});

describe('an option', () => {
  const views = '1\ta\n1\tb\n1\tc\n2\ta\n2\tc\n';

  test('comes from a flag, else from the environment, else from the configuration file', async () => {
    const config = file('also-viewed.yml', 'top: 1\nmin-weight: 1\n');
    const run = async (args: string[], env: Record<string, string>): Promise<number> =>
      (await alsoViewed(['relate', '-', ...args], { stdin: views, env })).stdout.split('\n').length - 1;
    expect(await run([], {})).toBe(6);
    expect(await run(['--config', config], {})).toBe(3);
    expect(await run(['--config', config], { ALSO_VIEWED_MIN_WEIGHT: '2' })).toBe(2);
    expect(await run(['--config', config, '--top', '2', '--min-weight', '1'], { ALSO_VIEWED_TOP: '1' })).toBe(6);
  });

  test.each([
    [['relate', '-', '--top', '-1'], 'whole number'],
    [['relate', '-', '--top', '1.5'], 'whole number'],
    [['relate', '-', '--min-weight', '0'], 'whole number'],
    [['relate', '-', '--ids', 'roman'], 'It must be one of auto, integer, text'],
    [['relate', '-', '--format', 'xml'], 'It must be one of'],
    [['relate'], "missing required argument 'views'"],
    [['relate', '-', '--tpo', '3'], 'Did you mean --top?'],
    [['relat', '-'], 'Did you mean relate?'],
    [['run'], 'no source is named'],
    [['run', '--source', 'views.tsv'], 'no target is named'],
  ])('that is wrong is refused with 64: %j', async (args, message) => {
    const { code, stderr, stdout } = await alsoViewed(args, { stdin: views });
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  });

  test.each([
    ['tpo: 3\n', 'tpo'],
    ['top: many\n', 'whole number'],
    ['top: [\n', 'Cannot read'],
    ['source:\n  uri: mysql://u@h/d\n  tabel: x\n', 'tabel'],
  ])('that is wrong in the configuration file is refused with 78: %j', async (yaml, message) => {
    const { code, stderr } = await alsoViewed(['relate', '-', '--config', file('c.yml', yaml)], { stdin: views });
    expect(stderr).toContain(message);
    expect(code).toBe(78);
  });
});

describe('input that cannot be used', () => {
  test.each([
    ['a missing file', () => '/nowhere/views.tsv', 66, /it does not exist/],
    ['a pattern without a match', () => '/nowhere/*.tsv', 66, /no file matches/],
    ['a folder without files', () => path.dirname(file('.hidden', '')), 66, /holds no files/],
    [
      'a truncated gzip file',
      () => file('v.tsv.gz', readFileSync(onlineRetail).subarray(0, 100_000)),
      65,
      /ends early/,
    ],
    [
      'a gzip file cut inside its trailer',
      () => file('v.tsv.gz', gzipSync('1\ta\n').subarray(0, -3)),
      65,
      /ends early/,
    ],
    ['a damaged gzip file', () => file('v.tsv.gz', Buffer.from('1\ta\n')), 65, /not valid gzip/],
    ['gzip data under another name', () => file('v.tsv', gzipSync('1\ta\n')), 65, /under a name without \.gz/],
    [
      'binary rubbish',
      () => file('v.tsv', readFileSync(process.execPath).subarray(0, 5_000_000)),
      65,
      /rows .* were rejected|rows \(/,
    ],
    [
      'a file with one column',
      () => file('v.tsv', 'abc\n'.repeat(100)),
      65,
      /100 of 100 rows .*wrong number of fields/,
    ],
    ['a file in UTF-16', () => file('v.tsv', Buffer.from('1\ta\n'.repeat(50), 'utf16le')), 65, /rejected|rows \(/],
    [
      'a file with 30 % bad rows',
      () => file('v.tsv', '1\ta\n1\tb\n1\tc\n1\td\n1\te\n1\tf\n1\tg\nx\ny\nz\n'.repeat(99)),
      65,
      /\(30 %\)/,
    ],
    ['a CSV file with an open quote', () => file('v.csv', '1,a\n"1,b\n'), 65, /not valid CSV/],
  ])('%s: its code, a message with the place, and no output', async (_, make, expected, message) => {
    const folder = temporaryFolder();
    const out = path.join(folder, 'r.tsv');
    const { code, stderr } = await alsoViewed(['relate', make(), '--out', out]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(expected);
    expect(readdirSync(folder).filter((name) => !name.endsWith('.rejected.tsv'))).toEqual([]);
  });

  test('a line of a gigabyte costs one rejected row and no memory', async () => {
    const { stderr, stdout, status } = spawnSync(
      'bash',
      [
        '-c',
        `{ printf '1\\ta\\n1\\tb\\n'; head -c 1073741824 /dev/zero | tr '\\0' x; printf '\\n'; } | "${process.execPath}" --max-old-space-size=64 "${main}" relate -`,
      ],
      { encoding: 'utf8' },
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'a\tb\t1\nb\ta\t1\n' });
    expect(stderr).toContain('-:3: line longer than 1 MiB');
  });
});

describe('output that cannot be written', () => {
  test('a folder that does not exist: 73', async () => {
    const { code, stderr } = await alsoViewed(['relate', '-', '--out', '/nowhere/r.tsv'], { stdin: '1\ta\n' });
    expect({ code, stderr }).toMatchObject({ code: 73, stderr: expect.stringContaining('its folder does not exist') });
  });

  test('a folder in the place of the file: 73', async () => {
    expect(await alsoViewed(['relate', '-', '--out', temporaryFolder()], { stdin: '1\ta\n' })).toMatchObject({
      code: 73,
    });
  });

  test.runIf(process.getuid?.() === 0)('a folder without the right to write: 73', async () => {
    // Root may write anywhere, so the command runs as nobody, who must be able to read it.
    const folder = temporaryFolder();
    chmodSync(folder, 0o555);
    const script = `require('node:process').setuid(65534); import(${JSON.stringify(main)})`;
    const { status, stderr } = spawnSync(
      process.execPath,
      ['-e', script, 'relate', onlineRetail, '--out', path.join(folder, 'r.tsv')],
      {
        encoding: 'utf8',
      },
    );
    expect(stderr).toContain('permission denied');
    expect(status).toBe(73);
  });

  test('a full device: 74', async () => {
    const { code, stderr } = await alsoViewed(['relate', '-', '--out', '/dev/full'], { stdin: '1\ta\n1\tb\n' });
    expect({ code, stderr }).toMatchObject({ code: 74, stderr: expect.stringContaining('the disk is full') });
  });

  test.runIf(process.getuid?.() === 0)('a full disk: 74, and the old file is still there', async () => {
    // Too few relations to be estimated beforehand, and too many for the disk, packed or not.
    const views = file('v.tsv', Array.from({ length: 1_500 }, (_, at) => `p\tproduct${at}\n`).join(''));
    const folder = smallDisk('2m');
    const out = path.join(folder, 'r.tsv');
    writeFileSync(out, 'old\n');
    for (const name of [out, `${out}.gz`]) {
      const { code, stderr } = await alsoViewed(['relate', views, '--out', name]);
      expect({ code, stderr }).toMatchObject({ code: 74, stderr: expect.stringContaining('the disk is full') });
    }
    expect(readdirSync(folder)).toEqual(['r.tsv']);
    expect(readFileSync(out, 'utf8')).toBe('old\n');
  });
});

test('a device is written to and never replaced, a symbolic link stays one', async () => {
  expect(await alsoViewed(['relate', '-', '--out', '/dev/null'], { stdin: '1\ta\n1\tb\n' })).toMatchObject({ code: 0 });
  expect(execFileSync('stat', ['-c', '%F', '/dev/null'], { encoding: 'utf8' })).toBe('character special file\n');
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'real'));
  writeFileSync(path.join(folder, 'real', 'r.tsv'), 'old\n');
  symlinkSync(path.join('real', 'r.tsv'), path.join(folder, 'r.tsv'));
  await alsoViewed(['relate', '-', '--out', path.join(folder, 'r.tsv')], { stdin: '1\ta\n1\tb\n' });
  expect(readFileSync(path.join(folder, 'real', 'r.tsv'), 'utf8')).toBe('a\tb\t1\nb\ta\t1\n');
  expect(readdirSync(folder)).toEqual(['r.tsv', 'real']);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the command with %i and leaves no file', async (signal, code) => {
  const folder = temporaryFolder();
  const reading = { when: /Reading -/, send: signal };
  const ended = await alsoViewed(['relate', '-', '--verbose', '--out', path.join(folder, 'r.tsv')], {
    signal: reading,
  });
  expect(ended.code).toBe(code);
  expect(readdirSync(folder)).toEqual([]);
});

test('the file that is written has the digest that is printed', async () => {
  const out = path.join(temporaryFolder(), 'r.tsv');
  const { stderr } = await alsoViewed(['relate', '-', '--out', out], { stdin: '1\ta\n1\tb\n' });
  expect(stderr).toContain(createHash('sha256').update(readFileSync(out)).digest('hex'));
});
