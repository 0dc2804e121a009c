import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, inject, test } from 'vitest';
import type { Progress } from '#dist/effects.js';
import { importRelations } from '#dist/importer/import-relations.js';
import { alsoViewed } from '../cli/also-viewed.ts';
import { terminal } from '../cli/terminal.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { toldProgress } from '../told-progress.ts';
import { allPairs, importInto, linesOf, relationsFile, tableOf } from './run-import.ts';

/** 2,450 relations. */
const lines = linesOf(allPairs(Array.from({ length: 50 }, (_, at) => `p${at}`)));

/** A stage that was told to its end. */
const stage = (name: string, done: number, unit = 'relations') => ({ stage: name, unit, done, total: done });

describe.each(inject('databases'))('on $kind', (server) => {
  const schema = ownSchema(server);

  test('an import tells how far it has come, of the relations that are compared, published and verified', async () => {
    const table = tableOf(schema(), { table: 'told' });
    const first = toldProgress();
    await importInto(table, lines, {}, first);
    expect(first.stages).toEqual([stage('Comparing', 2450), stage('Publishing', 2450)]);
    const second = toldProgress();
    await importInto(table, lines.slice(0, -49), { verify: true, batchRows: 10 }, second);
    expect(second.stages).toEqual([stage('Comparing', 2401), stage('Publishing', 49), stage('Verifying', 2401)]);
  });

  test('changes of a table that takes some ids for one are told once, though they are read twice', async () => {
    const id = 'VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL';
    await schema().root.query(
      `CREATE TABLE collated (source_product_id ${id}, target_product_id ${id}, weight INT, PRIMARY KEY (source_product_id, target_product_id))`,
    );
    const table = tableOf(schema(), { table: 'collated' });
    await importInto(table, lines);
    const { progress, stages } = toldProgress();
    await importInto(table, lines.slice(100), { batchRows: 10 }, { progress });
    expect(stages).toEqual([stage('Comparing', 2350), stage('Publishing', 100)]);
  });
});

test('a file that is replaced is checked, compared, copied and verified, each with its progress', async () => {
  const target = { kind: 'file', location: relationsFile(lines.slice(1), 'target.tsv') } as const;
  const text = lines.map((line) => `${line}\n`).join('');
  const { progress, stages } = toldProgress();
  await importRelations(relationsFile(text), target, { accept: 'a test', verify: true }, { progress });
  expect(stages).toEqual([
    stage('Checking', 2450),
    stage('Checking', 2449),
    stage('Comparing', 2450),
    stage('Publishing', text.length, 'bytes'),
    stage('Verifying', 2450),
  ]);
});

test.each(['r.tsv', 'r.tsv.gz'])(
  'how far a file is checked of which nobody says how many relations it holds is told by its bytes: %s',
  async (name) => {
    // Ids that pack badly: more than two reads of the packed file.
    const rows = Array.from({ length: 200_000 }, (_, at) => `${at}\t${1e15 - ((at * 7_919_000_003) % 1e14)}\t1\n`);
    const file = path.join(temporaryFolder(), name);
    writeFileSync(file, name.endsWith('.gz') ? gzipSync(rows.join('')) : rows.join(''));
    const told: Progress[] = [];
    await importRelations(file, { kind: 'file', location: `${file}.new` }, {}, { progress: (each) => told.push(each) });
    const percents = told.flatMap(({ stage, done, total }) =>
      stage === 'Checking' && total ? [Math.round((100 * done) / total)] : [],
    );
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(percents[0]).toBeLessThan(60);
    expect(percents.at(-1)).toBe(100);
  },
);

describe.each(inject('databases').slice(0, 1))('on $kind', (server) => {
  const schema = ownSchema(server);

  test('a publication that takes its time shows a bar', async () => {
    const { host, port, user, database } = schema().address();
    // Lists of one relation: a minute and a half, which nobody waits for.
    const file = relationsFile(Array.from({ length: 9000 }, (_, at) => `${at}\t${at + 1}\t1`));
    const target = ['--target', `mysql://${user}@${host}:${port}/${database}`, '--max-rows-per-second', '100'];
    const { code, stderr } = await alsoViewed(['import', file, ...target], {
      env: { ...terminal, ALSO_VIEWED_TARGET_PASSWORD: server.password },
      signal: { when: /\[#*\.*\] Publishing: \d+ %, \d+ relations a second, \d+ (?:s|min) left/, send: 'SIGINT' },
    });
    expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringContaining('] Publishing: ') });
  });
});
