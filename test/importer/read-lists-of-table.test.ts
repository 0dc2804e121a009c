import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { show } from 'also-viewed';
import { describe, expect, inject, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { readListsOfTable } from '#dist/importer/read-lists-of-table.js';
import { alsoViewed } from '../cli/also-viewed.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { allPairs, importInto, linesOf, type Relation, relationsFile, tableOf } from './run-import.ts';

const idsOf = {
  text: ['a', 'A', 'a ', 'é', 'a\\', '010', '10', '👟', "'; DROP TABLE x; --"],
  integers: ['0', '9', '10', '9007199254740993', '18446744073709551615'],
  bytes: ['00ff', '0aff', 'ff00'],
};
const others = ['b', '1', '010 ', 'ff', '0aFF', '-1', '1e1', ' 10', 'ä'];

describe.each(inject('databases').map((server) => [server.kind, server] as const))(
  'the lists of a table of %s',
  (_kind, server) => {
    const schema = ownSchema(server);

    test.each([
      ['text', idsOf.text, 'text', undefined],
      ['integers', idsOf.integers, 'integer', undefined],
      ['bytes', idsOf.bytes, 'text', 'BINARY(2)'],
      ['collated', ['a', 'b', 'é', 'x'], 'text', 'VARCHAR(20) COLLATE utf8mb4_general_ci'],
    ] as const)('are those of the file: %s', async (name, ids, order, type) => {
      const table = tableOf(schema(), { table: name });
      if (type !== undefined) {
        await schema().root.query(
          `CREATE TABLE ${name} (source_product_id ${type}, target_product_id ${type}, weight INT, UNIQUE KEY (source_product_id, target_product_id))`,
        );
      }
      const lines = linesOf(allPairs(ids), order);
      await importInto(table, lines);
      const options = {
        products: [...ids, ...others],
        work: 'nowhere',
        top: 100,
        columns: { path: 'p', product: 'q' },
      };
      const lists = await show({ ...options, table });
      expect(lists).toEqual(await show({ ...options, relations: relationsFile(lines) }));
    });

    test('are shown by the command line where it names the table, not where the configuration does', async () => {
      const table = tableOf(schema(), { table: 'shown' });
      await importInto(table, ['a\tb\t2', 'b\ta\t2']);
      const { host, port, user } = server;
      const uri = `mysql://${user}@${host}:${port}/${schema().name}`;
      const cwd = temporaryFolder();
      writeFileSync(path.join(cwd, 'c.yml'), `target: ${uri}\ntarget-table: shown\n`);
      const env = { ALSO_VIEWED_TARGET_PASSWORD: schema().password };
      const args = ['show', 'a', '--config', 'c.yml', '--format', 'tsv'];
      const list = 'source\trank\ttarget\tname\tweight\tshare\na\t1\tb\t\t2\t\n';
      expect(await alsoViewed([...args, '--target', uri], { cwd, env })).toMatchObject({ code: 0, stdout: list });
      expect(await alsoViewed(args, { cwd, env })).toMatchObject({
        code: 66,
        stderr: expect.stringContaining('Cannot find a finished run in also-viewed-work'),
      });
    });

    test('come with every source of the table when one is not there', async () => {
      const table = tableOf(schema(), { table: 'near' });
      const rows: Relation[] = [
        ['1001', '1002', 1],
        ['1002', '1001', 1],
      ];
      await importInto(table, linesOf(rows));
      const sources: string[] = [];
      await readListsOfTable(table, ['1001'], (source) => sources.push(source), defaultEffects());
      expect(sources).toEqual([]);
      const lists = await readListsOfTable(table, ['1003'], (source) => sources.push(source), defaultEffects());
      expect([lists.get('1003'), sources.sort()]).toEqual([[], ['1001', '1002']]);
    });

    test('cannot be read from a table that is not there', async () => {
      const table = tableOf(schema(), { table: 'missing' });
      await expect(readListsOfTable(table, ['a'], () => {}, defaultEffects())).rejects.toMatchObject({ exitCode: 78 });
    });
  },
);
