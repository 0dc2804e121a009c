import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { anyId, integerId } from '../arbitraries.ts';
import { type OwnSchema, ownSchema } from '../mysql/own-schema.ts';
import { importInto, linesOf, type Relation, tableLines, tableOf } from './run-import.ts';

const numRuns = process.env['SOAK'] === undefined ? 12 : 200;

/** Two states of a table, over the same few ids. */
function states(id: fc.Arbitrary<string>): fc.Arbitrary<[Relation[], Relation[]]> {
  return fc.uniqueArray(id, { minLength: 2, maxLength: 8 }).chain((ids) => {
    const relation = fc
      .tuple(fc.constantFrom(...ids), fc.constantFrom(...ids), fc.integer({ min: 1, max: 3 }))
      .filter(([source, target]) => source !== target);
    const relations = fc.uniqueArray(relation, {
      maxLength: 30,
      selector: ([source, target]) => `${source}\t${target}`,
    });
    return fc.tuple(relations, relations);
  });
}

describe.each(inject('databases').map((server) => [server.kind, server] as const))('in %s', (kind, server) => {
  const schema = ownSchema(server);
  const binaryCollation = kind === 'mariadb' ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
  let tables = 0;

  async function bringsOver(
    type: string,
    [old, next]: readonly [readonly Relation[], readonly Relation[]],
    order: 'integer' | 'text',
  ): Promise<void> {
    const at: OwnSchema = schema();
    const table = tableOf(at, { table: `t${tables++}` });
    await at.root.query(
      `CREATE TABLE ${table.table} (source_product_id ${type} NOT NULL, target_product_id ${type} NOT NULL, weight INT NOT NULL, PRIMARY KEY (source_product_id, target_product_id))`,
    );
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
});
