import { setTimeout as sleep } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, test } from 'vitest';
import type { ImportOptions } from '#dist/importer/import-relations.js';
import { ownSchema } from '../mysql/own-schema.ts';
import { allPairs, importInto, linesOf, tableLines, tableOf } from './run-import.ts';
import { type Session, statementProxy } from './statement-proxy.ts';

const ids = Array.from({ length: 150 }, (_, at) => String(1_000 + at));
const old = linesOf(allPairs(ids));
const next = linesOf(allPairs(ids).map(([source, target, weight]) => [source, target, weight + 1] as const));

describe.each(inject('databases').map((server) => [server.kind, server] as const))('%s', (_kind, server) => {
  const schema = ownSchema(server);

  async function isOpen(snapshot: Session | undefined): Promise<boolean> {
    const [[row]] = await schema().root.query<RowDataPacket[]>(
      'SELECT COUNT(*) AS count FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = ?',
      [snapshot?.id ?? 0],
    );
    return Number(row?.['count']) === 1;
  }

  /** Publishes `lines`. @returns whether a snapshot was open at each commit of changes, and when the index of a new table was built */
  async function publish(
    lines: readonly string[],
    options: ImportOptions,
    atCommit: (snapshot: Session) => Promise<unknown> = async () => {},
  ): Promise<boolean[]> {
    const table = tableOf(schema());
    let snapshot: Session | undefined;
    const open: boolean[] = [];
    const port = await statementProxy(server.port, async (sql, session) => {
      if (sql === 'START TRANSACTION WITH CONSISTENT SNAPSHOT') {
        snapshot = session;
      }
      if (sql === 'COMMIT' || /^ALTER TABLE .* ADD KEY/.test(sql)) {
        open.push(await isOpen(snapshot));
        if (snapshot !== undefined) {
          await atCommit(snapshot);
        }
      }
    });
    await importInto({ ...table, address: schema().address({ port }) }, lines, options);
    expect(await tableLines(schema(), table)).toEqual(lines);
    return open;
  }

  test('a snapshot is open while a new table is filled and its index is built', async () => {
    const open = await publish(old, {});
    expect(open.length).toBeGreaterThan(2);
    expect(new Set(open)).toEqual(new Set([true]));
  });

  test('a snapshot is open while many rows change, until the last one has', async () => {
    await importInto(tableOf(schema()), old);
    const open = await publish(next, {});
    expect(open.length).toBeGreaterThan(3);
    expect(new Set(open)).toEqual(new Set([true]));
  });

  test('a server that takes it away is none the worse for it', async () => {
    await importInto(tableOf(schema()), old);
    const open = await publish(next, {}, async (snapshot) => {
      await schema()
        .root.query(`KILL ${snapshot.id}`)
        .catch(() => {});
      // The server ends it when it comes to it, and looks at its own list ten times a second at the most.
      while (await isOpen(snapshot)) {
        await sleep(200);
      }
    });
    expect(open[0]).toBe(true);
    expect(open.at(-1)).toBe(false);
  });

  test('no connection is there that the server would keep for hours if the host vanished, before a row has changed either', async () => {
    const table = tableOf(schema());
    await importInto(table, old);
    const said = new Map<number, string>();
    let atFirst: string[] | undefined;
    const port = await statementProxy(server.port, async (sql, { id }) => {
      said.set(id, `${said.get(id) ?? ''}${sql}\n`);
      if (sql === 'START TRANSACTION') {
        atFirst ??= [...said.values()];
      }
    });
    await importInto({ ...table, address: schema().address({ port }) }, next);
    // The one that reads the table has ended by then.
    const writing = atFirst?.filter((statements) => !statements.includes('READ ONLY'));
    expect(writing).toHaveLength(3);
    for (const statements of writing ?? []) {
      expect(statements).toMatch(/^SET SESSION wait_timeout = 45\b/m);
    }
  });

  test('at a pace there is none', async () => {
    await importInto(tableOf(schema()), old);
    expect(new Set(await publish(next, { maxRowsPerSecond: 1_000_000 }))).toEqual(new Set([false]));
  });
});
