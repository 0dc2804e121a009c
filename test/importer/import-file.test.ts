import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { type Imported, importRelations } from '#dist/importer/import-relations.js';
import { anyId } from '../arbitraries.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { allPairs, linesOf, type Relation, relationsFile } from './run-import.ts';

async function importTo(location: string, lines: readonly string[], changes?: string): Promise<Imported> {
  return await importRelations(relationsFile(lines), { kind: 'file', location }, { changes, accept: 'a test' });
}

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

test('a file that is not there yet becomes a copy, packed if its name says so', async () => {
  const folder = temporaryFolder();
  const lines = linesOf(allPairs(['a', 'b', '👟']));
  for (const name of ['target.tsv', 'target.tsv.gz']) {
    const target = path.join(folder, name);
    expect(await importTo(target, lines)).toMatchObject({
      relations: 6,
      sources: 3,
      added: 6,
      removed: 0,
      unchanged: 0,
    });
    const bytes = readFileSync(target);
    expect((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()).toBe(text(lines));
  }
  expect(readdirSync(folder)).toHaveLength(2);
});

test('a file that is equal already is left untouched', async () => {
  const target = relationsFile(['a\tb\t1'], 'target.tsv');
  const before = statSync(target);
  expect(await importTo(target, ['a\tb\t1'])).toMatchObject({ added: 0, changed: 0, removed: 0, unchanged: 1 });
  const after = statSync(target);
  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
});

test('the changes of a file are kept where they are asked for', async () => {
  const target = relationsFile(['a\tb\t1', 'a\tc\\\\\t1', 'b\ta\t1'], 'target.tsv');
  const changes = path.join(temporaryFolder(), 'changes.tsv');
  await importTo(target, ['a\tb\t2', 'b\ta\t1', 'b\tc\t3'], changes);
  expect(readFileSync(changes, 'utf8')).toBe('~\ta\tb\t1\t2\n-\ta\tc\\\\\t1\t\n+\tb\tc\t\t3\n');
  expect(readFileSync(target, 'utf8')).toBe('a\tb\t2\nb\ta\t1\nb\tc\t3\n');
});

test('the old file may be in the other order', async () => {
  const integers = allPairs(['9', '10', '100']);
  const target = relationsFile(linesOf(integers, 'integer'), 'target.tsv');
  const next = [...integers.slice(1), ['9', 'a', 1] satisfies Relation];
  expect(await importTo(target, linesOf(next))).toMatchObject({ added: 1, changed: 0, removed: 1, unchanged: 5 });
  expect(readFileSync(target, 'utf8')).toBe(text(linesOf(next)));
  expect(await importTo(target, linesOf(integers, 'integer'))).toMatchObject({ added: 1, removed: 1, unchanged: 5 });
});

test('a file that holds something else is not replaced', async () => {
  const target = relationsFile('dear diary\n', 'target.tsv');
  await expect(importTo(target, ['a\tb\t1'])).rejects.toMatchObject({
    kind: 'badData',
    message: expect.stringContaining('which holds something else than relations'),
  });
  expect(readFileSync(target, 'utf8')).toBe('dear diary\n');
});

test('standard output cannot be a target, and standard input is left alone', async () => {
  const { location, read } = { location: '-', read: vi.fn() };
  const stdin = new Readable({ read });
  await expect(
    importRelations(relationsFile(['a\tb\t1']), { kind: 'file', location }, {}, { stdin }),
  ).rejects.toMatchObject({ kind: 'usage', message: expect.stringContaining('standard output') });
  expect(read).not.toHaveBeenCalled();
});

test('a pipe cannot be a target: whoever reads what is there waits for ever', async () => {
  const location = path.join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [location]);
  await expect(importRelations(relationsFile(['a\tb\t1']), { kind: 'file', location })).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining('the pipe'),
  });
});

test.each(['target.csv', 'target.jsonl.gz'])('%s cannot be a target, which is TSV', async (name) => {
  const folder = temporaryFolder();
  const target = { kind: 'file', location: path.join(folder, name) } as const;
  await expect(importRelations(relationsFile(['a\tb\t1']), target)).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining('TSV'),
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('options and effects may be left out', async () => {
  const location = path.join(temporaryFolder(), 'target.tsv');
  expect(await importRelations(relationsFile(['a\tb\t1']), { kind: 'file', location })).toMatchObject({ added: 1 });
});

test('a file in a folder that does not exist cannot be created', async () => {
  const target = path.join(temporaryFolder(), 'none', 'target.tsv');
  await expect(importTo(target, ['a\tb\t1'])).rejects.toMatchObject({ kind: 'cannotCreate' });
});

test('whatever the old and the new relations, the changes turn the old ones into the new ones', async () => {
  const relations = fc.uniqueArray(anyId, { minLength: 2, maxLength: 7 }).chain((ids) =>
    fc.tuple(
      ...[1, 2].map(() =>
        fc.subarray(allPairs(ids)).chain((rows) =>
          fc.constantFrom(
            rows,
            rows.map(([s, t, w]): Relation => [s, t, (w % 3) + 1]),
          ),
        ),
      ),
    ),
  );
  const folder = temporaryFolder();
  const target = path.join(folder, 'target.tsv');
  const changes = path.join(folder, 'changes.tsv');
  await fc.assert(
    fc.asyncProperty(relations, async ([old = [], next = []]) => {
      writeFileSync(target, text(linesOf(old)));
      const { added, changed, removed } = await importTo(target, linesOf(next), changes);
      const table = new Map(old.map(([source, target, weight]) => [linesOf([[source, target, 1]])[0], weight]));
      const lines = readFileSync(changes, 'utf8').split('\n').slice(0, -1);
      expect(lines).toHaveLength(added + changed + removed);
      for (const [op, source, to, oldWeight, weight] of lines.map((line) => line.split('\t'))) {
        const key = `${source}\t${to}\t1`;
        expect(table.get(key)).toBe(op === '+' ? undefined : Number(oldWeight));
        if (op === '-') {
          table.delete(key);
        } else {
          table.set(key, Number(weight));
        }
      }
      expect(table).toEqual(
        new Map([...next].map(([source, target, weight]) => [linesOf([[source, target, 1]])[0], weight])),
      );
    }),
    { numRuns: 50 },
  );
});
