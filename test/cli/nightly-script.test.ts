import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';

const script = fileURLToPath(new URL('../../scripts/nightly.sh', import.meta.url));

interface Machine {
  readonly folder: string;
  /** Writes the file `environment` beside the configuration. */
  readonly environment: (lines: string, mode?: number) => void;
  /** Runs the script as cron does: elsewhere, and with hardly any environment. */
  readonly night: (...options: string[]) => { code: number | null; stderr: string };
}

function machine(): Machine {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'views.tsv'), '1\ta\n1\tb\n');
  writeFileSync(path.join(folder, 'also-viewed.yml'), 'source: views.tsv\ntarget: target.tsv\nwork: work\n');
  const file = path.join(folder, 'environment');
  const environment = (lines: string, mode = 0o640): void => {
    // Where cron does not look for it.
    writeFileSync(file, `PATH=${path.dirname(process.execPath)}:/usr/bin:/bin\n${lines}`);
    chmodSync(file, mode);
  };
  environment('');
  const night: Machine['night'] = (...options) => {
    const { status, stderr } = spawnSync(script, [path.join(folder, 'also-viewed.yml'), ...options], {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', HOME: folder },
      encoding: 'utf8',
    });
    return { code: status, stderr };
  };
  return { folder, environment, night };
}

test('the script for cron runs the job in the folder of its configuration, for its user alone', () => {
  const { folder, night } = machine();
  expect(night()).toMatchObject({ code: 0, stderr: expect.stringContaining('Published 2 relations') });
  expect(readFileSync(path.join(folder, 'target.tsv'), 'utf8')).toBe('a\tb\t1\nb\ta\t1\n');
  expect(statSync(path.join(folder, 'work')).mode & 0o777).toBe(0o700);
});

test('it ends with the exit code of the job, and takes its options', () => {
  expect(machine().night('--source', 'none.tsv')).toMatchObject({ code: 66 });
});

test('it takes settings as they are from the file beside the configuration, and adds JSON lines to a log', () => {
  const { folder, environment, night } = machine();
  mkdirSync(path.join(folder, 'log'));
  const marker = 'a b$HOME`id`"\'#';
  const quoted = ' \\n"$HOME\\ ';
  environment(
    `# comment\n\nALSO_VIEWED_LOG=${folder}/log/nightly.log\nMARKER=${marker}\nQUOTED='${quoted}'\nALSO_VIEWED_MIN_WEIGHT=2`,
  );
  const told = path.join(folder, 'told');
  // No relation has a weight of 2.
  expect(night('--on-failure', `printf %s "$MARKER$QUOTED" > ${told}`)).toEqual({ code: 65, stderr: '' });
  expect(readFileSync(told, 'utf8')).toBe(marker + quoted);
  const lines = readFileSync(path.join(folder, 'log', 'nightly.log'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ exitCode: 65 });
});

test('it refuses an environment that others may read, that is none, or that systemd would read otherwise: 78', () => {
  const { environment, night } = machine();
  environment('', 0o644);
  expect(night()).toMatchObject({ code: 78, stderr: expect.stringContaining('others may read') });
  environment('rm -rf something\n');
  expect(night()).toMatchObject({ code: 78, stderr: expect.stringContaining('not NAME=value') });
  for (const value of ['"x"', ' x', 'x ', 'x\r', 'a\\b', "'it's'", "'x"]) {
    environment(`SECRET=${value}\n`);
    expect(night(), value).toEqual({
      code: 78,
      stderr: expect.stringMatching(/environment: put the value of SECRET in single quotes/),
    });
  }
});

test('what it cannot read or write ends with an exit code of the job: 78, 73', () => {
  const { folder, environment, night } = machine();
  environment(`ALSO_VIEWED_LOG=${folder}/missing/nightly.log\n`);
  expect(night()).toMatchObject({ code: 73, stderr: expect.stringContaining('missing/nightly.log') });
  rmSync(path.join(folder, 'environment'));
  mkdirSync(path.join(folder, 'environment'), { mode: 0o700 });
  expect(night()).toMatchObject({ code: 78, stderr: expect.stringContaining('environment is no file that') });
  const { status } = spawnSync(script, [path.join(folder, 'missing', 'also-viewed.yml')]);
  expect(status).toBe(78);
});
