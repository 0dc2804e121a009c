import { createReadStream, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Related, type RelateOptions, relate } from 'also-viewed';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyId, escaped, integerId, views } from '../arbitraries.ts';
import { bruteForce, relationLines } from '../brute-force.ts';
import { alsoViewed } from '../cli/also-viewed.ts';
import { onlineRetail, onlineRetailSha256 } from '../real-data.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const tsv = (rows: readonly (readonly [string, string])[]): string =>
  rows.map(([path, product]) => `${escaped(path)}\t${escaped(product)}\n`).join('');

async function relateText(text: string, options: RelateOptions = {}): Promise<Related & { text: string }> {
  const folder = temporaryFolder();
  const file = path.join(folder, 'views.tsv');
  const out = path.join(folder, 'relations.tsv');
  writeFileSync(file, text);
  const related = await relate(file, { out, ...options });
  return { ...related, text: readFileSync(out, 'utf8') };
}

describe.each([
  ['text', anyId],
  ['integer', integerId],
] as const)('for random views with %s ids', (_, id) => {
  test('the relations are those of the definition, symmetric, and add up to the pairs of the paths', async () => {
    await fc.assert(
      fc.asyncProperty(views(id), async (rows) => {
        const expected = bruteForce(rows);
        const related = await relateText(tsv(rows));
        expect(related.text).toBe(relationLines(expected));
        expect(related.weight).toBe(expected.reduce((sum, [, , weight]) => sum + weight, 0));
        expect(related.views).toBe(new Set(rows.map((row) => row.join('\t'))).size);
        const mirrored = new Set(expected.map(([source, target, weight]) => `${target}\t${source}\t${weight}`));
        expect(expected.every((relation) => mirrored.has(relation.join('\t')))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('the order of the rows and repeated rows do not matter', async () => {
    await fc.assert(
      fc.asyncProperty(
        views(id).chain((rows) =>
          fc.tuple(fc.constant(rows), fc.shuffledSubarray([...rows, ...rows], { minLength: 2 * rows.length })),
        ),
        async ([rows, shuffled]) => {
          expect((await relateText(tsv(shuffled))).artefact.sha256).toBe((await relateText(tsv(rows))).artefact.sha256);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('--top, --min-weight, --products and --max-path-products cut what the full answer holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        views(id),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 6 }),
        async (rows, top, minWeight, maxPathProducts) => {
          const catalogue = [...new Set(rows.map(([, product]) => product))].filter((_, at) => at % 3 !== 0);
          const folder = temporaryFolder();
          const products = path.join(folder, 'products.tsv');
          writeFileSync(products, `product_id\n${catalogue.map((product) => `${escaped(product)}\n`).join('')}`);
          const length = (path: string): number =>
            new Set(rows.filter(([other]) => other === path).map(([, product]) => product)).size;
          const expected = bruteForceInOrderOf(
            rows,
            rows.filter(([path]) => length(path) <= maxPathProducts),
          ).filter(([, target, weight]) => catalogue.includes(target) && weight >= minWeight);
          const kept = [...new Set(expected.map(([source]) => source))].flatMap((source) => {
            const list = expected.filter((relation) => relation[0] === source);
            const head = new Set(
              list.toSorted((a, b) => b[2] - a[2] || list.indexOf(a) - list.indexOf(b)).slice(0, top),
            );
            return list.filter((relation) => head.has(relation));
          });
          const related = await relateText(tsv(rows), { top, minWeight, maxPathProducts, products });
          expect(related.text).toBe(relationLines(kept));
          const paths = [...new Set(rows.map(([path]) => path))].map(length);
          expect(related.leftOut.paths).toBe(paths.filter((n) => n > maxPathProducts).length);
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** The relations of some of the rows, in the order that the ids of all rows have. */
function bruteForceInOrderOf(
  all: readonly [string, string][],
  rows: readonly [string, string][],
): [string, string, number][] {
  const products = [...new Set(all.map(([, product]) => product))];
  return bruteForce([...rows, ...products.map((product, at): [string, string] => [`alone ${at}`, product])]);
}

describe('real data', () => {
  const expected = { paths: 25_900, products: 4_070, views: 531_225, relations: 7_503_152, weight: 57_145_672 };

  test.each([1, 2, 5])('online_retail gives the known relations with %i threads', async (threads) => {
    const related = await relate(onlineRetail, { out: path.join(temporaryFolder(), 'r.tsv'), threads });
    expect(related).toMatchObject({ ...expected, order: 'text', rejected: 0 });
    expect(related.artefact.sha256).toBe(onlineRetailSha256);
  });

  test('shuffled, doubled and split into 40 files, some packed, it gives the same bytes', async () => {
    const folder = temporaryFolder();
    const [header, ...lines] = gunzipSync(readFileSync(onlineRetail)).toString('latin1').trimEnd().split('\n');
    const parts = Array.from({ length: 40 }, (): string[] => [header ?? '']);
    let state = 1;
    for (const line of [...lines, ...lines]) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      parts[(state >>> 8) % 40]?.push(line);
    }
    mkdirSync(path.join(folder, 'views'));
    parts.forEach((part, at) => {
      const text = Buffer.from(`${part.reverse().slice(0, -1).join('\n')}\n`, 'latin1');
      writeFileSync(path.join(folder, 'views', `${at}.tsv${at % 2 ? '.gz' : ''}`), at % 2 ? gzipSync(text) : text);
    });
    expect(readdirSync(path.join(folder, 'views'))).toHaveLength(40);
    const related = await relate(path.join(folder, 'views'), { out: path.join(folder, 'r.tsv.gz') });
    expect(related).toMatchObject({ ...expected, files: 40, rows: 2 * 541_909 });
    expect(related.artefact.sha256).toBe(onlineRetailSha256);
  });
});

describe('input', () => {
  test('many files, folders and globs are one input, and so is standard input', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'a.tsv'), '1\tA\n2\tA\n');
    writeFileSync(path.join(folder, 'b.tsv'), '1\tB\n');
    mkdirSync(path.join(folder, 'more'));
    writeFileSync(path.join(folder, 'more', 'c.csv'), 'product_id,path_id\n"B",2\n"A, large",1\n');
    writeFileSync(path.join(folder, 'more', '_SUCCESS'), '');
    const out = path.join(folder, 'out.tsv');
    const related = await relate([path.join(folder, '?.tsv'), path.join(folder, 'more')], { out });
    expect(related.files).toBe(3);
    expect(readFileSync(out, 'utf8')).toBe(
      'A\tA, large\t1\nA\tB\t2\nA, large\tA\t1\nA, large\tB\t1\nB\tA\t2\nB\tA, large\t1\n',
    );
    await relate('-', { out }, { stdin: createReadStream(path.join(folder, 'a.tsv')) });
    expect(readFileSync(out, 'utf8')).toBe('');
  });

  test('what the job is to write is not read as views, under whatever name: a glob finds it the second time', async () => {
    const folder = temporaryFolder();
    const [a, out] = [path.join(folder, 'a.tsv'), path.join(folder, 'relations.tsv')];
    writeFileSync(a, '1\tA\n1\tB\n');
    symlinkSync(a, path.join(folder, 'today'));
    await relate(path.join(folder, '*.tsv'), { out });
    const refused = { kind: 'usage', message: `Cannot read ${out} as views: it is what the job is to write` };
    await expect(relate(path.join(folder, '*.tsv'), { out })).rejects.toMatchObject(refused);
    await expect(relate([folder], { out })).rejects.toMatchObject(refused);
    await expect(relate(path.join(folder, 'today'), { out: a })).rejects.toMatchObject({ kind: 'usage' });
    await expect(relate(a, { out: '-', pathCounts: a })).rejects.toMatchObject({ kind: 'usage' });
    expect(readFileSync(a, 'utf8')).toBe('1\tA\n1\tB\n');
    expect(readFileSync(out, 'utf8')).toBe('A\tB\t1\nB\tA\t1\n');
    await relate(a, { out });
    const { code, stderr } = await alsoViewed(['export', '--source', a, '--out', a]);
    expect({ code, stderr }).toMatchObject({ code: 64, stderr: expect.stringContaining('it is what the job is to') });
  });

  test('nor is it read as the products that may be targets', async () => {
    const products = path.join(temporaryFolder(), 'products.tsv');
    writeFileSync(products, 'A\n');
    await expect(relate('-', { out: products, products })).rejects.toMatchObject({
      kind: 'usage',
      message: `Cannot read ${products} as products: it is what the job is to write`,
    });
    expect(readFileSync(products, 'utf8')).toBe('A\n');
  });

  test('a file that mysql --batch wrote needs no options', async () => {
    const { text, rejected } = await relateText('path_id\tproduct_id\n1\ta\\\\b\n1\tc\n2\tNULL\n');
    expect(text).toBe('a\\\\b\tc\t1\nc\ta\\\\b\t1\n');
    expect(rejected).toBe(1);
  });

  test('an empty file has the empty answer', async () => {
    expect(await relateText('')).toMatchObject({ text: '', relations: 0, paths: 0, products: 0 });
  });

  test('rejected rows are listed with their place, and the others count', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'views.tsv');
    const out = path.join(folder, 'r.tsv');
    writeFileSync(file, `1\ta\n1\tb\nbad\n1\tx\\ty\n${'2\ta\n2\tb\n'.repeat(10)}`);
    const related = await relate(file, { out });
    expect(related.rejected).toBe(2);
    expect(readFileSync(`${out}.rejected.tsv`, 'utf8')).toBe(
      `${file}\t3\twrong number of fields\tbad\n${file}\t4\tcontrol character\t1\\tx\\\\ty\n`,
    );
    writeFileSync(file, '1\ta\n1\tb\n');
    await relate(file, { out });
    expect(readdirSync(folder).sort()).toEqual(['r.tsv', 'views.tsv']);
  });

  test('more than 0.1 % and more than 10 rejected rows are a failure that leaves only their list', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'views.tsv');
    const out = path.join(folder, 'r.tsv');
    const good = '1\ta\n'.repeat(10_989);
    writeFileSync(file, `${good}${'bad\n'.repeat(11)}`);
    expect((await relate(file, { out })).rejected).toBe(11);
    writeFileSync(file, `${good.slice(4)}${'bad\n'.repeat(11)}`);
    await expect(relate(file, { out: path.join(folder, 's.tsv') })).rejects.toMatchObject({
      exitCode: 65,
      message: expect.stringContaining('11 of 10999 rows'),
    });
    expect(readdirSync(folder).sort()).toEqual(['r.tsv', 'r.tsv.rejected.tsv', 's.tsv.rejected.tsv', 'views.tsv']);
    writeFileSync(file, 'bad\n'.repeat(10));
    expect((await relate(file, { out })).rejected).toBe(10);
  });
});

describe('output', () => {
  const text = '1\ta"b\n1\tc,d\n';

  test('as CSV has a header and quotes', async () => {
    expect((await relateText(text, { format: 'csv' })).text).toBe(
      'source,target,weight\n"a""b","c,d",1\n"c,d","a""b",1\n',
    );
  });

  test('as JSON lines has an object a relation', async () => {
    expect((await relateText(text, { format: 'jsonl' })).text).toBe(
      '{"source":"a\\"b","target":"c,d","weight":1}\n{"source":"c,d","target":"a\\"b","weight":1}\n',
    );
  });

  test('of many relations has all of them, in every format', async () => {
    const views = Array.from({ length: 200 }, (_, at) => `1\tproduct ${at}\n`).join('');
    const lines = (await relateText(views)).text.trimEnd().split('\n');
    expect(lines).toHaveLength(200 * 199);
    const objects = (await relateText(views, { format: 'jsonl' })).text.trimEnd().split('\n');
    expect(objects.map((object) => Object.values(JSON.parse(object)).join('\t'))).toEqual(lines);
    const rows = (await relateText(views, { format: 'csv' })).text.trimEnd().split('\n');
    expect(rows.slice(1).map((row) => row.replaceAll(',', '\t'))).toEqual(lines);
  });

  test('ids are ordered as text when asked for, and as integers only when all of them are', async () => {
    expect((await relateText('1\t9\n1\t10\n')).text).toBe('9\t10\t1\n10\t9\t1\n');
    expect((await relateText('1\t9\n1\t10\n', { ids: 'text' })).text).toBe('10\t9\t1\n9\t10\t1\n');
    await expect(relateText('1\t9\n1\tx\n', { ids: 'integer' })).rejects.toMatchObject({ exitCode: 65 });
  });
});

test('a job that is told to stop leaves nothing', async () => {
  const folder = temporaryFolder();
  const stopping = new AbortController();
  const stop = new Error('stop');
  const related = relate(onlineRetail, { out: path.join(folder, 'r.tsv'), threads: 2 }, { signal: stopping.signal });
  const timer = setInterval(() => {
    if (readdirSync(folder).length > 0) {
      stopping.abort(stop);
    }
  }, 5);
  await expect(related).rejects.toBe(stop);
  clearInterval(timer);
  expect(readdirSync(folder)).toEqual([]);
});
