import { expect, test } from 'vitest';
import { parseSince } from '#dist/exporter/window.js';

test.each([
  ['30m', { seconds: 1_800 }],
  ['12h', { seconds: 43_200 }],
  ['90d', { seconds: 7_776_000 }],
  ['4w', { seconds: 2_419_200 }],
  ['36600d', { seconds: 3_162_240_000 }],
  ['2026-01-31', { dateTime: '2026-01-31 00:00:00' }],
  ['2024-02-29 06:30', { dateTime: '2024-02-29 06:30:00' }],
  ['2026-01-31T23:59:59', { dateTime: '2026-01-31 23:59:59' }],
])('%s begins a window', (since, expected) => {
  expect(parseSince(since)).toEqual(expected);
});

test.each([
  '',
  '0d',
  '-1d',
  '1.5h',
  '90',
  'd',
  '90 d',
  '1y',
  '36601d',
  '99999999999999999999d',
  '2026-02-30',
  '2026-13-01',
  '2026-01-31 24:00',
  '2026-01-31Z',
  '0001-01-01',
  "2026-01-31'; DROP TABLE t",
])('%j does not begin a window', (since) => {
  expect(() => parseSince(since)).toThrow(expect.objectContaining({ kind: 'usage' }));
});
