import { Writable } from 'node:stream';
import { silentLog } from 'also-viewed';
import { expect, test } from 'vitest';
import { openLog } from '#dist/cli/log.js';
import { showProgress } from '#dist/cli/progress.js';

const plain = { logFormat: 'text', quiet: false, verbose: false } as const;

class Screen extends Writable {
  readonly isTTY = true;
  readonly columns: number = 60;
  text = '';
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** A clock that is moved by hand, in seconds. */
function clock(): { now: () => Date; at: (seconds: number) => void } {
  let seconds = 0;
  return {
    now: () => new Date(1000 * seconds),
    at: (given) => {
      seconds = given;
    },
  };
}

const ignore = (): void => {};
const pairs = (done: number) => ({ stage: 'Relating', done: done * 1e6, total: 400e6, unit: 'pairs' }) as const;

test('without a terminal there is a line now and then, with share, rate and time left', () => {
  const said: [string, object | undefined][] = [];
  const { now, at } = clock();
  const log = { ...silentLog, info: (message: string, fields?: object) => void said.push([message, fields]) };
  const show = showProgress(plain, log, new Writable(), now, ignore);
  show({ stage: 'Reading', done: 0, total: undefined, unit: 'views' });
  at(40);
  show({ stage: 'Reading', done: 80e6, total: undefined, unit: 'views' });
  show(pairs(0));
  for (const seconds of [41, 50, 69, 70, 99, 100, 101]) {
    at(seconds);
    show(pairs(2 * (seconds - 40)));
  }
  expect(said).toEqual([
    ['Reading: 80.0 million views, 2.0 million views a second', expect.objectContaining({ done: 80e6, rate: 2e6 })],
    [
      'Relating: 15 %, 2.0 million pairs a second, 2 min left',
      { stage: 'Relating', done: 60e6, total: 400e6, unit: 'pairs', rate: 2e6, secondsLeft: 170 },
    ],
    ['Relating: 30 %, 2.0 million pairs a second, 2 min left', expect.objectContaining({ secondsLeft: 140 })],
  ]);
});

test('on a terminal there is a bar that fits a line, which messages, the end of the stage and of the process take away', async () => {
  const screen = new Screen();
  const { now, at } = clock();
  const ends: (() => void)[] = [];
  const log = await openLog(plain, screen);
  const show = showProgress(plain, log, screen, now, (end) => ends.push(end));
  show(pairs(0));
  at(10);
  show(pairs(100));
  log.info('A message');
  show(pairs(400));
  for (const end of ends) {
    end();
  }
  expect(screen.text.split('\r\x1b[K')).toEqual([
    '',
    '[#####...............] Relating: 25 %, 10.0 million pairs a',
    'A message\n',
    '',
    '',
  ]);
});

test('JSON lines are written for a terminal too, and --quiet says nothing', () => {
  for (const [options, lines] of [
    [{ ...plain, logFormat: 'json' as const }, 1],
    [{ ...plain, quiet: true }, 0],
  ] as const) {
    const screen = new Screen();
    const said: string[] = [];
    const { now, at } = clock();
    const show = showProgress(
      options,
      { ...silentLog, info: (message) => void said.push(message) },
      screen,
      now,
      ignore,
    );
    show(pairs(0));
    at(31);
    show(pairs(100));
    expect({ text: screen.text, lines: said.length }).toEqual({ text: '', lines });
  }
});
