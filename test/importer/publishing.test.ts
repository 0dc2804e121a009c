import { createReadStream } from 'node:fs';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { type Log, silentLog } from '#dist/effects.js';
import { importRelations, type MysqlTable } from '#dist/importer/import-relations.js';
import { type OwnSchema, ownSchema } from '../mysql/own-schema.ts';
import { tcpProxy } from '../mysql/tcp-proxy.ts';
import { publishWhenFree } from './publish-when-free.ts';
import { importInto, linesOf, type Relation, relationsFile, tableLines, tableOf } from './run-import.ts';

const sources = 400;
const targets = 25;

/** Lists whose rows all carry the same weight, the state, and whose targets depend on it: an old row in a new list can be told. */
function lists(state: number): string[] {
  const rows: Relation[] = [];
  for (let source = 0; source < sources; source++) {
    for (let target = 0; target < targets; target++) {
      rows.push([`${1000 + source}`, `${2000 + target * 2 + (target % 3 === 0 ? state % 2 : 0)}`, state]);
    }
  }
  return linesOf(rows, 'integer');
}

/** What `statesIn` says of a list in state 1 or 2: its rows, its weights, the sum of its targets. */
const states: Readonly<Record<number, string>> = { 1: '25 1 1 50609', 2: '25 2 2 50600' };

/** Calls `then` once, when a transaction has been applied that is `at` of the way. */
function whenApplied(at: number, then: () => void): Log {
  let called = false;
  return {
    ...silentLog,
    debug: (_, fields) => {
      if (!called && Number(fields?.['done']) >= at * Number(fields?.['total'])) {
        called = true;
        then();
      }
    },
  };
}

async function connectionTo(schema: OwnSchema): Promise<Awaited<ReturnType<typeof createConnection>>> {
  const { host, port, user, database } = schema.address();
  const connection = await createConnection({ host, port, user, database, password: schema.password });
  onTestFinished(() => connection.end());
  return connection;
}

