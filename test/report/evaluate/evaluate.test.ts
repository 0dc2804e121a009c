import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Evaluation, evaluate, type Figures, type MethodName } from 'also-viewed';
import { describe, expect, test } from 'vitest';
import type { Effects } from '#dist/effects.js';
import { rowsFile, viewsFile } from './views-file.ts';

function figuresOf({ methods }: Evaluation, name: MethodName): readonly Figures[] {
  return methods.find(({ method }) => method === name)?.figures ?? [];
}

const close = (figures: Partial<Figures>): object =>
  Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, expect.closeTo(figure ?? Number.NaN, 9)]));

/**
 * Related:                                  Foreseen:
 *
 *     1: a b c    paths with a: 3           11: a b d a    a→b, b→d; d→a is not new to the path
 *     2: a b                 b: 3           12: c a        c→a
 *     3: a c                 c: 2           13: e a        e→a; nobody viewed e, so that it has no list
 *     4: b d                 d: 1           14: a z        a→z; nobody viewed z, so that no list has it
 *                       in all: 4           15: b b        no step
 *
 * By popularity the products are a, b (as many paths, then by id), c, d. There are 5 steps, and 4 products that could have a list.
 */
const train = ['1: a b c', '2: a b', '3: a c', '4: b d'];
const tested = ['11: a b d a', '12: c a', '13: e a', '14: a z', '15: b b'];

async function tiny(): Promise<Evaluation> {
  const names = path.join(path.dirname(viewsFile('1: a')), 'products.tsv');
  writeFileSync(names, 'product_id\tname\tcategory\na\t\tX\nb\t\tX\nc\t\tY\nd\t\tY\ne\t\tX\n');
  return await evaluate({ train: viewsFile(...train), test: viewsFile(...tested), cutoffs: [3, 1], names });
}

