import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { silentLog } from '#dist/effects.js';
import { ownSchema } from '../mysql/own-schema.ts';
import { importInto, tableOf } from './run-import.ts';
import { productCount, shownLists, stateLines } from './two-states.ts';

const readers = 8;
const storefront =
  'SELECT target_product_id, weight FROM shown WHERE source_product_id = ? ORDER BY weight DESC, target_product_id LIMIT 100';

describe.each(inject('databases').map((server) => [server.kind, server] as const))('readers of %s', (_kind, server) => {
  const schema = ownSchema(server);

  async function connection(): Promise<Connection> {
    const { host, port, user, database } = schema().address();
    const reader = await createConnection({ host, port, user, database, password: schema().password });
    onTestFinished(() => reader.end());
    return reader;
  }

  test.each([
    ['autocommit', 'changes are merged', false],
    ['REPEATABLE READ transactions', 'changes are merged', false],
    ['autocommit', 'tables are swapped', true],
  ])('eight of them, in %s, see only old and new lists while everything changes: %s', async (mode, _, swap) => {
    const table = tableOf(schema(), { table: 'shown' });
    await importInto(table, stateLines(0), { accept: 'a test' });
    const states = [shownLists(0), shownLists(1)];
    const counts = { old: 0, new: 0 };
    let publishing = true;

    const list = async (reader: Connection, product: number): Promise<string> => {
      const query = { sql: storefront, values: [product], rowsAsArray: true };
      // As text, and prepared on the server.
      const [rows] = await (product % 2 === 0
        ? reader.query<RowDataPacket[]>(query)
        : reader.execute<RowDataPacket[]>(query));
      return JSON.stringify(rows);
    };
    const read = async (reader: Connection, first: number): Promise<void> => {
      for (let product = first; publishing; product = 1 + ((product * 31 + 7) % productCount)) {
        if (mode !== 'autocommit') {
          await reader.query('START TRANSACTION');
        }
        const seen = await list(reader, product);
        expect([states[0]?.get(product), states[1]?.get(product)]).toContain(seen);
        counts[seen === states[0]?.get(product) ? 'old' : 'new']++;
        if (mode !== 'autocommit') {
          expect(await list(reader, product)).toBe(seen);
          await reader.query('COMMIT');
        }
      }
    };
    const reading = Promise.all(
      Array.from({ length: readers }, async (_, at) => read(await connection(), 1 + at * 100)),
    );
    const swapped: string[] = [];
    const info = (message: string): unknown => message.startsWith('Exchanged') && swapped.push(message);
    for (const state of [1, 0, 1] as const) {
      const options = { accept: 'a test', batchRows: 1_000, swap };
      await importInto(table, stateLines(state), options, { log: { ...silentLog, info } });
    }
    publishing = false;
    await reading;
    expect(swapped).toHaveLength(swap ? 3 : 0);
    expect(Math.min(counts.old, counts.new)).toBeGreaterThan(0);
  });
});
