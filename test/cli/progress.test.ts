import { silentLog } from 'also-viewed';
import { expect, test } from 'vitest';
import { showProgress } from '#dist/cli/progress.js';
import { numbersFor } from '#dist/report/format-rows.js';

const plain = { logFormat: 'text', quiet: false, verbose: false } as const;

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

/** A bar that writes down what it is told. */
function recordingBar() {
  const told: unknown[] = [];
  return {
    told,
    show: async (share: number | undefined, words: string) => void told.push([share, words]),
    hide: () => void told.push('hidden'),
  };
}

const pairs = (done: number) => ({ stage: 'Relating', done: done * 1e6, total: 400e6, unit: 'pairs' }) as const;

test('without a terminal there is a line now and then, with share, rate and time left', () => {
  const said: [string, object | undefined][] = [];
  const { now, at } = clock();
  const log = { ...silentLog, info: (message: string, fields?: object) => void said.push([message, fields]) };
  const show = showProgress(plain, log, undefined, now, String);
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

test('on a terminal there is a bar, drawn a few times a second and hidden at the end of a stage', () => {
  const bar = recordingBar();
  const { now, at } = clock();
  const show = showProgress(plain, silentLog, bar, now, numbersFor(true));
  show(pairs(0));
  for (const seconds of [0.1, 0.2, 0.3, 0.4]) {
    at(seconds);
    show(pairs(100 * seconds));
  }
  show(pairs(400));
  at(1.4);
  show({ stage: 'Reading', done: 1e6, total: undefined, unit: 'views' });
  expect(bar.told).toEqual([
    [0.05, 'Relating: 5 %, 100.0 million pairs a second, 4 s left'],
    [0.1, 'Relating: 10 %, 100.0 million pairs a second, 4 s left'],
    'hidden',
    [undefined, 'Reading: 1.0 million views'],
  ]);
});

test('a stage that is first heard of in its middle has no rate at first, and then that of what was done since', () => {
  const bar = recordingBar();
  const { now, at } = clock();
  const show = showProgress(plain, silentLog, bar, now, numbersFor(true));
  show({ stage: 'Reading', done: 0, total: undefined, unit: 'views' });
  at(1);
  show(pairs(100));
  at(2);
  show(pairs(150));
  expect(bar.told).toEqual([
    [0.25, 'Relating: 25 %'],
    [0.375, 'Relating: 37 %, 50.0 million pairs a second, 5 s left'],
  ]);
});

test('counts below a million are written out, and a stage that begins again has a rate of its own', () => {
  const bar = recordingBar();
  const { now, at } = clock();
  const show = showProgress(plain, silentLog, bar, now, numbersFor(true));
  const checking = (done: number, total?: number) =>
    show({ stage: 'Checking', done, total, unit: 'relations' } as const);
  checking(0);
  at(2);
  checking(25_000);
  checking(25_000, 25_000);
  at(10);
  checking(0, 9_000);
  at(11);
  checking(3_000, 9_000);
  expect(bar.told).toEqual([
    [undefined, 'Checking: 25,000 relations, 12,500 relations a second'],
    'hidden',
    [0, 'Checking: 9,000 relations'],
    [1 / 3, 'Checking: 33 %, 3,000 relations a second, 2 s left'],
  ]);
});

test('a stage that tells nothing until it is done is shown from its beginning, unless all of it was short so far', () => {
  const bar = recordingBar();
  const { now, at } = clock();
  const show = showProgress(plain, silentLog, bar, now, numbersFor(true));
  const step = (stage: string, done: number) => show({ stage, done, total: 5e6, unit: 'views' });
  step('Reading', 0);
  step('Reading', 5e6);
  at(0.1);
  step('Ordering', 0);
  at(0.3);
  step('Ordering', 5e6);
  step('Sorting', 0);
  expect(bar.told).toEqual(['hidden', 'hidden', [0, 'Sorting: 5.0 million views']]);
});

test('JSON lines are written for a terminal too, and --quiet says nothing', () => {
  for (const [options, lines] of [
    [{ ...plain, logFormat: 'json' as const }, 1],
    [{ ...plain, quiet: true }, 0],
  ] as const) {
    const bar = recordingBar();
    const said: string[] = [];
    const { now, at } = clock();
    const show = showProgress(options, { ...silentLog, info: (message) => void said.push(message) }, bar, now, String);
    show(pairs(0));
    at(31);
    show(pairs(100));
    expect({ told: bar.told, lines: said.length }).toEqual({ told: [], lines });
  }
});