/** The states of each source's list: one, unless it is a mixture. */
async function statesIn(connection: Awaited<ReturnType<typeof createConnection>>, table: string): Promise<Set<string>> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT COUNT(*) n, MIN(weight) low, MAX(weight) high, SUM(target_product_id) sum FROM ${table} GROUP BY source_product_id`,
  );
  expect(rows).toHaveLength(sources);
  return new Set(rows.map(({ n, low, high, sum }) => `${n} ${low} ${high} ${sum}`));
}

describe.each(inject('databases').map((server) => [server.kind, server] as const))(
  'publishing to %s',
  (kind, server) => {
    const schema = ownSchema(server);

    async function published(table: MysqlTable, at: number): Promise<void> {
      await importInto(table, lists(at), { batchRows: 300 });
    }

    test('a reader sees the old list of a source or its new one, never a mixture', async () => {
      const table = tableOf(schema(), { table: 'polled' });
      await published(table, 1);
      const reader = await connectionTo(schema());
      await reader.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
      let importing = true;
      let mixed = 0;
      const polling = (async () => {
        while (importing) {
          const seen = await statesIn(reader, 'polled');
          mixed += seen.size === 2 ? 1 : 0;
          expect(Object.values(states)).toEqual(expect.arrayContaining([...seen]));
        }
      })();
      for (const at of [2, 1, 2]) {
        await published(table, at);
      }
      importing = false;
      await polling;
      // Otherwise it never looked while the import was under way.
      expect(mixed).toBeGreaterThan(0);
    });

    test.each([0, 0.3, 0.7])(
      'a connection killed at %d of the way ends the import at once, and the next one repairs it',
      async (at) => {
        const table = tableOf(schema(), { table: `killed_${at * 10}` });
        await published(table, 1);
        const run = { id: 'run', startedAt: new Date(), parameters: '{}' };
        const killer = await connectionTo(schema());
        let killedAt = 0;
        const kill = async (): Promise<void> => {
          const [rows] = await killer.query<RowDataPacket[]>(
            'SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB = ? AND ID NOT IN (?)',
            [schema().name, [killer.threadId, schema().root.threadId]],
          );
          killedAt = performance.now();
          for (const { id } of rows) {
            // The import ends its other connections as soon as it misses one.
            await killer.query(`KILL ${id}`).catch(() => {});
          }
        };
        const effects = { log: whenApplied(at, () => void kill()) };
        await expect(importInto(table, lists(2), { batchRows: 100, run }, effects)).rejects.toMatchObject({
          kind: 'unavailable',
          exitCode: 69,
        });
        expect(performance.now() - killedAt).toBeLessThan(5_000);
        const seen = await statesIn(killer, table.table);
        expect(Object.values(states)).toEqual(expect.arrayContaining([...seen]));
        expect(seen).toHaveLength(2);
        const runs = {
          sql: `SELECT state, finished_at IS NULL FROM ${table.table}_runs WHERE run_id = '${run.id}'`,
          rowsAsArray: true,
        };
        expect((await killer.query(runs))[0]).toEqual([['partial', 1]]);

        await publishWhenFree(table, lists(2), { run });
        expect(await statesIn(killer, table.table)).toEqual(new Set([states[2]]));
        expect((await killer.query(runs))[0]).toEqual([['published', 0]]);
      },
    );

    test('an import that is told to stop ends between two lists', async () => {
      const table = tableOf(schema(), { table: 'stopped' });
      await published(table, 1);
      const stop = new AbortController();
      const effects = { log: whenApplied(0.4, () => stop.abort(new Error('stop'))), signal: stop.signal };
      await expect(importInto(table, lists(2), { batchRows: 100 }, effects)).rejects.toThrow('stop');
      expect(Object.values(states)).toEqual(expect.arrayContaining([...(await statesIn(schema().root, 'stopped'))]));
    });

    test('a table that another import has locked is left alone, at once, and by whom, from where and since when is said', async () => {
      const table = tableOf(schema(), { table: 'locked' });
      await published(table, 1);
      let tried: Promise<unknown> = Promise.resolve();
      const effects = {
        log: whenApplied(
          0,
          () => (tried = importInto({ ...table, table: 'LOCKED' }, lists(1)).catch((error: unknown) => error)),
        ),
      };
      await importInto(table, lists(2), { batchRows: 1000 }, effects);
      expect(await tried).toMatchObject({
        kind: 'tryLater',
        message: expect.stringMatching(
          /^Cannot publish to table LOCKED: connection \d+ of the server \(from 127\.0\.0\.1:\d+; process (\d+), since [\dT:-]+Z\) is publishing to it$/,
        ),
        remedy: expect.stringContaining('--wait'),
      });
    });

    test('a table that another import has locked is waited for, if there is patience', async () => {
      const table = tableOf(schema(), { table: 'awaited' });
      await published(table, 1);
      let waited: Promise<unknown> = Promise.resolve();
      const said: string[] = [];
      const log = { ...silentLog, info: (message: string) => void said.push(message) };
      const begin = (): void => {
        waited = importInto(table, lists(1), { wait: 600_000 }, { log });
      };
      const run = { id: 'other', startedAt: new Date('2026-11-21T03:00:00Z'), parameters: '{}' };
      await importInto(table, lists(2), { run, batchRows: 1000 }, { log: whenApplied(0, begin) });
      await waited;
      expect(said).toContainEqual(
        expect.stringMatching(
          /^Waiting for connection \d+ of the server \(from 127\.0\.0\.1:\d+; process \d+, since [\dT:-]+Z; run other, which has been publishing since [\d-]+ [\d:.]+ UTC\), which is publishing to table awaited$/,
        ),
      );
      expect(await statesIn(schema().root, 'awaited')).toEqual(new Set([states[1]]));
    });

    test('ids that the collation of the table takes for one are refused by name, and nothing is written', async () => {
      const id = 'VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL';
      await schema().root.query(
        `CREATE TABLE ci (source_product_id ${id}, target_product_id ${id}, weight INT NOT NULL, PRIMARY KEY (source_product_id, target_product_id))`,
      );
      const table = tableOf(schema(), { table: 'ci' });
      const old = ['a\tx\t1', 'b\tx\t1', 'c\tx\t1'];
      await importInto(table, old);
      await expect(
        importInto(table, ['a\tx\t2', 'b\tX\t5', 'b\tx\t2', 'c\tx\t2'], { batchRows: 1 }),
      ).rejects.toMatchObject({
        kind: 'badData',
        message: expect.stringMatching(/its collation utf8mb4_general_ci takes the ids "x" and "X" for one/i),
      });
      expect(await tableLines(schema(), table)).toEqual(old);
    });

    test.each([
      ['strasse', 'straße'],
      ['ab', 'a\u200bb'],
      ['a', 'a '],
    ])(
      '%j and %j are refused where a collation that pads has letters of several weights or of none',
      async (one, other) => {
        const id = 'VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL';
        await schema().root.query('DROP TABLE IF EXISTS weighed');
        await schema().root.query(
          `CREATE TABLE weighed (source_product_id ${id}, target_product_id ${id}, weight INT NOT NULL, PRIMARY KEY (source_product_id, target_product_id))`,
        );
        const table = tableOf(schema(), { table: 'weighed' });
        await expect(importInto(table, [`x\t${one}\t1`, `x\t${other}\t2`])).rejects.toMatchObject({
          kind: 'badData',
          message: expect.stringMatching(/its collation utf8mb4_unicode_ci takes the ids .* for one/),
        });
        await importInto(table, [`x\t${one}\t1`, 'x\tz\t2']);
        await importInto(table, [`x\t${other}\t1`, 'x\tz\t2']);
        expect(await tableLines(schema(), table)).toEqual([`x\t${other}\t1`, 'x\tz\t2']);
      },
    );

    test('ids that differ by a space at their end are two where the collation of the table does not pad', async () => {
      const collation = kind === 'mysql' ? 'utf8mb4_0900_ai_ci' : 'utf8mb4_general_nopad_ci';
      const id = `VARCHAR(20) CHARACTER SET utf8mb4 COLLATE ${collation} NOT NULL`;
      await schema().root.query(
        `CREATE TABLE spaced (source_product_id ${id}, target_product_id ${id}, weight INT NOT NULL, PRIMARY KEY (source_product_id, target_product_id))`,
      );
      const table = tableOf(schema(), { table: 'spaced' });
      for (const lines of [
        ['a\tb\t1', 'a\tb \t2', 'b\ta\t1', 'b \ta\t2'],
        ['a\tb\t1', 'a\tb \t3', 'b \ta\t3'],
      ]) {
        await importInto(table, lines);
        expect(await tableLines(schema(), table)).toEqual(lines);
      }
    });

    test('an id may give way to another one that the collation of the table takes for the same', async () => {
      const id = 'VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL';
      await schema().root.query(
        `CREATE TABLE recased (source_product_id ${id}, target_product_id ${id}, weight INT NOT NULL, PRIMARY KEY (source_product_id, target_product_id))`,
      );
      const table = tableOf(schema(), { table: 'recased' });
      const run = { id: 'run', startedAt: new Date(), parameters: '{}' };
      await importInto(table, ['0\tx\t1', 'a\tx\t1', 'a\ty\t1', 'b\ta\t1', 'b\tc\t1'], { batchRows: 1 });
      // Sorted by bytes, the insertion of A comes long before the deletion of a.
      const lines = ['0\tx\t2', 'A\tx\t1', 'A\tz\t1', 'B\tA\t3', 'B\tc\t1'];
      expect(await importInto(table, lines, { batchRows: 1, run })).toMatchObject({ added: 4, changed: 1, removed: 4 });
      expect(await tableLines(schema(), table)).toEqual(lines);
      const runs = await schema().root.query({
        sql: "SELECT state FROM recased_runs WHERE run_id = 'run'",
        rowsAsArray: true,
      });
      expect(runs[0]).toEqual([['published']]);
    });

    test('a run that is told to stop is marked as partial, and one that has died is by the next one', async () => {
      const table = tableOf(schema(), { table: 'marked' });
      const startedAt = new Date();
      await importInto(table, ['a\tb\t1'], { run: { id: 'first', startedAt, parameters: '{}' } });
      const stop = new AbortController();
      const effects = { log: whenApplied(0, () => stop.abort(new Error('stop'))), signal: stop.signal };
      const stopped = importInto(
        table,
        ['a\tb\t2', 'b\ta\t2', 'c\ta\t2'],
        { batchRows: 1, run: { id: 'second', startedAt, parameters: '{}' } },
        effects,
      );
      await expect(stopped).rejects.toThrow('stop');
      const states = async (): Promise<unknown> => {
        const sql = 'SELECT run_id, state, finished_at IS NULL FROM marked_runs ORDER BY run_id';
        return (await schema().root.query({ sql, rowsAsArray: true }))[0];
      };
      const first = ['first', 'published', 0];
      expect(await states()).toEqual([first, ['second', 'partial', 1]]);
      // As one that is killed leaves it.
      await schema().root.query("UPDATE marked_runs SET state = 'publishing' WHERE run_id = 'second'");
      await importInto(table, ['a\tb\t2'], { run: { id: 'third', startedAt, parameters: '{}' } });
      expect(await states()).toEqual([first, ['second', 'partial', 1], ['third', 'published', 0]]);
    });

    test('a connection lost while the table is read ends the import at once', async () => {
      const table = tableOf(schema(), { table: 'cut' });
      const rows = Array.from({ length: 60_000 }, (_, at): Relation => [`${100_000 + at}`, '1', 1]);
      await importInto(table, linesOf(rows, 'integer'));
      const { port } = await tcpProxy(server.port, { cutAfter: 500_000 });
      const started = performance.now();
      await expect(importInto({ ...table, address: schema().address({ port }) }, ['1\t2\t3'])).rejects.toMatchObject({
        kind: 'unavailable',
      });
      expect(performance.now() - started).toBeLessThan(5_000);
      expect(await tableLines(schema(), table)).toHaveLength(rows.length);
    });

    test('standard input can be imported', async () => {
      const table = tableOf(schema(), { table: 'piped' });
      const stdin = createReadStream(relationsFile(['a\tb\t1']));
      const { added } = await importRelations('-', { kind: 'table', table }, {}, { stdin });
      expect(added).toBe(1);
    });
  },
);
