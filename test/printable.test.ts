import { expect, test } from 'vitest';
import { printable, titleOf } from '#dist/printable.js';

test.each([
  ['a direction', 'ab\u202ecd', String.raw`ab\u{202e}cd`],
  ['a zero-width space', 'a\u200bb', String.raw`a\u{200b}b`],
  ['a joiner that joins nothing', 'a\u200db', String.raw`a\u{200d}b`],
  ['the form of what is no emoji', '1\ufe0f', String.raw`1\u{fe0f}`],
  ['an escape sequence', '\u001b[31mred', String.raw`\u{1b}[31mred`],
  ['an end of line', 'a\nb\u2028c', String.raw`a\u{a}b\u{2028}c`],
  ['a letter without ink', 'a\u3164', String.raw`a\u{3164}`],
  ['a byte order mark', '\ufeffa', String.raw`\u{feff}a`],
])('%s is written out', (_, text, shown) => {
  expect(printable(text)).toBe(shown);
});

test.each([
  ['ASCII', String.raw`Tent 2-person "Curlew" \u{202e}`],
  ['marks and wide characters', 'Café e\u0301, 茶碗, 한국어'],
  ['an emoji of several parts', '👩🏽‍💻 ❤️ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
  ['a Persian word with its joiner', 'می‌خواهم'],
  ['words from right to left', 'אבג'],
])('%s stays as it is', (_, text) => {
  expect(printable(text)).toBe(text);
});

test('a name from right to left in a title has marks at its sides, the id has none', () => {
  expect(titleOf({ product: '1001', name: 'אוהל 2' })).toBe('1001 \u200eאוהל 2\u200e');
  expect(titleOf({ product: '1001', name: 'Tent\u202e' })).toBe(String.raw`1001 Tent\u{202e}`);
  expect(titleOf({ product: 'אב', name: undefined })).toBe('אב');
});
