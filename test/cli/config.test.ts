import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { alsoViewed } from './also-viewed.ts';

/** What `config` prints of some settings: value and origin. */
async function configOf(
  yaml: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ stdout: string; of: (setting: string) => string[] | undefined }> {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'av.yml'), yaml);
  const { code, stdout, stderr } = await alsoViewed(['config', '--config', 'av.yml', '--format', 'tsv', ...args], {
    cwd,
    env,
  });
  expect({ code, stderr: stderr.replace(/^(de: )?Warning: No (source|target) is named in .*\n/gm, '') }).toEqual({
    code: 0,
    stderr: '',
  });
  const rows = stdout.split('\n').map((line) => line.split('\t'));
  return { stdout, of: (setting) => rows.find(([name]) => name === setting)?.slice(1) };
}

test('config prints every setting as it is written, and where it comes from', async () => {
  const yaml = 'source:\n  uri: mysql://u@h/d\nmemory: 512M\ntop: 50\nverify: true\n';
  const { of } = await configOf(yaml, ['--wait', '10m', '--hadoop-property', 'a=1', '--hadoop-property', 'b=2'], {
    ALSO_VIEWED_TOP: '20',
    ALSO_VIEWED_MAX_CHURN: '30%',
  });
  expect(of('source')).toEqual(['mysql://u@h/d', 'av.yml:2:3']);
  expect(of('memory')).toEqual(['512M', 'av.yml:3:1']);
  expect(of('verify')).toEqual(['true', 'av.yml:5:1']);
  expect(of('top')).toEqual(['20', 'ALSO_VIEWED_TOP']);
  expect(of('max-churn')).toEqual(['30%', 'ALSO_VIEWED_MAX_CHURN']);
  expect(of('wait')).toEqual(['10m', '--wait']);
  expect(of('hadoop-property')).toEqual(['a=1, b=2', '--hadoop-property']);
  expect(of('max-shrink')).toEqual(['50%', 'default']);
  expect(of('threads')).toEqual(['all cores', 'default']);
  expect(of('swap')).toEqual(['false', 'default']);
  expect(of('accept-changes')).toBeUndefined();
});

test('config masks secrets, and says which variable has them', async () => {
  const { stdout, of } = await configOf('s3: {endpoint: "http://u:MARK@h"}\n', [], {
    ALSO_VIEWED_SOURCE_PASSWORD: 'MARK',
    ALSO_VIEWED_TARGET_PASSWORD_FILE: '/etc/password',
  });
  expect(stdout).not.toContain('MARK');
  expect(of('s3-endpoint')).toEqual(['http://u:***@h', 'av.yml:1:6']);
  expect(of('source-password')).toEqual(['***', 'ALSO_VIEWED_SOURCE_PASSWORD']);
  expect(of('target-password')).toEqual(['***', 'ALSO_VIEWED_TARGET_PASSWORD_FILE']);
});

test('config says what takes the place of a password, and refuses one beside it', async () => {
  const yaml =
    'source: mysql://h/d?password-secret=shop/reader\ntarget: {host: h, user: u, database: d, ssl-mode: required, auth: iam}\n';
  const { of } = await configOf(yaml, []);
  expect(of('source-password')).toEqual(['secret shop/reader', 'av.yml:1:1']);
  expect(of('target-password')).toEqual(['an IAM token', 'av.yml:2:10']);
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'av.yml'), yaml);
  const env = { ALSO_VIEWED_TARGET_PASSWORD_FILE: '/etc/password' };
  expect(await alsoViewed(['config', '--config', 'av.yml'], { cwd, env })).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('av.yml:2:10: Cannot tell which password is meant'),
  });
});

test('config prints what holds for every store, with its name in front', async () => {
  const yaml = 'source: v.tsv\nstores:\n  uk: {target: uk.tsv}\n  de: {target: de.tsv, top: 5}\n';
  const { stdout } = await configOf(yaml, ['--all'], { ALSO_VIEWED_DE_TARGET_PASSWORD: 'MARK' });
  expect(stdout.split('\n')[0]).toBe('store\tsetting\tvalue\tfrom');
  expect(stdout).toContain('\nuk\ttarget\tuk.tsv\tav.yml:3:8\n');
  expect(stdout).toContain('\nde\ttop\t5\tav.yml:4:24\n');
  expect(stdout).toContain('\nde\ttarget-password\t***\tALSO_VIEWED_DE_TARGET_PASSWORD\n');
  expect(stdout).toContain('\nuk\ttarget-password\t\tdefault\n');
  expect(stdout).not.toContain('MARK');
});

test('config prints what holds for a store', async () => {
  const yaml = 'top: 50\nstores:\n  uk:\n    target: uk.tsv\n  de:\n    target: de.tsv\n    top: 20\n';
  const env = { ALSO_VIEWED_DE_TARGET_PASSWORD: 'x', ALSO_VIEWED_UK_SOURCE_PASSWORD: 'y' };
  const { of } = await configOf(yaml, ['--store', 'de'], env);
  expect(of('top')).toEqual(['20', 'av.yml:7:5']);
  expect(of('work')).toEqual(['also-viewed-work/de', 'default']);
  expect(of('target-password')).toEqual(['***', 'ALSO_VIEWED_DE_TARGET_PASSWORD']);
  expect(of('source-password')).toEqual(['', 'default']);
});

test('config refuses what every command refuses', async () => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'av.yml'), 'top: 5\n');
  expect(await alsoViewed(['config', '--config', 'av.yml', '--memory', 'much'], { cwd })).toMatchObject({ code: 64 });
  writeFileSync(path.join(cwd, 'av.yml'), 'memory: much\n');
  expect(await alsoViewed(['config', '--config', 'av.yml'], { cwd })).toMatchObject({ code: 78 });
});

test('a value of the file that is right for other commands only is refused by the name of its setting', async () => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'av.yml'), 'format: json\n');
  expect(await alsoViewed(['config', '--config', 'av.yml'], { cwd })).toMatchObject({
    code: 78,
    stderr: 'Error: Cannot use av.yml:1:1: format is json\n  It must be one of table, tsv, csv, jsonl.\n',
  });
});

test('a file in another encoding than UTF-8 is refused: a condition would quietly become another one', async () => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'av.yml'), Buffer.from('where: "shop = \'Café\'"\n', 'latin1'));
  expect(await alsoViewed(['config', '--config', 'av.yml'], { cwd })).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('Cannot read the configuration av.yml: The encoded data was not valid'),
  });
});

test('a configuration that cannot be read is named, wherever its name comes from', async () => {
  const cwd = temporaryFolder();
  expect(await alsoViewed(['config', '--config', 'none.yml'], { cwd })).toMatchObject({
    code: 78,
    stderr:
      'Error: Cannot read the configuration none.yml: it does not exist\n  Check --config or ALSO_VIEWED_CONFIG.\n',
  });
  expect(await alsoViewed(['config'], { cwd, env: { ALSO_VIEWED_CONFIG: '.' } })).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('Cannot read the configuration .: it is a folder\n'),
  });
});

test('config does not print what may be a secret: the URL of a ping, the command for failures', async () => {
  const yaml = 'on-failure: curl -H key:mark https://h\n';
  const { stdout, of } = await configOf(yaml, ['--ping', 'https://h/mark']);
  expect(of('ping')).toEqual(['***', '--ping']);
  expect(of('on-failure')).toEqual(['***', 'av.yml:1:1']);
  expect(stdout).not.toContain('mark');
});
