import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '#dist/effects.js';
import { relate } from '#dist/index.js';
import { temporaryFolder } from '../temporary-folder.ts';

/** The remedy of relating thirty rows behind such a first line. */
async function remedyOf(file: string, first: string, row: string): Promise<string> {
  const views = path.join(temporaryFolder(), file);
  writeFileSync(views, `${first}\n${`${row}\n`.repeat(30)}`);
  let remedy = '';
  await relate(views, { out: path.join(path.dirname(views), 'r.tsv') }).catch((error: unknown) => {
    remedy = error instanceof Error && 'remedy' in error ? String(error.remedy) : '';
  });
  return remedy;
}

test.each([
  ['v.tsv', 'besuch\tware\tzeit', '1\tA\t2'],
  ['v.csv', '"besuch",ware,zeit', '1,A,2'],
])('columns that nobody knows are named where their rows are too many to be rejected: %s', async (file, first, row) => {
  expect(await remedyOf(file, first, row)).toContain(
    'The first line looks like a header: its columns are besuch, ware, zeit. Name that of the path with --path-column, that of the product with --product-column. All of them are in ',
  );
});

test.each([
  ['1\tA\t2', '1\tA\t2'],
  ['besuch', '1'],
  ['besuch\t\tzeit', '1\tA\t2'],
  ['1\tA', '1\tA\t2'],
])('%j is no header', async (first, row) => {
  expect(await remedyOf('v.tsv', first, row)).toMatch(/^Rows are path_id, TAB, product_id/);
});

test.each([
  ['v.csv', 'session_id;sku', '1;A', 'semicolons'],
  ['v.csv', 'session_id\tsku', '1\tA', 'TABs'],
  ['v.tsv', 'session_id,sku', '1,A', 'commas'],
  ['v.txt', '1;A', '1;B', 'semicolons'],
])('%s with the first line %j is told what separates it', async (file, first, row, separator) => {
  expect(await remedyOf(file, first, row)).toContain(
    `The first line seems to be separated by ${separator}: a file named .csv needs commas, any other TABs.`,
  );
});

test('a few rows that are rejected, too few to refuse the file, are told the same with a warning', async () => {
  const views = path.join(temporaryFolder(), 'v.tsv');
  writeFileSync(views, `besuch\tware\tzeit\n${'1\tA\t2\n'.repeat(5)}`);
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (message: string) => void warnings.push(message) };
  await relate(views, { out: path.join(path.dirname(views), 'r.tsv') }, { log });
  expect(warnings[0]).toMatch(
    /^Rejected 6 of 6 rows .*wrong number of fields\. The first line looks like a header: its columns are besuch, ware, zeit\./,
  );
});
