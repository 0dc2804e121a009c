import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { MysqlTable } from '#dist/importer/import-table.js';
import { importInto, relationsFile, tableLines, tableOf } from '../importer/run-import.ts';
import { expectWholeLists, sortedStateLines, stateLines } from '../importer/two-states.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { startMariaDb } from '../services/mariadb.ts';
import { startMySql } from '../services/mysql.ts';

const main = fileURLToPath(import.meta.resolve('#dist/cli/main.cjs'));

/** Servers of their own, which wait for a client's rows longer than a host may be missed. */
const args = ['--local-infile=1', '--net-read-timeout=600'];
const servers = await Promise.all([startMariaDb({ args }), startMySql({ args })]);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

interface Publication {
  readonly publisher: ChildProcessByStdio<null, null, Readable>;
  /** All of it, once it has ended: lines of JSON. */
  readonly said: Promise<string>;
}

describe.each(servers.map((server) => [server.kind, server] as const))('%s', (_kind, server) => {
  const schema = ownSchema(server);

  /** Starts a publication, by default of the second state, and gives what it says. */
  function publish(table: MysqlTable, lines: readonly string[] = stateLines(1)): Publication {
    const { host, port, user, database } = table.address;
    const publisher = spawn(
      process.execPath,
      [
        ...[main, 'import', relationsFile(lines), '--target', `mysql://${user}@${host}:${port}/${database}`],
        ...['--target-table', table.table, '--verbose', '--log-format', 'json', '--accept-changes', 'a test'],
      ],
      {
        env: { ...process.env, ALSO_VIEWED_TARGET_PASSWORD: schema().password },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    onTestFinished(() => {
      publisher.kill('SIGKILL');
    });
    return { publisher, said: text(publisher.stderr) };
  }

  /** Waits until the server has closed the connections of a publisher, which is to be within a minute. */
  async function freed(): Promise<void> {
    await vi.waitFor(
      async () => {
        const [connections] = await schema().root.query(
          'SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()',
        );
        expect(connections).toEqual([]);
      },
      { timeout: 60_000, interval: 500 },
    );
  }

  /** Lets a publisher go on whose connections are gone, and makes sure that it does no more. */
  async function goesOnInVain(table: MysqlTable, { publisher, said }: Publication): Promise<void> {
    const ended = once(publisher, 'exit');
    await importInto(table, stateLines(0));
    publisher.kill('SIGCONT');
    expect(await ended).toEqual([69, null]);
    // Also where the library had something to say to its developers.
    const logged = (await said)
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(logged).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: expect.stringMatching(/^Cannot publish to table \w+ of .*\n.*run the same command again/),
      }),
    );
    expect(await tableLines(schema(), table)).toEqual(sortedStateLines(0));
  }

  test('a publisher that stands still frees the table within a minute, and commits nothing when it goes on', async () => {
    const table = tableOf(schema());
    await importInto(table, stateLines(0));
    const publication = publish(table);
    const { publisher } = publication;
    for await (const line of createInterface({ input: publisher.stderr })) {
      if (line.includes('"Applied 10000 ')) {
        break;
      }
    }
    publisher.kill('SIGSTOP');
    await expectWholeLists(schema().root, table.table);
    await freed();
    await goesOnInVain(table, publication);
  }, 120_000);

  test('nor does one that stands still while it waits for a row that somebody has locked', async () => {
    const { root } = schema();
    const table = tableOf(schema());
    await importInto(table, stateLines(0));
    await root.query('START TRANSACTION');
    await root.query(`SELECT * FROM ${table.table} FOR UPDATE`);
    const publication = publish(table);
    await vi.waitFor(
      async () => {
        const [waiting] = await root.query(
          "SELECT trx_id FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'",
        );
        expect(waiting).toHaveLength(1);
      },
      { timeout: 20_000, interval: 100 },
    );
    publication.publisher.kill('SIGSTOP');
    await freed();
    await root.query('ROLLBACK');
    await goesOnInVain(table, publication);
  }, 120_000);

  test('nor does one that stands still in the middle of a first load', async () => {
    const { root } = schema();
    const table = tableOf(schema(), { table: 'loaded' });
    const rows = Array.from(
      { length: 2_000_000 },
      (_, at) => `${1 + Math.floor(at / 100)}\t${100_000 + (at % 100)}\t7`,
    );
    const publication = publish(table, rows);
    await vi.waitFor(
      async () => {
        const [loading] = await root.query(
          "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE 'LOAD DATA LOCAL%'",
        );
        expect(loading).toHaveLength(2);
      },
      { timeout: 60_000, interval: 50 },
    );
    publication.publisher.kill('SIGSTOP');
    await freed();
    expect(await tableLines(schema(), table)).toEqual([]);
    await goesOnInVain(table, publication);
  }, 180_000);
});
