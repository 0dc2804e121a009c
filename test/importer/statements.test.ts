import { Readable } from 'node:stream';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, test } from 'vitest';
import { changeBatches } from '#dist/importer/change-batches.js';
import type { RelationColumns } from '#dist/importer/create-tables.js';
import { TableStatements } from '#dist/importer/statements.js';
import { columnOrder } from '#dist/importer/table-order.js';
import { idColumnNamed } from '#dist/importer/target-table.js';
import { columnNamed, columnsOf } from '#dist/mysql/columns.js';
import { ownSchema } from '../mysql/own-schema.ts';
import { allPairs, importInto, linesOf, tableOf } from './run-import.ts';

const integerIds = Array.from({ length: 40 }, (_, at) => String(1000 + at));
const textIds = integerIds.map((id) => `p${id}`);
const hexIds = integerIds.map((id) => Buffer.from(id).toString('hex'));

describe.each(inject('databases').map((server) => [server.kind, server] as const))('%s', (kind, server) => {
  const schema = ownSchema(server);

  async function explain(sql: string): Promise<RowDataPacket[]> {
    const [rows] = await schema().root.query<RowDataPacket[]>(
      `EXPLAIN ${kind === 'mysql' ? 'FORMAT=TRADITIONAL ' : ''}${sql}`,
    );
    return rows;
  }

  async function columns(table: string): Promise<RelationColumns> {
    const all = await columnsOf(schema().root, table);
    return {
      source: idColumnNamed(all, table, 'source_product_id'),
      target: idColumnNamed(all, table, 'target_product_id'),
      weight: columnNamed(all, table, 'weight'),
    };
  }

  const created = [
    ['integers', integerIds, 'integer', undefined],
    ['texts', textIds, 'text', undefined],
    ['bytes', hexIds, 'text', 'binary'],
  ] as const;

  async function create(
    name: string,
    ids: readonly string[],
    order: 'integer' | 'text',
    type?: 'binary',
  ): Promise<void> {
    const idColumn = {
      name: 'id',
      type: 'binary(4)',
      dataType: 'binary',
      unsigned: false,
      length: 4,
      collation: undefined,
      nullable: false,
    };
    await importInto(
      tableOf(schema(), { table: name }),
      linesOf(allPairs(ids), order),
      type && { idColumn: { ...idColumn, kind: type } },
    );
    await schema().root.query(`ANALYZE TABLE ${name}`);
  }

  test.each(created)(
    'the rows of a table that we created are read in order without sorting them: %s',
    async (name, ids, order, type) => {
      await create(name, ids, order, type);
      const { source, target } = await columns(name);
      const [from, to] = [columnOrder(source, order), columnOrder(target, order)];
      expect([from.native, to.native]).toEqual([true, true]);
      const [plan] = await explain(
        `SELECT ${from.select}, ${to.select}, weight FROM ${name} ORDER BY ${from.orderBy}, ${to.orderBy}`,
      );
      expect(plan).toMatchObject({ key: 'PRIMARY' });
      expect(String(plan?.['Extra'])).not.toContain('filesort');
    },
  );

  test.each([...created, ['latin1', textIds, 'text', 'latin1'] as const])(
    'changes and deletions look each row up in the unique key, without warnings: %s',
    async (what, ids, order, type) => {
      const name = `${what}_changed`;
      const { root } = schema();
      if (type === 'latin1') {
        const id = 'VARCHAR(20) CHARACTER SET latin1 NOT NULL';
        await root.query(
          `CREATE TABLE ${name} (source_product_id ${id}, target_product_id ${id}, weight INT, UNIQUE KEY (target_product_id, source_product_id))`,
        );
      }
      await create(name, ids, order, type === 'binary' ? type : undefined);
      const statements = new TableStatements(name, await columns(name), kind, 1 << 20);
      const [source = '', ...targets] = ids;
      const rows = targets.map((target) => `${source}\t${target}\t3\t4\n`);
      // Numbers of every size: their types differ.
      const odd = what === 'integers' ? ['1\t18446744073709551615\t4\t5\n'] : [];
      const statementsOf = async (op: '+' | '~' | '-', lines: readonly string[]): Promise<string[]> => {
        const text = lines.map((line) => `${op}\t${line}`).join('');
        const batches = changeBatches(Readable.from([Buffer.from(text)]), lines.length);
        const all: string[] = [];
        for await (const batch of batches) {
          all.push(...statements.of(op, batch));
        }
        return all;
      };
      for (const sql of [
        ...(await statementsOf('~', [...rows, ...odd])),
        ...(await statementsOf('-', [...rows, ...odd])),
      ]) {
        const plan = await explain(sql);
        expect(plan.filter((row) => row['table'] === 'r')).toMatchObject([{ type: 'eq_ref' }]);
        const [result] = await root.query(sql);
        expect(result).toMatchObject({ affectedRows: rows.length, warningStatus: 0 });
      }
      for (const sql of await statementsOf('+', rows)) {
        expect((await root.query(sql))[0]).toMatchObject({ affectedRows: rows.length, warningStatus: 0 });
      }
    },
  );
});
