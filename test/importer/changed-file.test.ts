import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, inject, test } from 'vitest';
import { type Log, silentLog } from '#dist/effects.js';
import { type ImportOptions, importRelations, type Target } from '#dist/importer/import-relations.js';
import { ownSchema } from '../mysql/own-schema.ts';
import { importInto, linesOf, type Relation, relationsFile, tableLines, tableOf } from './run-import.ts';

/** Lists of one relation. */
function lines(weight: number): string[] {
  return linesOf(Array.from({ length: 100 }, (_, at): Relation => [`${1000 + at}`, '1', weight]));
}

const textOf = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

/** Changes of a file, and whether they are seen only when all of it has been read. */
const changes: [what: string, late: boolean, change: (file: string) => void][] = [
  ['other weights', true, (file) => writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\t2\n', '\t3\n'))],
  ['a line less', true, (file) => writeFileSync(file, readFileSync(file, 'utf8').replace(/.*\n$/, ''))],
  ['a line more', false, (file) => appendFileSync(file, '2000\t1\t2\n')],
];

/** Publishes a file that is changed once it has been compared. */
async function importChanging(
  target: Target,
  change: (file: string) => void,
  options: ImportOptions,
): Promise<unknown> {
  const file = relationsFile(lines(2));
  const info = (message: string): void => {
    if (message.startsWith('Compared')) {
      change(file);
    }
  };
  const log: Log = { ...silentLog, info };
  return await importRelations(file, target, { accept: 'a test', ...options }, { log });
}

const refused = {
  kind: 'badData',
  message: expect.stringMatching(/^Cannot use \S+: it changed since it was checked$/),
};

describe.each(inject('databases'))('a file that changes before it is published to $kind', (server) => {
  const schema = ownSchema(server);
  let tables = 0;

  test.each(changes)('by %s is not loaded into an empty table, whichever way that is done', async (_, late, change) => {
    // LOAD DATA where the server allows it by default, else INSERT, which a pace asks for; and that in many transactions.
    for (const options of [{}, { maxRowsPerSecond: 1_000_000 }, { maxRowsPerSecond: 1_000_000, batchRows: 1 }]) {
      const table = tableOf(schema(), { table: `empty_${tables++}` });
      await expect(importChanging({ kind: 'table', table }, change, options)).rejects.toMatchObject(refused);
      const [runs] = await schema().root.query({ sql: `SELECT state FROM ${table.table}_runs`, rowsAsArray: true });
      const isPart = late && 'batchRows' in options;
      expect(runs).toEqual(isPart ? [['partial']] : []);
      expect((await tableLines(schema(), table)).length > 0).toBe(isPart);
      await importInto(table, lines(2));
      expect(await tableLines(schema(), table)).toEqual(lines(2));
    }
  });

  test.each(changes)('by %s does not take the place of the table', async (_, __, change) => {
    const table = tableOf(schema(), { table: `swapped_${tables++}` });
    await importInto(table, lines(1));
    await expect(importChanging({ kind: 'table', table }, change, { swap: true })).rejects.toMatchObject(refused);
    expect(await tableLines(schema(), table)).toEqual(lines(1));
  });
});

test.each(changes)('a file that changes by %s does not replace another one', async (_, __, change) => {
  const location = relationsFile(lines(1), 'target.tsv');
  await expect(importChanging({ kind: 'file', location }, change, {})).rejects.toMatchObject(refused);
  expect(readFileSync(location, 'utf8')).toBe(textOf(lines(1)));
});

test('relations that have not the digest that they should have are not published', async () => {
  const file = relationsFile(lines(2));
  const target = { kind: 'file', location: relationsFile(lines(1), 'target.tsv') } as const;
  const sha256 = createHash('sha256').update(readFileSync(target.location)).digest('hex');
  await expect(importRelations(file, target, { accept: 'a test', sha256 })).rejects.toMatchObject(refused);
  expect(readFileSync(target.location, 'utf8')).toBe(textOf(lines(1)));
  await importRelations(relationsFile(lines(1)), target, { sha256 });
});