describe('a split of four paths and five, by hand', () => {
  test('the protocol tells what was related and what is foreseen', async () => {
    expect((await tiny()).protocol).toEqual({
      split: 'given',
      seed: 1,
      targets: 'novel',
      minWeight: 1,
      paths: 4,
      products: 4,
      leftOutPaths: 0,
      testPaths: 4,
      steps: 5,
      unknownSources: 1,
      unknownTargets: 1,
      categories: true,
    });
  });

  /*
   * Weights: ab 2, ac 2, bc 1, bd 1. Lists: a: b c (a tie, by id), b: a c d (c and d likewise), c: a b, d: b.
   * Places of the targets: a→b 1, b→d 3, c→a 1, e→a none, a→z none.
   * First place: 2 hits of 5. Shown are b, a, a, b: 2 of 4 products, of popularity ranks 2, 1, 1, 2. Each of 4 lists has 1 place.
   * First three: 3 hits; reciprocal ranks 1 + 1/3 + 1; gains 1 + 1/log2(4) + 1 = 2.5. Shown are all 4 products; b's list alone has 3 places;
   * popularity ranks of a's list 2 + 3, of b's 1 + 3 + 4, of c's 1 + 2, of d's 2: 18 over 8 places.
   */
  test('the lists by weight', async () => {
    const [first, three] = figuresOf(await tiny(), 'weight');
    expect(first).toMatchObject({
      places: 1,
      ...Object(close({ hitRate: 0.4, mrr: 0.4, ndcg: 0.4, coverage: 0.5, fullLists: 1, popularityRank: 1.5 })),
    });
    expect(three).toMatchObject({
      places: 3,
      ...Object(close({ hitRate: 0.6, mrr: 7 / 15, ndcg: 0.5, coverage: 1, fullLists: 0.25, popularityRank: 18 / 8 })),
    });
  });

  /*
   * Jaccard: ab 2/4, ac 2/3, bc 1/4, bd 1/3. Lists: a: c b, b: a d c, c: a b, d: b.
   * Places of the targets: a→b 2, b→d 2, c→a 1.
   * First place: 1 hit of 5. Shown are c, a, a, b: 3 of 4, of popularity ranks 3, 1, 1, 2.
   * First three: 3 hits; reciprocal ranks 1/2 + 1/2 + 1; gains 2/log2(3) + 1. Shown is what the weight shows.
   */
  test('the lists by a score', async () => {
    const [first, three] = figuresOf(await tiny(), 'jaccard');
    expect(first).toMatchObject(
      Object(close({ hitRate: 0.2, mrr: 0.2, ndcg: 0.2, coverage: 0.75, fullLists: 1, popularityRank: 7 / 4 })),
    );
    const ndcg = (2 / Math.log2(3) + 1) / 5;
    expect(three).toMatchObject(
      Object(close({ hitRate: 0.6, mrr: 0.4, ndcg, coverage: 1, fullLists: 0.25, popularityRank: 18 / 8 })),
    );
  });

  test('a score without support for any of them orders by weight', async () => {
    const evaluation = await tiny();
    expect(figuresOf(evaluation, 'lift')).toEqual(figuresOf(evaluation, 'weight'));
  });

  /*
   * Lists: a: b c d, b: a c d, c: a b d, d: a b c, and e, which nobody viewed: a b c.
   * Places of the targets: a→b 1, b→d 3, c→a 1, e→a 1, a→z none.
   * First place: 3 hits. Shown, to those that were viewed: b, a, a, a: 2 of 4, of ranks 2, 1, 1, 1.
   * First three: 4 hits; reciprocal ranks 3 + 1/3; gains 3 + 1/2; ranks 9 + 8 + 7 + 6 over 12 places.
   */
  test('the most popular products', async () => {
    const [first, three] = figuresOf(await tiny(), 'popularity');
    expect(first).toMatchObject(
      Object(close({ hitRate: 0.6, mrr: 0.6, ndcg: 0.6, coverage: 0.5, fullLists: 1, popularityRank: 5 / 4 })),
    );
    expect(three).toMatchObject(
      Object(close({ hitRate: 0.8, mrr: 2 / 3, ndcg: 0.7, coverage: 1, fullLists: 1, popularityRank: 30 / 12 })),
    );
  });

  // Each category has two products: the list of a is b, of b a, of c d, of d c. That of e is a and b, in any order. Hits: a→b, e→a.
  test('random products of the same category', async () => {
    const [first, three] = figuresOf(await tiny(), 'random');
    expect(first).toMatchObject(Object({ coverage: 1, fullLists: 1, popularityRank: 2.5 }));
    expect(three).toMatchObject(Object({ hitRate: 0.4, coverage: 1, fullLists: 0, popularityRank: 2.5 }));
  });

  // With d→a and b→b there are 7 steps, and the list of d has no a, that of b no b: 3 hits as before.
  test('all views as targets', async () => {
    const files = { train: viewsFile(...train), test: viewsFile(...tested) };
    const evaluation = await evaluate({ ...files, targets: 'all', cutoffs: [3] });
    expect(evaluation.protocol).toMatchObject({ steps: 7, testPaths: 5 });
    expect(figuresOf(evaluation, 'weight')[0]?.hitRate).toBeCloseTo(3 / 7, 9);
  });

  /*
   * Association rules count views. Of path 1, a b a: a→b 2, a→a 2, b→a 2; of path 2, a c: a→c 1; of path 3, c b b: c→b 2, b→b 2, b→c 2.
   * Lists: a: a b c (a and b by id), b: a b c, c: b a. Steps: a→a 1, a→b 2, b→b 2; of those by weight a→b 1 (a: b c) alone. Path 4 is left out.
   */
  test('all views as targets, by the rules of benchmarks', async () => {
    const files = { train: viewsFile('1: a b a', '2: a c', '3: c b b', '4: a b c b'), test: viewsFile('9: a a b b') };
    const evaluation = await evaluate({ ...files, targets: 'all', cutoffs: [2], maxPathProducts: 2 });
    expect(figuresOf(evaluation, 'rules')[0]).toMatchObject(close({ hitRate: 1, mrr: 2 / 3 }));
    expect(figuresOf(evaluation, 'weight')[0]).toMatchObject(close({ hitRate: 1 / 3, mrr: 1 / 3 }));
    expect(figuresOf(await evaluate(files), 'rules')).toEqual([]);
  });

  // Without the relations of one path: a: b c, b: a, c: a, d has none. b→d is lost, and one list of 4 has two places.
  test('relations below the least weight', async () => {
    const files = { train: viewsFile(...train), test: viewsFile(...tested) };
    const evaluation = await evaluate({ ...files, minWeight: 2, cutoffs: [2] });
    expect(figuresOf(evaluation, 'weight')[0]).toMatchObject({ hitRate: 0.4, fullLists: 0.25, coverage: 0.75 });
  });

  // Path 1 does not count: a: b c of 1 path each, as many for b: a d; nobody is left who viewed b and c.
  test('paths that are left out', async () => {
    const files = { train: viewsFile(...train), test: viewsFile(...tested) };
    const evaluation = await evaluate({ ...files, maxPathProducts: 2, cutoffs: [2] });
    expect(evaluation.protocol).toMatchObject({ paths: 3, leftOutPaths: 1 });
    expect(figuresOf(evaluation, 'weight')[0]).toMatchObject({ hitRate: 0.6, fullLists: 0.5 });
  });
});

