import { writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeParts } from '#dist/engine/cluster/merge-parts.js';
import { compareIntegerIds, compareTextIds } from '#dist/tsv/relation-order.js';
import { anyId, integerId } from '../../arbitraries.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

test.each([
  ['text', anyId, compareTextIds],
  ['integer', integerId, compareIntegerIds],
] as const)(
  'parts sorted by %s sources, each source in one part, become one sorted stream',
  async (order, id, compare) => {
    const folder = temporaryFolder();
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(id, { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(1, 3, 40_000),
        async (sources, parts, longest) => {
          const rows = sources
            .toSorted(compare)
            .map((source, at) =>
              Array.from({ length: 1 + ((at * 7) % longest) }, (_, target) => `${source}\t${target}\t1\n`).join(''),
            );
          const files = Array.from({ length: parts }, (_, part) => {
            const file = path.join(folder, `part-${part}`);
            writeFileSync(file, rows.filter((_, at) => (at * 5) % parts === part).join(''));
            return file;
          });
          let text = '';
          let lines = 0;
          for await (const block of mergeParts(files, order)) {
            text += block.bytes.toString();
            lines += block.lines;
          }
          expect(text === rows.join('')).toBe(true);
          expect(lines).toBe(text.split('\n').length - 1);
        },
      ),
      { numRuns: 60 },
    );
  },
);

test('a part whose last line has no end is an error, not a shorter result', async () => {
  const file = path.join(temporaryFolder(), 'part-00000');
  writeFileSync(file, 'a\tb\t1\na\tc\t1');
  await expect(mergeParts([file], 'text').next()).rejects.toThrow('its last line has no end');
});
