import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { evaluate } from 'also-viewed';
import { expect, test } from 'vitest';
import { alsoViewed } from '../../cli/also-viewed.ts';
import { onlineRetail } from '../../real-data.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const sample = fileURLToPath(new URL('../../../sample-data/views.tsv', import.meta.url));
const methods = ['weight', 'jaccard', 'cosine', 'lift', 'llr', 'npmi', 'surprise', 'popularity', 'random'];

/** The rows of TSV by method. */
function rowsOf(tsv: string): Map<string, Record<string, number>> {
  const [head = '', ...lines] = tsv.trimEnd().split('\n');
  const names = head.split('\t');
  return new Map(
    lines.map((line) => {
      const [method = '', ...figures] = line.split('\t');
      return [method, Object.fromEntries(figures.map((figure, at) => [names[at + 1] ?? '', Number(figure)]))];
    }),
  );
}

test('the sample shop: every score foresees more than popularity and chance, the protocol stands on standard error', async () => {
  const { stdout, stderr, code } = await alsoViewed(['evaluate', sample, '--format', 'tsv', '--cutoffs', '10']);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^Split: the last new product of 20 % of the paths with several is left out, seed 1\.\n/);
  const rows = rowsOf(stdout);
  expect([...rows.keys()]).toEqual(methods);
  const hitRate = (method: string): number => rows.get(method)?.['hit_rate'] ?? Number.NaN;
  for (const score of methods.slice(0, -2)) {
    expect(hitRate(score)).toBeGreaterThan(hitRate('popularity'));
    expect(hitRate(score)).toBeGreaterThan(hitRate('random'));
  }
});

test('real views: all relations are judged, and cosine is better than chance by far', async () => {
  const { stdout, code } = await alsoViewed(['evaluate', onlineRetail, '--format', 'jsonl']);
  expect(code).toBe(0);
  const evaluation = JSON.parse(stdout);
  expect(evaluation.protocol).toMatchObject({ split: 'last', testShare: 0.2, paths: 25_900, categories: false });
  expect(evaluation.protocol.steps).toBe(evaluation.protocol.testPaths);
  expect(evaluation.methods.map(({ method }: { method: string }) => method)).toEqual(methods);
  const [, , cosine] = evaluation.methods;
  expect(cosine.figures[1]).toMatchObject({ places: 20, fullLists: expect.closeTo(0.954, 2) });
  expect(cosine.figures[1].hitRate).toBeGreaterThan(20 * evaluation.methods[8].figures[1].hitRate);
});

test('the same seed gives the same figures, in any order of the paths; another seed gives others', async () => {
  const [head, ...rows] = readFileSync(sample, 'utf8').trimEnd().split('\n');
  // The rows of a path stay in their order.
  const paths = new Map<string, string[]>();
  for (const row of rows) {
    const [id = ''] = row.split('\t');
    paths.set(id, [...(paths.get(id) ?? []), row]);
  }
  const backwards = path.join(temporaryFolder(), 'views.tsv');
  writeFileSync(backwards, [head, ...[...paths.values()].reverse().flat(), ''].join('\n'));
  const figures = async (views: string, seed: string): Promise<string> =>
    (await alsoViewed(['evaluate', views, '--seed', seed, '--format', 'csv', '--names', products])).stdout;
  const products = path.join(path.dirname(sample), 'products.tsv');
  const seven = await figures(sample, '7');
  expect(seven).toMatch(/^method,places,hit_rate,mrr,ndcg,coverage,full_lists,popularity_rank\nweight,10,0\.\d+,/);
  expect(await figures(backwards, '7')).toBe(seven);
  expect(await figures(sample, '8')).not.toBe(seven);
});

test('a split that was made elsewhere: columns by name, categories from the table of products beside it', async () => {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, 'train.tsv'), 'SessionId\tItemId\tTime\n1\ta\t2\n1\tb\t1\n2\tb\t4\n2\tc\t5\n');
  writeFileSync(path.join(cwd, 'test.tsv'), 'SessionId\tItemId\tTime\n1\ta\t12\n1\tc\t13\n1\tb\t11\n1\ta\t15\n');
  writeFileSync(path.join(cwd, 'products.tsv'), 'ItemId\tcategory\na\tX\nb\tX\n');
  const columns = ['--path-column', 'SessionId', '--product-column', 'ItemId', '--time-column', 'Time'];
  const files = ['--train', 'train.tsv', '--test', 'test.tsv'];
  const { stdout } = await alsoViewed(['evaluate', ...files, ...columns, '--format', 'jsonl'], { cwd });
  // Path 1 of the test went b, a, c, a: a and c are new to it.
  const protocol = { split: 'given', timeColumn: 'Time', steps: 2, testPaths: 1, categories: true };
  expect(JSON.parse(stdout)).toMatchObject({ protocol });
});

test('the table tells the protocol, every cut-off, and the best score', async () => {
  const { stdout, code } = await alsoViewed(['evaluate', sample, '--cutoffs', '5,3']);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^Split: .*\nRelated: 441 products over 8000 paths\.\nForeseen: \d+ views of products that are new to their path, /,
  );
  expect(stdout.indexOf('\nfirst 3 ')).toBeGreaterThan(0);
  expect(stdout.indexOf('\nfirst 5 ')).toBeGreaterThan(stdout.indexOf('\nfirst 3 '));
  expect(stdout).toMatch(/\nLargest nDCG of a score: \w+\.\n$/);
});

test.each([
  [['evaluate'], 64, /Cannot evaluate without views/],
  [['evaluate', sample, '--test-share', '100%'], 64, /Cannot test a share of 1/],
  [
    ['evaluate', '--train', sample, '--test', sample, '--test-share', '20%'],
    64,
    /--test-share does not go with --train/,
  ],
  [['evaluate', sample, '--cutoffs', '10,x'], 64, /whole number/],
  [['evaluate', sample, '--split', 'time'], 65, /no time there.*\n.*--time-column/],
  [['evaluate', '/nowhere.tsv'], 66, /does not exist/],
])('%j ends with %i and says why', async (args, exitCode, message) => {
  const { code, stdout, stderr } = await alsoViewed(args);
  expect(stderr).toMatch(message);
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
});

test('threads find the same figures', async () => {
  // 9 of the 57 million pairs, in more blocks than there are threads.
  const options = { views: onlineRetail, maxPathProducts: 60, minWeight: 2 };
  expect(await evaluate({ ...options, threads: 3 })).toEqual(await evaluate({ ...options, threads: 1 }));
});