/** A log, and what is said in it. */
function noted(): { log: Effects['log']; said: string[] } {
  const said: string[] = [];
  const note = (message: string): void => void said.push(message);
  return { log: { debug: () => {}, info: note, warn: note, error: note }, said };
}

describe('views with a time', () => {
  // Paths end at 20, 30, 40, 50 and 60; the latest two of five are tested. Path 5 went a→c→b, whatever the order of its rows.
  const rows = ['5\tb\t60', '1\ta\t10', '1\tb\t20', '5\ta\t45', '2\ta\t5', '2\tb\t30', '3\tb\t40', '3\tc\t39'];
  const file = (...more: string[]): string =>
    rowsFile('path_id\tproduct_id\tviewed_at', [...rows, '4\tc\t50', '4\ta\t25', '5\tc\t50', ...more]);

  test('are split at a time: what ends later is foreseen, in the order of time', async () => {
    const evaluation = await evaluate({ views: file(), testShare: 0.4, cutoffs: [1] });
    expect(evaluation.protocol).toMatchObject({
      split: 'time',
      timeColumn: 'viewed_at',
      cut: '50',
      paths: 3,
      testPaths: 2,
      steps: 3,
    });
    // Lists: a: b, b: a, c: b. Steps: a→c in path 4; a→c and c→b in path 5.
    expect(figuresOf(evaluation, 'weight')[0]?.hitRate).toBeCloseTo(1 / 3, 9);
  });

  test('may be dates, in UTC where they name no zone, and stand in any column', async () => {
    const dates = [
      '2026-01-01 00:00:00.5\t1\ta',
      '2026-01-01T01:00:00\t1\tb',
      '2026-01-01T02:30:00+02:00\t2\ta',
      '2026-01-01\t2\tb',
    ];
    const views = rowsFile('seen\tpath_id\tproduct_id', dates);
    // Path 2 ended at 00:30, and went b→a.
    const evaluation = await evaluate({ views, timeColumn: 'seen', testShare: 0.5 });
    expect(evaluation.protocol).toMatchObject({ timeColumn: 'seen', cut: '2026-01-01T01:00:00.000Z', steps: 1 });
  });

  test('of the same time stay in the order of their rows', async () => {
    const same = ['1\ta\t1', '1\tb\t1', '1\tc\t1', '2\tb\t2', '2\ta\t2', '2\tc\t2'];
    const evaluation = await evaluate({ views: rowsFile('path_id\tproduct_id\tviewed_at', same), testShare: 0.5 });
    // Steps b→a and a→c; every list is of two, by id.
    expect(figuresOf(evaluation, 'weight')[0]).toMatchObject({ hitRate: 1, mrr: 0.75 });
  });

  test('are read from CSV too', async () => {
    const folder = path.dirname(viewsFile('1: a'));
    const views = path.join(folder, 'views.csv');
    writeFileSync(views, 'viewed_at,product_id,path_id\n"10",a,1\n20,b,1\n30,b,2\n25,a,2\n');
    const { protocol } = await evaluate({ views, testShare: 0.5 });
    expect(protocol).toMatchObject({ split: 'time', cut: '30', steps: 1 });
  });

  test.each([
    [
      'path_id\tproduct_id\tevent_time',
      'event_time',
      ['1\ta\t2026-01-01 10:00:00 UTC', '1\tb\t2026-01-01 11:00:00 UTC'],
    ],
    ['product_id\tpath_id\tTimestamp', 'Timestamp', ['a\t1\t1438969904567', 'b\t1\t1438969904568']],
  ])('are found by a common name of their column, which is said: %s', async (header, timeColumn, rows) => {
    const later = rows.map((row) => row.replace('1\t', '2\t').replace('2026-01-01', '2026-01-02'));
    const views = rowsFile(header, [...rows, ...later.map((row) => row.replace('1438969904', '1438969905'))]);
    const { log, said } = noted();
    const { protocol } = await evaluate({ views, testShare: 0.5 }, { log });
    expect(protocol).toMatchObject({ split: 'time', timeColumn, steps: 1 });
    expect(said).toContain(`${views}: the time is the column ${timeColumn}, by its name; --time-column names another`);
  });

  test('are split as RetailRocket has them', async () => {
    const views = path.join(path.dirname(viewsFile('1: a')), 'events.csv');
    const rows = ['3,1,view,a,', '4,1,view,b,', '9,2,view,a,', '8,2,view,b,7'];
    writeFileSync(views, ['timestamp,visitorid,event,itemid,transactionid', ...rows, ''].join('\n'));
    const { protocol } = await evaluate({ views, testShare: 0.5 });
    expect(protocol).toMatchObject({ split: 'time', timeColumn: 'timestamp', cut: '9', steps: 1 });
  });

  test.each(['InvoiceDate', 'viewed_at'])(
    'that nobody can read, in a column %s that nobody named, leave the rows in their order',
    async (column) => {
      const rows = ['1\ta\t12/1/2010 8:26', '1\tb\t12/1/2010 8:28', '2\ta\t12/1/2010 9:26', '2\tb\t12/1/2010 9:26'];
      const views = rowsFile(`InvoiceNo\tStockCode\t${column}`, rows);
      const { log, said } = noted();
      const { protocol } = await evaluate({ views, testShare: 0.5 }, { log });
      expect(protocol).toMatchObject({ split: 'last', timeColumn: undefined });
      expect(said).toContain(
        `The column ${column} holds no time that can be read, the first is product a in path 1: "12/1/2010 8:26": the views of a path are taken in the order of their rows`,
      );
      await expect(evaluate({ views, timeColumn: column })).rejects.toMatchObject({ kind: 'badData' });
      // As the refusal says.
      const last = await evaluate({ views, timeColumn: column, split: 'last', testShare: 0.5 });
      expect(last.protocol).toMatchObject({ split: 'last', timeColumn: undefined });
    },
  );

  test('in a column that was misspelt are refused, with the nearest', async () => {
    const views = rowsFile('path_id\tproduct_id\ttimestamp', ['1\ta\t1']);
    await expect(evaluate({ views, timeColumn: 'timestmp' })).rejects.toMatchObject({
      kind: 'badData',
      message: `Cannot read ${views}: its columns are path_id, product_id, timestamp, not timestmp`,
      remedy: 'Name the column of the time with --time-column. Did you mean timestamp?',
    });
  });

  test.each([
    ['5\td\t', 'product d in path 5: ""'],
    ['5\td\tNULL', 'product d in path 5: "NULL"'],
    ['5\td\tyesterday', 'product d in path 5: "yesterday"'],
    ['5\td\t2026-01-01', 'product d in path 5: "2026-01-01"'],
    ['5\td\t2026-02-45 10:00', 'product d in path 5: "2026-02-45 10:00"'],
  ])('are refused when one of them has none that can be read: %j', async (row, place) => {
    await expect(evaluate({ views: file(row) })).rejects.toMatchObject({
      kind: 'badData',
      message: `Cannot order the views by the column viewed_at: 1 of 12 have no time there, the first is ${place}`,
    });
  });

  test('are refused when a file of them has none', async () => {
    await expect(evaluate({ views: [file(), viewsFile('9: a b')] })).rejects.toMatchObject({
      kind: 'badData',
      message: expect.stringContaining('2 of 13 have no time there, the first is product a in path 9'),
    });
  });

  test('are refused when all paths end at once', async () => {
    const views = rowsFile('path_id\tproduct_id\tviewed_at', ['1\ta\t1', '1\tb\t1', '2\ta\t1', '2\tb\t1']);
    await expect(evaluate({ views })).rejects.toMatchObject({ kind: 'badData' });
  });
});

describe('the last new product of some paths is left out', () => {
  // Of path 1 that is c, between two views of a; what is related of it is a b a, beside path 2. The other paths have no second product.
  test('with all its views in the path, and foreseen from the view before the first', async () => {
    const views = viewsFile('1: a b a c b c', '3: a', '4: b');
    const evaluation = await evaluate({ views, testShare: 0.5, cutoffs: [2] });
    expect(evaluation.protocol).toMatchObject({ split: 'last', steps: 1, testPaths: 1, paths: 3, products: 2 });
    expect(evaluation.protocol).toMatchObject({ unknownTargets: 1, unknownSources: 0, cut: undefined });
  });

  test('of views with a time too, when that is asked for', async () => {
    const views = rowsFile('path_id\tproduct_id\tviewed_at', ['1\tc\t3', '1\ta\t1', '1\tb\t2', '2\ta\t1', '2\tc\t1']);
    const { protocol } = await evaluate({ views, split: 'last', testShare: 0.9 });
    expect(protocol).toMatchObject({ split: 'last', timeColumn: 'viewed_at', steps: 2, paths: 2, products: 2 });
  });
});
