import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, test } from 'vitest';
import { ExpectedFailure } from '#dist/failure.js';
import type { MysqlTable } from '#dist/importer/import-relations.js';
import { ownSchema } from '../mysql/own-schema.ts';
import { importInto, linesOf, relationsFile, tableLines, tableOf } from './run-import.ts';
import { shownLists, stateLines, stateLists } from './two-states.ts';

const main = fileURLToPath(import.meta.resolve('#dist/cli/main.js'));
const kills = process.env['SOAK'] === undefined ? 10 : 100;
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** Numbers of [0, 1) that depend on `seed` alone (mulberry32). */
function random(): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe.each(inject('databases').map((server) => [server.kind, server] as const))('%s', (_kind, server) => {
  const schema = ownSchema(server);

  /** Starts a publication and kills it at `moment`, from 0 to 1. @returns whether it was still alive */
  async function killed(file: string, moment: number): Promise<boolean> {
    const { host, port, user, database } = schema().address();
    const target = `mysql://${user}@${host}:${port}/${database}`;
    const publisher = spawn(
      process.execPath,
      [main, 'import', file, '--target', target, '--verbose', '--accept-changes', 'a test'],
      {
        env: { ...process.env, ALSO_VIEWED_TARGET_PASSWORD: schema().password },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    const ended = once(publisher, 'exit');
    const lines = createInterface({ input: publisher.stderr });
    lines.on('line', (line) => {
      const [, done, total] = /Applied (\d+) of (\d+)/.exec(line) ?? [];
      if (done !== undefined && Number(done) >= moment * Number(total) - 5_000) {
        // Somewhere in the next transaction, which takes some 50 ms.
        setTimeout(() => publisher.kill('SIGKILL'), 50 * ((moment * 997) % 1));
      }
    });
    const [, signal] = await ended;
    return signal === 'SIGKILL';
  }

  /** Publishes as soon as the server has noticed that the dead publisher's connections are gone. */
  async function publishWhenFree(table: MysqlTable, lines: readonly string[]): Promise<void> {
    for (;;) {
      try {
        await importInto(table, lines, { accept: 'a test' });
        return;
      } catch (error) {
        if (!(error instanceof ExpectedFailure && error.kind === 'tryLater')) {
          throw error;
        }
      }
    }
  }

  test(`a publisher killed at ${kills} moments leaves old and new lists, and the next one makes the table right (SEED=${seed})`, async () => {
    const next = random();
    const table = tableOf(schema());
    const states = [shownLists(0), shownLists(1)] as const;
    await importInto(table, stateLines(0));
    let hits = 0;
    for (let kill = 1; kill <= kills; kill++) {
      const state = kill % 2 === 0 ? 0 : 1;
      const lines = stateLines(state);
      hits += (await killed(relationsFile(lines), next())) ? 1 : 0;
      const [rows] = await schema().root.query<RowDataPacket[]>({
        sql: `SELECT source_product_id, target_product_id, weight FROM ${table.table} ORDER BY 1, weight DESC, 2`,
        rowsAsArray: true,
      });
      const lists = new Map<number, unknown[]>();
      for (const row of rows) {
        const list = lists.get(Number(row[0])) ?? [];
        list.push([row[1], row[2]]);
        lists.set(Number(row[0]), list);
      }
      expect(lists.size).toBe(states[0].size);
      for (const [product, list] of lists) {
        expect([states[0].get(product), states[1].get(product)]).toContain(JSON.stringify(list));
      }
      await publishWhenFree(table, lines);
      expect(await tableLines(schema(), table)).toEqual(linesOf([...stateLists(state).values()].flat()));
    }
    expect(hits).toBeGreaterThan(kills / 2);
    const [tables] = await schema().root.query({ sql: 'SHOW TABLES', rowsAsArray: true });
    expect(tables).toEqual([['related_products'], ['related_products_runs']]);
  }, 1_000_000);
});
