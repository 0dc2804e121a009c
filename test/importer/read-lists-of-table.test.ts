import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { explain, show } from 'also-viewed';
import { describe, expect, inject, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { silentLog } from '#dist/effects.js';
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
const others = ['b', '1', '010 ', 'ff', '0aFF', '-1', '1e1', ' 10', 'ä', '👠'];

describe.each(inject('databases').map((server) => [server.kind, server] as const))(
  'the lists of a table of %s',
  (_kind, server) => {
    const schema = ownSchema(server);

    test.each([
      ['text', idsOf.text, 'text', undefined],
      ['integers', idsOf.integers, 'integer', undefined],
      ['bytes', idsOf.bytes, 'text', 'BINARY(2)'],
      ['collated', ['a', 'b', 'é', 'x'], 'text', 'VARCHAR(20) COLLATE utf8mb4_general_ci'],
      ['latin1', ['?', 'a', 'é'], 'text', 'VARCHAR(20) CHARACTER SET latin1'],
      ['zeros', ['0', '9', '18446744073709551615'], 'integer', 'BIGINT UNSIGNED ZEROFILL'],
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

    test.each([
      ['integers', 'integer', ['5001', '500x1', '5,001'], '99999999999999999999'],
      ['text', 'text', ['5001', '5001x'], 'zwischen'],
    ] as const)(
      'come with sources around when one is not there, and not with all of them: %s',
      async (name, order, missing, last) => {
        const table = tableOf(schema(), { table: `near_${name}` });
        const targets = Array.from({ length: 10 }, (_, at) => `${20_000 + at}`);
        const rows = Array.from({ length: 2500 }, (_, at) =>
          targets.map((to): Relation => [`${4 * at}`, to, 1]),
        ).flat();
        await importInto(table, linesOf(name === 'text' ? [...rows, ['a', 'b', 1]] : rows, order));
        const near = async (source: string): Promise<string[]> => {
          const sources: string[] = [];
          await readListsOfTable(table, [source], (other) => sources.push(other), defaultEffects());
          return sources;
        };
        expect(await near('5000')).toEqual([]);
        for (const id of missing) {
          expect(await near(id)).toEqual(expect.arrayContaining(['5000', '5004']));
        }
        // Those of the last 20,000 relations.
        const behind = await near(last);
        expect(behind).toContain(name === 'text' ? 'a' : '9996');
        expect(behind).toHaveLength(name === 'text' ? 2001 : 2000);
      },
    );

    test('are explained, and what does not belong to the views is said', async () => {
      const table = tableOf(schema(), { table: 'explained' });
      await importInto(table, ['a\tb\t2', 'a\tc\t1', 'b\ta\t2']);
      const folder = temporaryFolder();
      const views = path.join(folder, 'v.tsv');
      writeFileSync(views, '1\ta\n1\tb\n2\ta\n2\tb\n3\ta\n3\tc\n');
      const said: string[] = [];
      const log = { ...silentLog, warn: (message: string) => said.push(message) };
      const options = { source: 'a', work: 'nowhere', columns: { path: 'p', product: 'q' }, views, table };
      expect(await explain({ ...options, target: 'b' }, { log })).toMatchObject({
        weight: 2,
        source: { stored: 2 },
        target: { stored: 2 },
      });
      expect(said).toEqual([]);
      expect(await explain({ ...options, target: 'c' }, { log })).toMatchObject({
        weight: 1,
        source: { stored: 1 },
        target: { stored: undefined },
      });
      expect(said).toEqual([
        'c and a are not related, and 1 paths have both: the relations are not of these views, or were related with other limits',
      ]);
      const { host, port, user } = server;
      const uri = `mysql://${user}@${host}:${port}/${schema().name}`;
      const from = ['--views', views, '--target', uri, '--target-table', 'explained', '--format', 'tsv'];
      const env = { ALSO_VIEWED_TARGET_PASSWORD: schema().password };
      expect(await alsoViewed(['explain', 'a', 'c', ...from], { cwd: folder, env })).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('\nweight\t1\n'),
        stderr: `Warning: ${said[0]}\n`,
      });
    });

    test('cannot be read from a table that is not there', async () => {
      const table = tableOf(schema(), { table: 'missing' });
      await expect(readListsOfTable(table, ['a'], () => {}, defaultEffects())).rejects.toMatchObject({ exitCode: 78 });
    });
  },
);
