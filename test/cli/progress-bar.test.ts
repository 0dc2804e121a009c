import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { openLog } from '#dist/cli/log.js';
import { ProgressBar } from '#dist/cli/progress-bar.js';
import { temporaryFolder } from '../temporary-folder.ts';
import { alsoViewed } from './also-viewed.ts';
import { terminal } from './terminal.ts';

class Screen extends Writable {
  readonly isTTY = true;
  readonly columns = 60;
  text = '';
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** To the beginning of the line, and erase all from there. */
const erased = '\x1b[1G\x1b[0J';

/** What a killed process would leave behind: modes of the terminal (no wrapping, no cursor), a cursor that is put back somewhere. */
const modes = /\x1b(?:\[\?|[78])/;

/** The lines that were drawn, without the movements between them. */
function drawn(text: string): string[] {
  return text.split(/(?:\x1b\[\d+[A-Z])+/).filter((line) => line !== '');
}

test('the bar fits a line, a message takes it away, and behind the message it is drawn again', async () => {
  const screen = new Screen();
  const bar = new ProgressBar(screen);
  const log = await openLog({ logFormat: 'text', quiet: false, verbose: false }, screen, () => bar.hide());
  const words = 'Relating: 25 %, 10.0 million pairs a second, 5 min left';
  await bar.show(0.25, words);
  log.info('A message');
  await bar.show(0.5, 'Relating: 50 %');
  await bar.show(undefined, 'Reading: 1.0 million views');
  bar.end();
  expect(drawn(screen.text)).toEqual([
    `[#####...............] ${words}`.slice(0, 60),
    'A message\n',
    '[##########..........] Relating: 50 %',
    'Reading: 1.0 million views',
  ]);
  expect(screen.text).toContain(`${erased}A message\n`);
  expect(screen.text.endsWith(erased)).toBe(true);
  expect(screen.text).not.toMatch(modes);
});

test('a bar that is hidden before it could be drawn, or shown after the end, is not drawn', async () => {
  const screen = new Screen();
  const bar = new ProgressBar(screen);
  const shown = bar.show(0.5, 'Relating');
  bar.hide();
  await shown;
  bar.end();
  await bar.show(0.6, 'Relating');
  expect(screen.text).toBe('');
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s during a bar ends the command, and of the bar nothing stays', async (signal, code) => {
  const folder = temporaryFolder();
  const views = path.join(folder, 'views.tsv');
  // 800 million pairs take seconds, which nobody waits for.
  const products = Array.from({ length: 2000 }, (_, product) => product);
  writeFileSync(
    views,
    Array.from({ length: 200 }, (_, visit) => products.map((product) => `${visit}\t${product}\n`).join('')).join(''),
  );
  const { stderr, ...ended } = await alsoViewed(['relate', views, '--out', path.join(folder, 'relations.tsv')], {
    env: terminal,
    signal: { when: /\[#*\.*\] Relating/, send: signal },
  });
  expect({ ...ended, files: readdirSync(folder) }).toEqual({ code, stdout: '', files: ['views.tsv'] });
  expect(stderr.slice(stderr.lastIndexOf(erased))).toBe(`${erased}Error: Interrupted by ${signal}\n`);
  expect(stderr).not.toMatch(modes);
});

test.each([
  [['explain', '1', '2', '--views']],
  [['evaluate']],
  [['show', '1', '--relations', 'relations.tsv', '--views']],
  [['diff', 'relations.tsv']],
  [['report', '--relations']],
  [['import', '--target', 'relations.tsv']],
  [['export', '--out', 'views.tsv', '--source']],
])('%j shows a bar while it reads', async (args) => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'relations.tsv'), '1\t2\t3\n');
  // A pipe without an end: the bar comes, however fast the machine is.
  execFileSync('mkfifo', ['pipe'], { cwd });
  const rows = ['diff', 'report', 'import'].includes(args[0] ?? '')
    ? "seq -f $'1\\t%.0f\\t1' 2 1000000000"
    : "yes $'1\\t1'";
  const writer = spawn('bash', ['-c', `exec ${rows} > pipe`], { cwd, stdio: 'ignore' });
  const ended = once(writer, 'exit');
  const bar = /(?:Reading(?: the views| the relations)?|Comparing|Exporting): [\d,.]+ /;
  expect(
    await alsoViewed([...args, 'pipe'], { cwd, env: terminal, signal: { when: bar, send: 'SIGINT' } }),
  ).toMatchObject({
    code: 130,
    stdout: '',
    stderr: expect.stringMatching(bar),
  });
  await ended;
});

test('evaluate shows a bar while it judges the lists', async () => {
  const views = path.join(temporaryFolder(), 'views.tsv');
  // Several hundred million pairs.
  writeFileSync(views, Array.from({ length: 400_000 }, (_, at) => `${at % 200}\t${at % 1999}\n`).join(''));
  const { code, stderr } = await alsoViewed(['evaluate', views], {
    env: terminal,
    signal: { when: /\[#*\.*\] Evaluating: \d+ %/, send: 'SIGINT' },
  });
  expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringMatching(/\[#*\.*\] Evaluating: \d+ %/) });
});
