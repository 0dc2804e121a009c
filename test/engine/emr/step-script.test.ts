import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { exitCodeOfReport, scriptStep, stepScript } from '#dist/engine/emr/step-script.js';
import { temporaryFolder } from '../../temporary-folder.ts';

/** A step with programs of ours; `hadoop fs -put -f FROM TO` copies. */
function stepOf(
  streaming: string,
  { args = ['x'], configuration = '', longest = { seconds: 60, limit: '--emr-max-hours' }, yarn = 'exit 1' } = {},
) {
  const folder = temporaryFolder();
  const report = path.join(folder, 'report.gz');
  const tmp = path.join(folder, 'tmp');
  const programs = { 'hadoop-streaming': streaming, hadoop: '[ "$1 $2 $3" = "fs -put -f" ] && cp "$4" "$5"', yarn };
  spawnSync('mkdir', ['-p', path.join(folder, 'bin'), tmp]);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(path.join(folder, 'bin', name), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
  }
  const script = path.join(folder, 'step.sh');
  writeFileSync(script, stepScript({ title: 'a step', content: 'x', streaming: args, configuration, report, longest }));
  const env = { PATH: `${path.join(folder, 'bin')}:/usr/bin:/bin`, TMPDIR: tmp, OUT: folder };
  return { folder, report, tmp, script, env };
}

/** Runs the script of a step to its end. */
function runStep(streaming: string, settings: Parameters<typeof stepOf>[1] = {}) {
  const { folder, report, tmp, script, env } = stepOf(streaming, settings);
  const { status, stdout } = spawnSync('bash', [script], { encoding: 'utf8', env });
  const lines = existsSync(report) ? gunzipSync(readFileSync(report)).toString().split('\n') : [];
  return { status, stdout, lines, folder, left: readdirSync(tmp) };
}

test('arguments of any form reach the client as they are', () => {
  const args = ['-D', 'textinputformat.record.delimiter=\n', 'sh -c \'exec $HOME "x"\'', '`a` \\ * {b,c}', ''];
  const configuration = "<value>it's $HOME\n</value>";
  const keep = 'printf "%s\\0" "$@" >"$OUT/args"; cp also-viewed.xml "$OUT"';
  const { folder, status, left } = runStep(keep, { args, configuration });
  expect(readFileSync(path.join(folder, 'also-viewed.xml'), 'utf8')).toBe(configuration);
  expect(readFileSync(path.join(folder, 'args'), 'utf8')).toBe(args.map((arg) => `${arg}\0`).join(''));
  expect(status).toBe(0);
  expect(left).toEqual([]);
});

test('the report holds what the client said and the exit code, which is also that of the step', () => {
  const { status, stdout, lines } = runStep('echo one; echo two >&2; exit 7');
  expect(status).toBe(7);
  expect(stdout).toContain('one\ntwo\n');
  expect(lines).toEqual(expect.arrayContaining(['one', 'two']));
  expect(exitCodeOfReport(lines)).toBe(7);
});

test('of a failed application, or one with rejected rows, it also holds what the tasks said', () => {
  const yarn = 'echo "$@"; echo "TypeError: x"';
  const said = 'logs -applicationId application_17_0004 -log_files stderr';
  for (const end of ['echo "subprocess failed with code 1"; exit 1', 'printf "\\t\\trejected=3\\n"']) {
    const { lines } = runStep(`echo "Submitted application application_17_0004"; ${end}`, { yarn });
    expect(lines).toEqual(expect.arrayContaining([said, 'TypeError: x']));
  }
  expect(runStep('echo application_17_0004', { yarn }).lines).not.toContain('TypeError: x');
});

test('a job whose time is over is ended, and its application', () => {
  const { status, lines, folder } = runStep('echo application_17_0004; exec sleep 600', {
    longest: { seconds: 1, limit: '--emr-max-instance-hours' },
    yarn: 'echo "$@" >>"$OUT/yarn"; echo "the task says"',
  });
  expect(status).toBe(124);
  expect(lines.join('\n')).toMatch(/ended after 1 s, the limit of --emr-max-instance-hours/);
  expect(readFileSync(path.join(folder, 'yarn'), 'utf8')).toContain('application -kill application_17_0004\n');
});

test('a step that is cancelled by SIGTERM ends its application', async () => {
  const { folder, tmp, script, env } = stepOf('echo application_17_0004; exec sleep 600', {
    yarn: 'echo "$@" >>"$OUT/yarn"',
  });
  const step = spawn('bash', [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  step.stdout.once('data', () => step.kill('SIGTERM'));
  expect(await once(step, 'exit')).toEqual([143, null]);
  expect(readFileSync(path.join(folder, 'yarn'), 'utf8')).toBe('application -kill application_17_0004\n');
  expect(readdirSync(tmp)).toEqual([]);
});

test('a report that is not whole has no exit code', () => {
  expect(exitCodeOfReport(['a', 'also-viewed: exit code 0', ''])).toBe(0);
  expect(exitCodeOfReport(['a'])).toBeUndefined();
  expect(exitCodeOfReport([])).toBeUndefined();
});

test('the arguments of a step are far from the 10,240 characters that EMR takes', () => {
  const { Args = [] } = scriptStep(`s3://bucket/${'x'.repeat(1024)}/pairs.sh`);
  expect(Args.join('').length).toBeLessThan(1500);
});
