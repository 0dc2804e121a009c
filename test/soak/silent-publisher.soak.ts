import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { importInto, relationsFile, tableLines, tableOf } from '../importer/run-import.ts';
import { expectWholeLists, sortedStateLines, stateLines } from '../importer/two-states.ts';
import { ownSchema } from '../mysql/own-schema.ts';

const main = fileURLToPath(import.meta.resolve('#dist/cli/main.js'));

describe.each(inject('databases').map((server) => [server.kind, server] as const))('%s', (_kind, server) => {
  const schema = ownSchema(server);

  test('a publisher that stands still frees the table within a minute, and commits nothing when it goes on', async () => {
    const table = tableOf(schema());
    await importInto(table, stateLines(0));
    const { host, port, user, database } = schema().address();
    const publisher = spawn(
      process.execPath,
      [
        ...[main, 'import', relationsFile(stateLines(1)), '--target', `mysql://${user}@${host}:${port}/${database}`],
        ...['--verbose', '--accept-changes', 'a test'],
      ],
      {
        env: { ...process.env, ALSO_VIEWED_TARGET_PASSWORD: schema().password },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    onTestFinished(() => {
      publisher.kill('SIGKILL');
    });
    const ended = once(publisher, 'exit');
    const said = text(publisher.stderr);
    const applied = new Promise<void>((resolve) => {
      createInterface({ input: publisher.stderr }).on('line', (line) => {
        if (line.startsWith('Applied 10000 ')) {
          publisher.kill('SIGSTOP');
          resolve();
        }
      });
    });
    await applied;
    await expectWholeLists(schema().root, table.table);
    await vi.waitFor(
      async () => {
        const [connections] = await schema().root.query(
          'SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()',
        );
        expect(connections).toEqual([]);
      },
      { timeout: 60_000, interval: 500 },
    );
    await importInto(table, stateLines(0));
    publisher.kill('SIGCONT');
    expect(await ended).toEqual([69, null]);
    expect(await said).toMatch(/Error: Cannot publish to table related_products of .*\n.*run the same command again/);
    expect(await tableLines(schema(), table)).toEqual(sortedStateLines(0));
  }, 120_000);
});
