import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { ownSchema } from '../mysql/own-schema.ts';
import { publishWhenFree } from './publish-when-free.ts';
import { importInto, relationsFile, tableLines, tableOf } from './run-import.ts';
import { seed, seededRandom } from './seeded-random.ts';
import { expectWholeLists, loggedLines, sortedStateLines, stateLines } from './two-states.ts';

const main = fileURLToPath(import.meta.resolve('#dist/cli/main.cjs'));
const kills = process.env['SOAK'] === undefined ? 10 : 100;

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
    let said = 0;
    createInterface({ input: publisher.stderr }).on('line', () => {
      said++;
      if (said > moment * loggedLines) {
        // Somewhere in the next transaction, which takes some 50 ms.
        setTimeout(() => publisher.kill('SIGKILL'), 50 * ((moment * 997) % 1));
      }
    });
    const [, signal] = await ended;
    return signal === 'SIGKILL';
  }

  test(`a publisher killed at ${kills} moments leaves old and new lists, and the next one makes the table right (SEED=${seed})`, async () => {
    const next = seededRandom();
    const table = tableOf(schema());
    await importInto(table, stateLines(0));
    let hits = 0;
    for (let kill = 1; kill <= kills; kill++) {
      const state = kill % 2 === 0 ? 0 : 1;
      const lines = stateLines(state);
      hits += (await killed(relationsFile(lines), next())) ? 1 : 0;
      await expectWholeLists(schema().root, table.table);
      await publishWhenFree(table, lines);
      expect(await tableLines(schema(), table)).toEqual(sortedStateLines(state));
    }
    expect(hits).toBeGreaterThan(kills / 2);
    const [tables] = await schema().root.query({ sql: 'SHOW TABLES', rowsAsArray: true });
    expect(tables).toEqual([['related_products'], ['related_products_runs']]);
  }, 1_000_000);
});
