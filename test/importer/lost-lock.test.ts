import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { type LogFields, silentLog } from '#dist/effects.js';
import type { MysqlTable } from '#dist/importer/import-relations.js';
import { connectAs } from '../mysql/connect-as.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { publishWhenFree } from './publish-when-free.ts';
import { importInto, tableLines, tableOf } from './run-import.ts';
import { type Session, statementProxy } from './statement-proxy.ts';
import { expectWholeLists, shownLists, sortedStateLines, stateLines } from './two-states.ts';

/** Changes of each product between the two states. */
const changesOfList = 20;

/** The connections that hold a share of the lock, and the names of the shares, as their statements tell. */
class Lockers {
  readonly ids: number[] = [];
  readonly names: string[] = [];

  see(sql: string, { id }: Session): void {
    const name = /^SELECT GET_LOCK\('([^']+)'/.exec(sql)?.[1];
    if (name !== undefined) {
      this.ids.push(id);
      this.names.push(name);
    }
  }
}

describe.each(inject('databases').map((server) => [server.kind, server] as const))('%s', (_kind, server) => {
  const schema = ownSchema(server);

  /** A table in the first state, and a publication of the second one whose statements `before` sees. @returns what the import says */
  async function publish(
    table: MysqlTable,
    before: (sql: string, session: Session, lockers: Lockers) => Promise<void>,
  ): Promise<{ readonly outcome: unknown; readonly done: number }> {
    await importInto(table, stateLines(0));
    const lockers = new Lockers();
    const port = await statementProxy(server.port, async (sql, session) => {
      lockers.see(sql, session);
      await before(sql, session, lockers);
    });
    let done = 0;
    const debug = (_message: string, fields?: LogFields): void => {
      done = Number(fields?.['done'] ?? done);
    };
    const through = { ...table, address: schema().address({ port }) };
    const run = { id: 'broken', startedAt: new Date(), parameters: '{}' };
    const outcome = await importInto(
      through,
      stateLines(1),
      { run, batchRows: 1_000 },
      {
        log: { ...silentLog, debug },
      },
    ).catch((error: unknown) => error);
    return { outcome, done };
  }

  /** Makes sure that the table holds what was confirmed, and no change more. */
  async function expectConfirmed(table: string, done: number): Promise<void> {
    await expectWholeLists(schema().root, table);
    const [[row]] = await schema().root.query<RowDataPacket[]>(
      `SELECT COUNT(DISTINCT source_product_id) AS count FROM ${table} WHERE weight > 100`,
    );
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(shownLists(1).size * changesOfList);
    expect(Number(row?.['count']) * changesOfList).toBe(done);
  }

  async function brokenRun(table: string): Promise<unknown> {
    const [[row]] = await schema().root.query<RowDataPacket[]>(
      `SELECT state FROM ${table}_runs WHERE run_id = 'broken'`,
    );
    return row?.['state'];
  }

  async function expectCompletedByTheNext(table: MysqlTable): Promise<void> {
    await publishWhenFree(table, stateLines(1));
    expect(await tableLines(schema(), table)).toEqual(sortedStateLines(1));
    expect(await brokenRun(table.table)).toBe('partial');
  }

  test.each([
    ['first', 0],
    ['second', 1],
  ] as const)(
    'an administrator who kills the %s writer ends the publication: what it had not committed is not in the table',
    async (name, writer) => {
      const table = tableOf(schema(), { table: `killed_${name}` });
      let commits = 0;
      const { outcome, done } = await publish(table, async (sql, { id }, lockers) => {
        commits += sql === 'COMMIT' && id === lockers.ids[writer] ? 1 : 0;
        if (sql === 'COMMIT' && id === lockers.ids[writer] && commits === 3) {
          await schema().root.query(`KILL ${id}`);
        }
      });
      expect(outcome).toMatchObject({
        kind: 'unavailable',
        message: expect.stringMatching(`^Cannot publish to table killed_${name} of `),
        remedy: expect.stringContaining('run the same command again'),
      });
      await expectConfirmed(table.table, done);
      expect(await brokenRun(table.table)).toBe('partial');
      await expectCompletedByTheNext(table);
    },
  );

  test('rows that somebody deletes behind the comparison end the publication, which takes back the changes that did not find them', async () => {
    const table = tableOf(schema(), { table: 'deleted' });
    let commits = 0;
    const { outcome, done } = await publish(table, async (sql) => {
      commits += sql === 'COMMIT' ? 1 : 0;
      if (sql === 'COMMIT' && commits === 1) {
        await schema().root.query(`DELETE FROM deleted WHERE source_product_id = ${shownLists(0).size}`);
      }
    });
    expect(outcome).toMatchObject({
      kind: 'inputOutput',
      message: expect.stringMatching(/^Cannot publish to table deleted: of \d+ rows to \w+, the server found \d+$/),
      remedy: expect.stringContaining('run the same command again'),
    });
    expect(done).toBeGreaterThan(0);
    const [left] = await schema().root.query(`SELECT * FROM deleted WHERE source_product_id = ${shownLists(0).size}`);
    expect(left).toEqual([]);
    expect(await brokenRun('deleted')).toBe('partial');
    await expectCompletedByTheNext(table);
  });

  test('a connection that lost its lock to another one commits nothing more, and 75 says so', async () => {
    const table = tableOf(schema(), { table: 'taken' });
    const other = await connectAs(schema().address(), schema().password);
    onTestFinished(() => other.end());
    let checks = 0;
    const after: string[] = [];
    const { outcome, done } = await publish(table, async (sql, { id, ask }, { ids, names }) => {
      const isSecond = id === ids[1];
      if (isSecond && checks === 3) {
        after.push(sql);
      }
      checks += isSecond && sql.startsWith('SELECT IS_USED_LOCK') ? 1 : 0;
      if (isSecond && checks === 3 && after.length === 0) {
        // As after a proxy that gave the session another connection.
        await ask('DO RELEASE_ALL_LOCKS()');
        await other.query('DO GET_LOCK(?, 0)', [names[1]]);
        after.push('lost');
      }
    });
    expect(outcome).toMatchObject({
      kind: 'tryLater',
      message: 'Cannot go on publishing to table taken: its lock is lost',
      remedy: 'Each list is the old or the new one. Run the same command again to finish.',
    });
    expect(after).toEqual(['lost', 'ROLLBACK', expect.stringMatching(/^DO RELEASE_LOCK/)]);
    await expectConfirmed(table.table, done);
    await expect(importInto(table, stateLines(1))).rejects.toMatchObject({ kind: 'tryLater' });
    await other.query('DO RELEASE_ALL_LOCKS()');
    await expectCompletedByTheNext(table);
  });

  test('a publisher that falls silent loses its lock by the time-out of its session, and commits nothing when it wakes', async () => {
    const table = tableOf(schema(), { table: 'silent' });
    const timeouts = new Map<number, string>();
    let commits = 0;
    let wake = (): void => {};
    const awake = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let fallSilent = (): void => {};
    const silent = new Promise<void>((resolve) => {
      fallSilent = resolve;
    });
    const publishing = publish(table, async (sql, { id, ask }, { ids }) => {
      commits += sql === 'COMMIT' ? 1 : 0;
      if (commits >= 3 && ids.includes(id) && !timeouts.has(id)) {
        timeouts.set(id, await ask('SELECT @@session.wait_timeout'));
        // As after the other 44 seconds.
        await ask('SET SESSION wait_timeout = 1');
        if (timeouts.size === ids.length) {
          fallSilent();
        }
        await awake;
      }
    });
    await silent;
    // A text of two bytes in the protocol.
    expect([...timeouts.values()]).toEqual([expect.stringContaining('\x0245'), expect.stringContaining('\x0245')]);
    await publishWhenFree(table, stateLines(0));
    expect(await brokenRun(table.table)).toBe('partial');
    wake();
    expect((await publishing).outcome).toMatchObject({ kind: 'unavailable' });
    expect(await tableLines(schema(), table)).toEqual(sortedStateLines(0));
  });

  test('a publisher that is comparing for long says twice within that time that it is there', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const table = tableOf(schema(), { table: 'compared' });
    const alive = new Set<number>();
    let sayAlive = (): void => {};
    const bothAlive = new Promise<void>((resolve) => {
      sayAlive = resolve;
    });
    const { outcome } = await publish(table, async (sql, { id }, { ids }) => {
      if (sql === 'DO 1') {
        alive.add(id);
      }
      if (alive.size === ids.length) {
        sayAlive();
      }
      if (sql.includes('CONSISTENT SNAPSHOT')) {
        // The rows of the table are read next.
        vi.advanceTimersByTime(22_000);
        await bothAlive;
      }
    });
    expect(outcome).toMatchObject({ changed: 24_000 });
    expect(alive.size).toBe(2);
  });
});
