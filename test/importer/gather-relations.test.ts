import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, test } from 'vitest';
import type { Effects, Progress } from '#dist/effects.js';
import { type Imported, importRelations } from '#dist/importer/import-relations.js';
import { isIntegerId } from '#dist/tsv/relation-order.js';
import { anyId, integerId } from '../arbitraries.ts';
import { alsoViewed } from '../cli/also-viewed.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { ownBucket } from '../storage/own-bucket.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { allPairs, linesOf, tableLines, tableOf } from './run-import.ts';

const own = ownBucket();
const main = fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url));

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** A folder with these files, packed where their names say so. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = path.join(temporaryFolder(), 'parts');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path.join(folder, name), name.endsWith('.gz') ? gzipSync(text) : text);
  }
  return folder;
}

const target = (): { readonly kind: 'file'; readonly location: string } => ({
  kind: 'file',
  location: path.join(temporaryFolder(), 'target.tsv'),
});

function importParts(parts: string | readonly string[], effects: Partial<Effects> = {}): Promise<Imported> {
  return importRelations(parts, target(), {}, effects);
}

test.each([
  ['text', anyId],
  ['integer', integerId],
] as const)('%s relations dealt to parts in any way are published as if they were one file', async (order, id) => {
  const dealt = fc
    .uniqueArray(id, { minLength: 2, maxLength: 7 })
    .filter((ids) => ids.every(isIntegerId) === (order === 'integer'))
    .map((ids) => linesOf(allPairs(ids), order))
    .chain((lines) =>
      fc.tuple(
        fc.constant(lines),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: lines.length, maxLength: lines.length }),
      ),
    );
  const to = target();
  await fc.assert(
    fc.asyncProperty(dealt, async ([lines, parts]) => {
      const names = ['part-00000', 'part-00001.gz', 'part-00002', 'part-00003.gz'];
      const folder = folderOf({
        ...Object.fromEntries(names.map((name, at) => [name, textOf(lines.filter((_, line) => parts[line] === at))])),
        ...{ _SUCCESS: '', '.part-00000.crc': 'crc' },
      });
      expect((await importRelations(folder, to, { accept: 'a test' })).relations).toBe(lines.length);
      expect(readFileSync(to.location, 'utf8')).toBe(textOf(lines));
    }),
    { numRuns: 12 },
  );
});

test('files, standard input and folders are parts together, on the command line too', async () => {
  const folder = folderOf({ 'part-00000': 'a\tb\t1\n', 'part-00001': '' });
  const file = path.join(folderOf({ 'c.tsv': 'c\ta\t3\n' }), 'c.tsv');
  const to = path.join(temporaryFolder(), 'target.tsv');
  const args = ['import', folder, '-', file, '--target', to];
  expect(await alsoViewed(args, { stdin: 'b\ta\t2\n' })).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('3 added'),
  });
  expect(readFileSync(to, 'utf8')).toBe('a\tb\t1\nb\ta\t2\nc\ta\t3\n');
});

test('a part that is no relations file, or not in order, is refused with its own line', async () => {
  const folder = folderOf({ 'part-00000': 'a\tb\t1\n', 'part-00001': 'c\tb\t1\na\tc\t1\n' });
  await expect(importParts(folder)).rejects.toMatchObject({
    kind: 'badData',
    message: expect.stringContaining(`Cannot use ${folder}/part-00001:2: rows out of order`),
  });
});

test('a relation that is in two parts is refused', async () => {
  const folder = folderOf({ 'part-00000': 'a\tb\t1\na\tc\t1\n', 'part-00001.gz': 'a\tc\t1\n' });
  await expect(importParts(folder)).rejects.toMatchObject({
    kind: 'badData',
    message: `Cannot merge ${folder}/part-00000 and ${folder}/part-00001.gz: both have the relation of a to c`,
  });
  // An escape that is left out makes no other id.
  const spelled = folderOf({ 'part-00000': 'a\\q\tb\t1\n', 'part-00001': 'a\\\\q\tb\t1\n' });
  await expect(importParts(spelled)).rejects.toMatchObject({
    kind: 'badData',
    message: expect.stringContaining('the relation is there twice'),
  });
});

test('parts in different orders are refused', async () => {
  const folder = folderOf({
    'part-00000': '9\t1\t1\n10\t1\t1\n',
    'part-00001': '10\t2\t1\n9\t2\t1\n',
    'part-00002': '',
  });
  await expect(importParts(folder)).rejects.toMatchObject({
    kind: 'badData',
    message: expect.stringContaining(
      `Cannot merge ${folder}/part-00000 and ${folder}/part-00001: the one is sorted by number`,
    ),
  });
});

