import { expect, test } from 'vitest';
import { formatRows, nameCells, numbersFor, plainTable, rounded } from '#dist/report/format-rows.js';

test('columns are aligned by what their cells take on a terminal', async () => {
  const rows = [
    ['a', '茶碗', '1'],
    ['👩🏽‍💻', 'cafe\u0301', '10'],
    ['b\u202e', 'x\u200by', '100'],
  ];
  expect(await plainTable(['id', 'name', 'n'], ['left', 'left', 'right'], rows)).toBe(
    [
      'id         name          n',
      'a          茶碗          1',
      '👩🏽‍💻         cafe\u0301         10',
      String.raw`b\u{202e}  x\u{200b}y  100`,
      '',
    ].join('\n'),
  );
});

test('a name from right to left does not turn its line round, and the other lines have no marks', async () => {
  const rows = [
    ['1', '1001', 'אוהל 2', '57'],
    ['2', '1002', 'Tent', '9'],
  ];
  expect(await plainTable(undefined, ['right', 'left', 'left', 'right'], rows)).toBe(
    '1 \u200e 1001 \u200e אוהל 2 \u200e 57\n2  1002  Tent     9\n',
  );
});

test('a long name is cut where its part of the line ends, and nothing else is', async () => {
  expect(await nameCells(['short', undefined, 'x'.repeat(48)], 48)).toEqual(['short', '', 'x'.repeat(48)]);
  expect(await nameCells(['x'.repeat(49), '茶'.repeat(300)], 48)).toEqual([
    `${'x'.repeat(47)}…`,
    `${'茶'.repeat(23)}…`,
  ]);
  const id = 'i'.repeat(255);
  expect(await plainTable(undefined, ['left'], [[id]])).toBe(`${id}\n`);
});

test('a score has three digits that count, and never a power of ten for a large one', () => {
  const figures = [0.042, 1.5, 999.4, 999.6, -1587.3, 0];
  expect(figures.map((figure) => rounded(figure, numbersFor(true)))).toEqual([
    '0.0420',
    '1.50',
    '999',
    '1,000',
    '-1,587',
    '0.00',
  ]);
});

test('a field of CSV is quoted when it holds what ends a field or a line for any reader', async () => {
  const rows = [
    ['a b', 'c,d', 'e"f'],
    ['g\nh', 'i\rj', 'k\r\nl'],
  ];
  expect(await formatRows(['x', 'y', 'z'], rows, 'csv')).toBe('x,y,z\na b,"c,d","e""f"\n"g\nh","i\rj","k\r\nl"\n');
});
