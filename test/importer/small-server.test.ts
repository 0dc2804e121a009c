import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { type Log, type LogFields, silentLog } from '#dist/effects.js';
import { withConnection } from '#dist/mysql/connect.js';
import { ownSchema } from '../mysql/own-schema.ts';
import { startMariaDb } from '../services/mariadb.ts';
import { startMySql } from '../services/mysql.ts';
import { allPairs, importInto, linesOf, type Relation, tableLines, tableOf } from './run-import.ts';

/** Servers of their own, because these settings would disturb other tests. */
const args = [
  '--max-allowed-packet=65536',
  '--innodb-lock-wait-timeout=1',
  // Not for root.
  `--init-connect=SET NAMES latin1, autocommit = 0, completion_type = 2, foreign_key_checks = 0, sql_safe_updates = 1, sql_select_limit = 2,
    max_join_size = 2 /*M! , idle_transaction_timeout = 1 */`,
];
const servers = await Promise.all([
  // MySQL takes the first only when it is given before there are data; the second is the default of newer releases.
  startMariaDb({ args: [...args, '--lower-case-table-names=1', '--loose-innodb-snapshot-isolation=ON'] }),
  startMySql({ args }),
]);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

describe.each(servers.map((server) => [server.kind, server] as const))('%s', (_kind, server) => {
  const schema = ownSchema(server);

  /** Somebody who holds the locks of `sql` until the log tells of a wait that was too long. */
  async function lockedUntilMissed(sql: string): Promise<{ readonly log: Log; readonly isReleased: () => boolean }> {
    const { host, port, user, database } = schema().address();
    const other = await createConnection({ host, port, user, database, password: schema().password });
    onTestFinished(() => other.end());
    await other.query('START TRANSACTION');
    await other.query(sql);
    let released: Promise<unknown> | undefined;
    const info = (_: string, fields?: LogFields): void => {
      if (fields?.['code'] === 'ER_LOCK_WAIT_TIMEOUT') {
        released ??= other.query('COMMIT');
      }
    };
    return { log: { ...silentLog, info }, isReleased: () => released !== undefined };
  }

  test('a batch that has waited too long for a lock is tried again', async () => {
    const table = tableOf(schema(), { table: 'waiting' });
    await importInto(table, ['1\t2\t3', '2\t1\t3']);
    const row = 'source_product_id = 2 AND target_product_id = 1';
    const { log, isReleased } = await lockedUntilMissed(`SELECT * FROM waiting WHERE ${row} FOR UPDATE`);
    // The insertion succeeds, then the change waits: unless both are taken back, the second attempt finds the row there.
    const result = await importInto(table, ['1\t2\t3', '1\t3\t1', '2\t1\t4'], {}, { log });
    expect(isReleased()).toBe(true);
    expect(result).toMatchObject({ added: 1, changed: 1 });
    expect(await tableLines(schema(), table)).toEqual(['1\t2\t3', '1\t3\t1', '2\t1\t4']);
  });

  test('a batch that has waited for rows which somebody else then changed goes on', async () => {
    const table = tableOf(schema(), { table: 'changing' });
    const pairs = allPairs(Array.from({ length: 100 }, (_, at) => `${100 + at}`));
    const changed = linesOf(pairs.map(([source, target, weight]): Relation => [source, target, weight + 1]));
    await importInto(table, linesOf(pairs));
    await schema().root.query('ALTER TABLE changing ADD COLUMN seen INT NOT NULL DEFAULT 0');
    const { host, port, user, database } = schema().address();
    const other = await createConnection({ host, port, user, database, password: schema().password });
    onTestFinished(() => other.end());
    await other.query('START TRANSACTION');
    await other.query('UPDATE changing SET seen = 1 WHERE source_product_id IN (110, 190)');
    const codes: unknown[] = [];
    const log = {
      ...silentLog,
      info: (_: string, fields?: LogFields) => codes.push(...(fields?.['code'] === undefined ? [] : [fields['code']])),
    };
    const imported = importInto(table, changed, {}, { log });
    const waiting = "SELECT trx_id FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'";
    // On a slow machine the wait may be over, and the batch tried again, before it is seen.
    while (codes.length === 0 && (await schema().root.query<RowDataPacket[]>(waiting))[0].length === 0) {
      // The server looks anew only when nobody has asked for a tenth of a second.
      await sleep(200);
    }
    await other.query('COMMIT');
    expect(await imported).toMatchObject({ changed: 9_900 });
    expect(await tableLines(schema(), table)).toEqual(changed);
  });

  test('a first load that has waited too long for a lock is tried again', async () => {
    const table = tableOf(schema(), { table: 'gap' });
    await schema().root.query(
      'CREATE TABLE gap (source_product_id INT, target_product_id INT, weight INT, PRIMARY KEY (source_product_id, target_product_id))',
    );
    const { log, isReleased } = await lockedUntilMissed('SELECT * FROM gap FOR UPDATE');
    const lines = linesOf(allPairs(Array.from({ length: 300 }, (_, at) => `${100 + at}`)));
    expect(await importInto(table, lines, {}, { log })).toMatchObject({ added: lines.length });
    expect(isReleased()).toBe(true);
    expect(await tableLines(schema(), table)).toEqual(lines);
  });

  /** A list of some 3 MB. */
  const rows = Array.from({ length: 12_000 }, (_, at): Relation => ['a', `${'ü'.repeat(100)}${at}`, 1]);

  test('a first load is of packets that the server takes', async () => {
    const table = tableOf(schema(), { table: 'loaded' });
    await importInto(table, linesOf(rows));
    expect(await tableLines(schema(), table)).toEqual(linesOf(rows));
  });

  test('a source with many relations is one transaction, of statements that the server takes', async () => {
    const table = tableOf(schema(), { table: 'long_list' });
    // An empty table would be loaded where the server allows it.
    await importInto(table, ['b\ta\t1']);
    const applied: unknown[] = [];
    const log = { ...silentLog, debug: (_: string, fields?: object) => applied.push(fields) };
    await importInto(table, linesOf([...rows, ['b', 'a', 2]]), {}, { log });
    expect(applied).toEqual([
      { done: 12_000, total: 12_001 },
      { done: 12_001, total: 12_001 },
    ]);
    const changed = linesOf(rows.filter((_, at) => at % 3 > 0).map(([s, t], at): Relation => [s, t, 1 + (at % 2)]));
    await importInto(table, changed);
    expect(await tableLines(schema(), table)).toEqual(changed);
  });

  test('whether a collation takes two of many long ids for one is asked in statements that the server takes', async () => {
    const table = tableOf(schema(), { table: 'collated' });
    await schema().root.query(
      `CREATE TABLE collated (source_product_id VARCHAR(200) NOT NULL, target_product_id VARCHAR(200) NOT NULL, weight INT NOT NULL,
         PRIMARY KEY (source_product_id, target_product_id)) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
    );
    const some = linesOf(rows.slice(0, 1_000));
    await importInto(table, some);
    expect(await tableLines(schema(), table)).toEqual(some);
  });

  test('a table with capitals in its name is swapped, also where the server keeps it without', async () => {
    const table = tableOf(schema(), { table: 'With_Capitals' });
    await importInto(table, ['1\t2\t3', '2\t1\t3']);
    await schema().root.query('ALTER TABLE With_Capitals ADD CHECK (weight > 0)');
    const messages: string[] = [];
    const log = { ...silentLog, info: (message: string) => messages.push(message) };
    await importInto(table, ['1\t2\t4', '2\t1\t4'], { swap: true }, { log });
    expect(messages).toContain('Exchanged table With_Capitals for a new one');
    expect(await tableLines(schema(), table)).toEqual(['1\t2\t4', '2\t1\t4']);
  });

  test('what the server guards the sessions of people with does not bind the job', async () => {
    const user = await schema().user(`ALL ON ${schema().name}.*`);
    const table = {
      ...tableOf(schema(), { table: 'guarded' }),
      address: schema().address({ user }),
      password: 'secret',
    };
    const lines = linesOf(allPairs(['1', '日本', 'café']));
    await importInto(table, lines.slice(2), { verify: true });
    expect(await importInto(table, lines.slice(1), { verify: true })).toMatchObject({ added: 1, unchanged: 4 });
    expect(await tableLines(schema(), table)).toEqual(lines.slice(1));
    const checked = await withConnection(table.address, table.password, defaultEffects(), async (connection) => {
      await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
      await sleep(1_500);
      return await connection.query('SELECT @@SESSION.foreign_key_checks AS checked');
    });
    expect(checked[0]).toMatchObject([{ checked: '1' }]);
  });
});
