import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changeBatches } from '#dist/importer/change-batches.js';
import { anyId, escaped } from '../arbitraries.ts';

interface Line {
  readonly op: string;
  readonly source: string;
  readonly target: string;
  readonly weight: number;
}

test('changes come back in whole lists, wherever the file is cut', async () => {
  const weight = fc.integer({ min: 1, max: 2 ** 40 });
  const list = fc.tuple(anyId, fc.array(fc.tuple(fc.constantFrom('+', '~', '-'), anyId, weight), { minLength: 1 }));
  const lists = fc.uniqueArray(list, { selector: ([source]) => source });
  await fc.assert(
    fc.asyncProperty(
      lists,
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 60 }),
      async (all, rows, size) => {
        const changes = all.flatMap(([source, row]) =>
          row.map(([op, target, after]) => ({
            op,
            source: escaped(source),
            target: escaped(target),
            weight: op === '-' ? 0 : after,
          })),
        );
        const bytes = Buffer.from(
          changes
            .map(({ op, source, target, weight: after }) =>
              [op, source, target, op === '+' ? '' : 7, op === '-' ? '' : after].join('\t').concat('\n'),
            )
            .join(''),
        );
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        );
        const batches: Line[][] = [];
        for await (const { ops, rows: each } of changeBatches(Readable.from(chunks), rows)) {
          batches.push(
            Array.from({ length: each.length }, (_, at) => ({
              op: String.fromCharCode(ops[at] ?? 0),
              source: each.source(at),
              target: each.target(at),
              weight: each.weights[at] ?? 0,
            })),
          );
        }
        expect(batches.flat()).toEqual(changes);
        for (const [nr, batch] of batches.entries()) {
          const next = batches[nr + 1];
          // No list is cut, and no batch goes on for longer than it has to.
          expect(next === undefined || next[0]?.source !== batch.at(-1)?.source).toBe(true);
          expect(next === undefined || batch.length >= rows).toBe(true);
          const last = batch.findIndex(({ source }) => source === batch.at(-1)?.source);
          expect(last).toBeLessThan(rows);
        }
      },
    ),
  );
});
