import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, test } from 'vitest';
import { ownSchema } from '../mysql/own-schema.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { allPairs, importInto, linesOf, type Relation, tableLines, tableOf } from './run-import.ts';

const oddIds = [
  'a',
  'A',
  'a ',
  ' a',
  '\u00e9',
  'e\u0301',
  '10',
  '010',
  'a\\',
  'a_b',
  '"q"',
  "'",
  '👟',
  '\uffee',
  '\u{1f6d2}',
  'x'.repeat(255),
  '👟'.repeat(255),
  '18446744073709551615',
  '\\N',
  '%',
];

describe.each(inject('databases').map((server) => [server.kind, server] as const))(
  'importing to %s',
  (_kind, server) => {
    const schema = ownSchema(server);

    test('the first import creates a table that equals the file, and the second one changes nothing', async () => {
      const table = tableOf(schema(), { table: 'odd' });
      const lines = linesOf(allPairs(oddIds));
      const relations = oddIds.length * (oddIds.length - 1);
      const figures = { relations, sources: oddIds.length, changed: 0, removed: 0, changes: undefined };
      expect(await importInto(table, lines)).toMatchObject({ ...figures, added: relations, unchanged: 0 });
      expect(await tableLines(schema(), table)).toEqual(lines);
      expect(await importInto(table, lines)).toMatchObject({ ...figures, added: 0, unchanged: relations });
      expect(await tableLines(schema(), table)).toEqual(lines);
    });

    test('integers of 64 bits are compared and stored exactly', async () => {
      const table = tableOf(schema(), { table: 'integers' });
      const ids = [
        '0',
        '9',
        '10',
        '9007199254740991',
        '9007199254740992',
        '9007199254740993',
        '18446744073709551614',
        '18446744073709551615',
      ];
      const lines = linesOf(allPairs(ids), 'integer');
      await importInto(table, lines);
      const [columns] = await schema().root.query<RowDataPacket[]>('SHOW COLUMNS FROM integers');
      expect(columns.map((column) => String(column['Type']).replace(/\(\d+\)/, ''))).toEqual([
        'bigint unsigned',
        'bigint unsigned',
        'int unsigned',
      ]);
      const changed = lines.map((line, at) => (at % 3 === 0 ? `${line}1` : line)).filter((_, at) => at % 5 !== 0);
      const { added, unchanged } = await importInto(table, changed);
      expect({ added, unchanged }).toEqual({
        added: 0,
        unchanged: changed.filter((line) => lines.includes(line)).length,
      });
      expect(await tableLines(schema(), table)).toEqual(linesOf(changed.map(relationOf)));
      await importInto(table, lines);
      expect(await tableLines(schema(), table)).toEqual(linesOf(allPairs(ids)));
    });

    test('the ids of a new table take the type of the product column of the source', async () => {
      const column = { name: 'product_id', unsigned: false, nullable: false, collation: undefined, length: undefined };
      const cases = [
        [
          { kind: 'integer', type: 'mediumint(8) unsigned', dataType: 'mediumint', unsigned: true },
          'mediumint unsigned',
        ],
        [{ kind: 'integer', type: 'int', dataType: 'int' }, 'int'],
        [
          { kind: 'text', type: 'varchar(40)', dataType: 'varchar', length: 40, collation: 'latin1_bin' },
          'varchar(40)',
        ],
        [{ kind: 'text', type: 'varchar(900)', dataType: 'varchar', length: 900 }, 'varchar(255)'],
        [{ kind: 'text', type: 'char(12)', dataType: 'char', length: 12 }, 'char(12)'],
        [{ kind: 'text', type: 'text', dataType: 'text', length: 65535 }, 'varchar(255)'],
        [{ kind: 'binary', type: 'binary(16)', dataType: 'binary', length: 16 }, 'binary(16)'],
        [{ kind: 'binary', type: 'blob', dataType: 'blob', length: 65535 }, 'varbinary(127)'],
      ] as const;
      for (const [at, [part, type]] of cases.entries()) {
        const table = tableOf(schema(), { table: `typed_${at}` });
        await importInto(table, '', { idColumn: { ...column, ...part } });
        const [[source]] = await schema().root.query<RowDataPacket[]>(`SHOW COLUMNS FROM typed_${at}`);
        expect(String(source?.['Type']).replace(/int\(\d+\)/, 'int')).toBe(type);
      }
    });

    test('binary ids travel as lower-case hex', async () => {
      const table = tableOf(schema(), { table: 'binaries' });
      await schema().root.query(
        'CREATE TABLE binaries (source_product_id BINARY(2) NOT NULL, target_product_id BINARY(2) NOT NULL, weight INT, PRIMARY KEY (source_product_id, target_product_id))',
      );
      const lines = linesOf(allPairs(['0000', '00ff', '1234', '2000', 'ff00']));
      await importInto(table, lines);
      expect(await tableLines(schema(), table, true)).toEqual(lines);
      expect((await importInto(table, lines)).unchanged).toBe(20);
      await importInto(table, lines.slice(3));
      expect(await tableLines(schema(), table, true)).toEqual(lines.slice(3));
    });

    test('a table of the user is used as it is, and its other columns keep their values', async () => {
      const { root } = schema();
      await root.query(
        `CREATE TABLE viewed_products (id INT AUTO_INCREMENT, source_product_id INT UNSIGNED, target_product_id INT UNSIGNED, count INT,
       note VARCHAR(20) DEFAULT 'new', pinned INT NOT NULL DEFAULT 0, KEY (id), UNIQUE KEY (source_product_id, target_product_id))`,
      );
      const table = tableOf(schema(), { table: 'viewed_products', weightColumn: 'count' });
      await importInto(table, linesOf(allPairs(['1', '2', '10']), 'integer'));
      await root.query("UPDATE viewed_products SET note = 'kept', pinned = 1");
      const next: Relation[] = [
        ['1', '2', 99],
        ['1', '10', 7],
        ['2', '1', 8],
        ['2', '11', 5],
      ];
      const { added, changed, removed, unchanged } = await importInto(table, linesOf(next, 'integer'));
      expect({ added, changed, removed, unchanged }).toEqual({ added: 1, changed: 1, removed: 3, unchanged: 2 });
      const [rows] = await root.query({
        sql: 'SELECT id, source_product_id, target_product_id, count, note, pinned FROM viewed_products ORDER BY 2, 3',
        rowsAsArray: true,
      });
      expect(rows).toEqual([
        [1, 1, 2, 99, 'kept', 1],
        [2, 1, 10, 7, 'kept', 1],
        [3, 2, 1, 8, 'kept', 1],
        [expect.any(Number), 2, 11, 5, 'new', 0],
      ]);
    });

    test('the changes are kept where they are asked for', async () => {
      const table = tableOf(schema(), { table: 'kept' });
      await importInto(table, ['1\t2\t5', '1\t3\t5', '2\t1\t5']);
      const changes = path.join(temporaryFolder(), 'changes.tsv.gz');
      const { changes: artefact } = await importInto(table, ['1\t2\t5', '1\t3\t6', '2\t10\t1'], { changes });
      expect(gunzipSync(readFileSync(changes)).toString()).toBe('~\t1\t3\t5\t6\n-\t2\t1\t5\t\n+\t2\t10\t\t1\n');
      expect(artefact).toMatchObject({ location: changes, lines: 3 });
    });

    test('a run is recorded with its figures, once, also when nothing changed', async () => {
      const table = tableOf(schema(), { table: 'recorded' });
      const run = {
        id: '20260102T030405Z-ab12',
        startedAt: new Date('2026-01-02T03:04:05.678Z'),
        parameters: '{"top": 10}',
      };
      const now = (): Date => new Date('2026-01-02T04:00:00.000Z');
      const figures = async (): Promise<unknown> => {
        const [rows] = await schema().root.query<RowDataPacket[]>({
          sql: `SELECT run_id, state, CAST(started_at AS CHAR) started, CAST(finished_at AS CHAR) finished, relations, sources, added, changed, removed,
              sha256, JSON_EXTRACT(parameters, '$.top') top FROM recorded_runs`,
        });
        return rows;
      };
      const row = {
        run_id: run.id,
        state: 'published',
        started: '2026-01-02 03:04:05.678',
        finished: '2026-01-02 04:00:00.000',
        relations: 2,
        sources: 2,
        changed: 0,
        removed: 0,
        sha256: createHash('sha256').update('a\tb\t1\nb\ta\t1\n').digest('hex'),
        added: 2,
      };
      await importInto(table, ['a\tb\t1', 'b\ta\t1'], { run }, { now });
      expect(await figures()).toMatchObject([row]);
      await importInto(table, ['a\tb\t1', 'b\ta\t1'], { run }, { now });
      expect(await figures()).toMatchObject([{ ...row, added: 0 }]);
    });

    test('ids of a table in any character set and collation are compared by their bytes', async () => {
      const { root } = schema();
      const texts = ['10', '9', 'B', 'a', 'é', 'z', '010'];
      for (const [at, collation] of [
        'latin1_swedish_ci',
        'utf8mb4_general_ci',
        'utf8mb4_bin',
        'utf16_bin',
        'ascii_bin',
      ].entries()) {
        const type = `VARCHAR(20) CHARACTER SET ${collation.replace(/_.*/, '')} COLLATE ${collation} NOT NULL`;
        await root.query(
          `CREATE TABLE c${at} (source_product_id ${type}, target_product_id ${type}, weight INT NOT NULL, PRIMARY KEY (target_product_id, source_product_id))`,
        );
        const table = tableOf(schema(), { table: `c${at}` });
        const ids = collation === 'ascii_bin' ? texts.filter((id) => id !== 'é') : texts;
        const rows = allPairs(ids);
        await importInto(table, linesOf(rows));
        expect(await tableLines(schema(), table)).toEqual(linesOf(rows));
        const other = rows
          .filter((_, nr) => nr % 3 !== 0)
          .map(([s, t, w], nr): Relation => [s, t, nr % 2 === 0 ? w : w + 1]);
        await importInto(table, linesOf(other));
        expect(await tableLines(schema(), table)).toEqual(linesOf(other));
        expect((await importInto(table, linesOf(other))).unchanged).toBe(other.length);
      }
    });

    test('a table that holds what is no relation is refused', async () => {
      const { root } = schema();
      await root.query(
        'CREATE TABLE nulls (source_product_id INT, target_product_id INT, weight INT, UNIQUE KEY (source_product_id, target_product_id))',
      );
      await root.query('INSERT INTO nulls VALUES (1, 2, 3), (1, NULL, 3)');
      await expect(importInto(tableOf(schema(), { table: 'nulls' }), ['1\t2\t4'])).rejects.toMatchObject({
        kind: 'badData',
        message: 'Cannot compare with table nulls: it holds a NULL',
      });
      expect(await root.query({ sql: 'SELECT weight FROM nulls', rowsAsArray: true })).toMatchObject([[[3], [3]], {}]);
    });
  },
);

function relationOf(line: string): Relation {
  const [source = '', target = '', weight] = line.split('\t');
  return [source, target, Number(weight)];
}
