import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import type { MysqlTable } from '#dist/importer/import-relations.js';
import { anyId, integerId } from '../arbitraries.ts';
import { type OwnSchema, ownSchema } from '../mysql/own-schema.ts';
import { importInto, linesOf, type Relation, tableLines, tableOf } from './run-import.ts';

const numRuns = process.env['SOAK'] === undefined ? 12 : 200;

/** Rows over a few ids, each pair once. */
function rowsOf(ids: readonly string[]): fc.Arbitrary<Relation[]> {
  const row = fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids), fc.integer({ min: 1, max: 3 }));
  return fc.uniqueArray(row, { maxLength: 30, selector: ([source, target]) => JSON.stringify([source, target]) });
}

/** No product is related to itself. */
const isRelation = ([source, target]: Relation): boolean => source !== target;

/** Two states of a table, over the same few ids. */
function states(id: fc.Arbitrary<string>): fc.Arbitrary<[Relation[], Relation[]]> {
  return fc.uniqueArray(id, { minLength: 2, maxLength: 8 }).chain((ids) => {
    const relations = rowsOf(ids).map((rows) => rows.filter(isRelation));
    return fc.tuple(relations, relations);
  });
}

/** Rows that somebody put into a table, some of them with ids that no file can have, and relations over the others of these ids. */
function foreignStates(
  id: fc.Arbitrary<string>,
  foreignId: fc.Arbitrary<string>,
  isId: (id: string) => boolean,
): fc.Arbitrary<[Relation[], Relation[]]> {
  const ids = fc.uniqueArray(fc.oneof(id, foreignId), { minLength: 2, maxLength: 8 });
  return ids.chain((all) =>
    fc.tuple(
      rowsOf(all),
      rowsOf(all).map((rows) => rows.filter((row) => isRelation(row) && isId(row[0]) && isId(row[1]))),
    ),
  );
}

describe.each(inject('databases').map((server) => [server.kind, server] as const))('in %s', (kind, server) => {
  const schema = ownSchema(server);
  const binaryCollation = kind === 'mariadb' ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
  let tables = 0;

  async function newTable(type: string): Promise<MysqlTable> {
    const table = tableOf(schema(), { table: `t${tables++}` });
    await schema().root.query(
      `CREATE TABLE ${table.table} (source_product_id ${type} NOT NULL, target_product_id ${type} NOT NULL, weight INT NOT NULL, PRIMARY KEY (source_product_id, target_product_id))`,
    );
    return table;
  }

  async function bringsOver(
    type: string,
    [old, next]: readonly [readonly Relation[], readonly Relation[]],
    order: 'integer' | 'text',
  ): Promise<void> {
    const at: OwnSchema = schema();
    const table = await newTable(type);
    const binary = type.startsWith('VARBINARY');
    for (const rows of [old, next]) {
      await importInto(table, linesOf(rows, order), { batchRows: 7 });
      expect(await tableLines(at, table, binary)).toEqual(linesOf(rows));
    }
    const { unchanged } = await importInto(table, linesOf(next, order));
    expect(unchanged).toBe(next.length);
    await at.root.query(`DROP TABLE ${table.table}`);
  }

  const text = `VARCHAR(255) CHARACTER SET utf8mb4 COLLATE ${binaryCollation}`;
  const hexId = fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => Buffer.from(bytes).toString('hex'));
  const cases: [string, string, fc.Arbitrary<string>, 'integer' | 'text'][] = [
    ['integers in a column of integers', 'BIGINT UNSIGNED', integerId, 'integer'],
    ['integers in text order in a column of integers', 'BIGINT UNSIGNED', integerId, 'text'],
    ['integers in a column of text', text, integerId, 'integer'],
    ['text in a column of text', text, anyId, 'text'],
    ['hex in a column of bytes', 'VARBINARY(3)', hexId, 'text'],
  ];

  test.each(cases)(
    'whatever the old and the new relations, the table ends equal to the new ones: %s',
    async (_, type, id, order) => {
      await fc.assert(
        fc.asyncProperty(states(id), (pair) => bringsOver(type, pair, order)),
        { numRuns },
      );
    },
    60_000 + 1_000 * numRuns,
  );

  async function replacesForeign(
    type: string,
    [foreign, next]: readonly [readonly Relation[], readonly Relation[]],
    order: 'integer' | 'text',
  ): Promise<void> {
    const { root } = schema();
    const table = await newTable(type);
    const binary = type.startsWith('VARBINARY');
    const value = (id: string): string | Buffer => (binary ? Buffer.from(id, 'hex') : id);
    if (foreign.length > 0) {
      const rows = foreign.map(([source, target, weight]) => [value(source), value(target), weight]);
      // A collation may take two of them for one.
      await root.query(`INSERT IGNORE INTO ${table.table} VALUES ?`, [rows]);
    }
    const held = await tableLines(schema(), table, binary);
    const unchanged = linesOf(next).filter((line) => held.includes(line)).length;
    // An empty file is refused, whatever the table holds.
    if (next.length > 0) {
      expect(await importInto(table, linesOf(next, order), { batchRows: 7 })).toMatchObject({ unchanged });
      expect(await tableLines(schema(), table, binary)).toEqual(linesOf(next));
    }
    await root.query(`DROP TABLE ${table.table}`);
  }

  const negativeId = fc.bigInt(-30n, -1n).map(String);
  const controlledId = fc.string({
    unit: fc.constantFrom('a', '\t', '\n', '\r', '\0', '\b', '\x1a', '\\', 't', 'n', '0', '\x7f', ' '),
    maxLength: 4,
  });
  /** Some of these are one for most collations, and none of the former. */
  const caseId = fc.string({ unit: fc.constantFrom('a', 'A', 'á', 'b', 'B', ' '), maxLength: 3 });
  const plainId = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 });
  const smallId = fc.bigInt(0n, 30n).map(String);
  const foreignCases: (readonly [string, string, fc.Arbitrary<[Relation[], Relation[]]>, 'integer' | 'text'])[] = [
    ['negative integers', 'BIGINT', foreignStates(smallId, negativeId, (id) => !id.startsWith('-')), 'integer'],
    [
      'text of control characters',
      text,
      foreignStates(anyId, controlledId, (id) => id !== '' && !/[\u0000-\u001f\u007f]/.test(id)),
      'text',
    ],
    ...['utf8mb4_general_ci', kind === 'mariadb' ? 'utf8mb4_uca1400_ai_ci' : 'utf8mb4_0900_ai_ci'].map(
      (collation) =>
        [
          `text of control characters in ${collation}`,
          `VARCHAR(255) CHARACTER SET utf8mb4 COLLATE ${collation}`,
          foreignStates(plainId, fc.oneof(controlledId, caseId), (id) => /^[a-c]+$/.test(id)),
          'text',
        ] as const,
    ),
    ['no bytes at all', 'VARBINARY(3)', foreignStates(hexId, fc.constant(''), (id) => id !== ''), 'text'],
  ];

  test.each(foreignCases)(
    'whatever rows somebody else put into the table, it ends equal to the relations: %s',
    async (_, type, pairs, order) => {
      await fc.assert(
        fc.asyncProperty(pairs, (pair) => replacesForeign(type, pair, order)),
        { numRuns },
      );
    },
    60_000 + 1_000 * numRuns,
  );
});
