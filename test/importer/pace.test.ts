import type { RowDataPacket } from 'mysql2/promise';
import { beforeEach, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { paceOf } from '#dist/importer/fill-table.js';
import { pacer } from '#dist/importer/pace.js';
import { ownSchema } from '../mysql/own-schema.ts';
import { importInto, linesOf, type Relation, tableLines, tableOf } from './run-import.ts';

beforeEach(() => {
  // The clock of the pace stands still.
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

test('no more rows are begun in a second than allowed, and time that went unused is not made up for', async () => {
  const waits: number[] = [];
  const pause = async (ms: number): Promise<void> => {
    waits.push(ms);
  };
  const pace = pacer(100, defaultEffects({ pause }));
  await pace(50);
  await Promise.all([pace(200), pace(10)]);
  expect(waits).toEqual([500, 2_500]);
  vi.advanceTimersByTime(60_000);
  await pace(10);
  expect(waits).toHaveLength(2);
  await pace(10);
  expect(waits).toEqual([500, 2_500, 100]);
});

test.each([
  [{}, 5_000],
  [{ batchRows: 20_000 }, 20_000],
  [{ batchRows: 20_000, maxRowsPerSecond: 10_000 }, 10_000],
  [{ maxRowsPerSecond: 10_000 }, 5_000],
  [{ maxRowsPerSecond: 100 }, 100],
])('with %j a transaction takes as many rows as it is told to, and no more than a second may have', (options, rows) => {
  expect(paceOf(options, defaultEffects()).batchRows).toBe(rows);
});

describe.each(inject('databases').map((server) => [server.kind, server] as const))('%s', (_kind, server) => {
  const schema = ownSchema(server);
  const products = 12;
  const targets = 5;

  /** Lists of one weight each. */
  function lines(weight: number): string[] {
    return linesOf(
      Array.from(
        { length: products * targets },
        (_, at): Relation => [`${100 + Math.floor(at / targets)}`, `${200 + (at % targets)}`, weight],
      ),
    );
  }

  test('a publication of one row a second writes whole lists, and waits for each as long as its rows take', async () => {
    const table = tableOf(schema());
    await importInto(table, lines(1));
    const waits: number[] = [];
    const seen: number[] = [];
    const pause = async (ms: number): Promise<void> => {
      waits.push(ms);
      const [lists] = await schema().root.query<RowDataPacket[]>({
        sql: `SELECT COUNT(*), MIN(weight), MAX(weight) FROM ${table.table} GROUP BY source_product_id`,
        rowsAsArray: true,
      });
      for (const list of lists) {
        expect([
          [targets, 1, 1],
          [targets, 2, 2],
        ]).toContainEqual(list);
      }
      seen.push(lists.filter((list) => list[1] === 2).length);
    };
    await importInto(table, lines(2), { maxRowsPerSecond: 1 }, { pause });
    expect(waits).toEqual(Array.from({ length: products - 1 }, (_, at) => (at + 1) * targets * 1_000));
    expect(new Set(seen).size).toBeGreaterThan(2);
    expect(await tableLines(schema(), table)).toEqual(lines(2));
  });
});