test('a part that changes between its check and the merge is refused', async () => {
  const folder = folderOf({ 'part-00000': 'a\tb\t1\n', 'part-00001': 'b\ta\t1\n' });
  for (const name of ['part-00000', 'part-00001']) {
    let begun = false;
    const progress = ({ stage }: Progress): void => {
      if (stage === 'Merging' && !begun) {
        begun = true;
        appendFileSync(path.join(folder, name), 'c\ta\t1\n');
      }
    };
    await expect(importParts(folder, { progress })).rejects.toMatchObject({
      kind: 'badData',
      message: `Cannot use ${folder}/${name}: it changed since it was checked`,
    });
  }
});

test('parts may be the objects of a prefix', async () => {
  const parts = { 'part-00000': 'b\ta\t2\n', 'part-00001.gz': gzipSync('a\tb\t1\n'), _SUCCESS: '' };
  for (const [name, body] of Object.entries(parts)) {
    await own.client.send(new PutObjectCommand({ Bucket: own.bucket, Key: `parts/${name}`, Body: body }));
  }
  const to = target();
  await importRelations(`s3://${own.bucket}/parts/`, to);
  expect(readFileSync(to.location, 'utf8')).toBe('a\tb\t1\nb\ta\t2\n');
});

test.runIf(process.getuid?.() === 0)(
  'relations that may only be read are imported, and told where they may not',
  () => {
    // Root may do anything, so the command runs as nobody, for whom only names in the current folder lead anywhere.
    const cwd = folderOf({ 'relations.tsv': 'a\tb\t1\n' });
    chmodSync(cwd, 0o777);
    const script = `require('node:process').setuid(65534); import(${JSON.stringify(main)})`;
    const imported = (mode: number): { readonly status: number | null; readonly stderr: string } => {
      chmodSync(path.join(cwd, 'relations.tsv'), mode);
      const args = ['-e', script, 'import', 'relations.tsv', '--target', 'target.tsv'];
      return spawnSync(process.execPath, args, { cwd, encoding: 'utf8', env: { ...process.env, TMPDIR: '.' } });
    };
    expect(imported(0o444)).toMatchObject({ status: 0, stderr: expect.stringContaining('Published 1 relations') });
    expect(imported(0)).toMatchObject({
      status: 77,
      stderr: expect.stringContaining('Cannot read relations.tsv: permission denied'),
    });
  },
);

test('where there is nothing, that is said', async () => {
  await expect(importParts(folderOf({ _SUCCESS: '' }))).rejects.toMatchObject({ kind: 'noInput' });
  await expect(importParts([])).rejects.toMatchObject({ kind: 'usage' });
  const missing = path.join(temporaryFolder(), 'none.tsv');
  await expect(importParts(missing)).rejects.toMatchObject({ kind: 'noInput' });
});

describe.each(inject('databases'))('on $kind', (server) => {
  const schema = ownSchema(server);

  test('the table of runs has the digest of all parts together', async () => {
    const table = tableOf(schema());
    const lines = linesOf(allPairs(['1', '2', '3']), 'integer');
    const whole = path.join(folderOf({ 'relations.tsv': textOf(lines) }), 'relations.tsv');
    await importRelations(whole, { kind: 'table', table });
    const parts = [0, 1].map((part) => textOf(lines.filter((_, at) => at % 2 === part)));
    const folder = folderOf({ 'part-00000': parts[0] ?? '', 'part-00001': parts[1] ?? '' });
    const files = ['part-00000', 'part-00001'].map((name) => path.join(folder, name));
    await importRelations(folder, { kind: 'table', table });
    await importRelations(files, { kind: 'table', table }, { verify: true });
    expect(await tableLines(schema(), table)).toEqual(lines);
    const [rows] = await schema().root.query<RowDataPacket[]>(
      `SELECT sha256, added, CAST(JSON_EXTRACT(parameters, '$.relations') AS CHAR) AS relations
       FROM related_products_runs ORDER BY started_at, run_id`,
    );
    expect(rows.map(({ added, relations }) => [added, JSON.parse(relations)])).toEqual([
      [6, whole],
      [0, folder],
      [0, files],
    ]);
    expect(new Set(rows.map(({ sha256 }) => sha256)).size).toBe(1);
  });
});
