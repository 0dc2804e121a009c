import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IdOrder } from '#dist/relation/id-order.js';
import { mergeParts, type RelationsPart } from '#dist/tsv/merge-parts.js';
import { compareIntegerIds, compareTextIds } from '#dist/tsv/relation-order.js';
import { anyId, escaped, integerId } from '../arbitraries.ts';

/** A part of these lines, read in chunks of so many bytes. */
function partOf(lines: readonly string[], chunkBytes: number, name = 'part'): RelationsPart {
  async function* chunks(): AsyncGenerator<Buffer> {
    const bytes = Buffer.from(lines.join(''));
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      yield bytes.subarray(at, at + chunkBytes);
    }
  }
  return { name, chunks: chunks() };
}

async function merged(parts: readonly RelationsPart[], order: IdOrder): Promise<{ text: string; lines: number }> {
  let text = '';
  let lines = 0;
  for await (const block of mergeParts(parts, order)) {
    text += block.bytes.toString();
    lines += block.lines;
  }
  return { text, lines };
}

const orders = [
  ['text', anyId, compareTextIds],
  ['integer', integerId, compareIntegerIds],
] as const;

test.each(orders)(
  'parts sorted by %s ids become one sorted stream, however the lines are dealt to them',
  async (order, id, compare) => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(id, { maxLength: 12 }),
        fc.constantFrom<[longest: number, chunkBytes: number]>([1, 1], [3, 5], [30, 64], [3_000, 1 << 12]),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('lists', 'ranges', 'lines'),
        async (ids, [longest, chunkBytes], count, dealt) => {
          const lists = ids
            .toSorted(compare)
            .map((source, at) =>
              Array.from(
                { length: 1 + ((at * 7919) % longest) },
                (_, target) => `${escaped(source)}\t${1_000_000 + target}\t1\n`,
              ),
            );
          const lines = lists.flat();
          const partAt = (list: number, line: number): number =>
            ({ lists: list * 5, ranges: Math.floor((line * count) / lines.length), lines: line * 7 })[dealt];
          const parts = Array.from({ length: count }, (): string[] => []);
          let line = 0;
          for (const [list, rows] of lists.entries()) {
            for (const row of rows) {
              parts[partAt(list, line++) % count]?.push(row);
            }
          }
          const { text, lines: found } = await merged(
            parts.map((part) => partOf(part, chunkBytes)),
            order,
          );
          expect(text === lines.join('')).toBe(true);
          expect(found).toBe(lines.length);
        },
      ),
      { numRuns: 60 },
    );
  },
);

test('a part whose last line has no end is an error, not a shorter result', async () => {
  for (const rest of ['a\tc\t1', 'a', 'b']) {
    await expect(merged([partOf(['a\tb\t1\n', rest], 9, 'part-00000')], 'text')).rejects.toMatchObject({
      kind: 'badData',
      message: 'Cannot merge part-00000: its last line has no end',
    });
  }
});

test('a relation that two parts have is an error that names both', async () => {
  const parts = [
    partOf(['a\tb\t1\n', 'a\td\t1\n'], 9, 'one'),
    partOf(['a\tc\t1\n'], 9, 'two'),
    partOf(['a\tc\t2\n', 'b\ta\t1\n'], 9, 'three'),
  ];
  await expect(merged(parts, 'text')).rejects.toMatchObject({
    kind: 'badData',
    message: 'Cannot merge two and three: both have the relation of a to c',
  });
});
