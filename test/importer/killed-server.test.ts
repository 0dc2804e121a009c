import { afterAll, expect, test } from 'vitest';
import { parseMysqlUri } from '#dist/mysql/address.js';
import { alsoViewed } from '../cli/also-viewed.ts';
import { connectAs } from '../mysql/connect-as.ts';
import type { DatabaseServer } from '../services/database.ts';
import { startMariaDb } from '../services/mariadb.ts';
import { startMySql } from '../services/mysql.ts';
import { importInto, relationsFile, tableLines, tableOf } from './run-import.ts';
import { seed, seededRandom } from './seeded-random.ts';
import { expectWholeLists, loggedLines, sortedStateLines, stateLines } from './two-states.ts';

const kills = process.env['SOAK'] === undefined ? 2 : 10;

const servers: DatabaseServer[] = [];
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

/**
 * Publishes, and kills the server within 20 ms of a line that the publisher logs.
 *
 * @returns what it said; `undefined` when it was done already
 */
async function publishWhileKilled(
  server: DatabaseServer,
  uri: string,
  file: string,
  moment: number,
): Promise<string | undefined> {
  let dead: Promise<void> | undefined;
  const { code, stderr } = await alsoViewed(
    ['import', file, '--target', uri, '--verbose', '--accept-changes', 'a test'],
    {
      env: { ALSO_VIEWED_TARGET_PASSWORD: server.password },
      watch: (said) => {
        if (said.split('\n').length - 1 > moment * loggedLines) {
          dead ??= new Promise((resolve) => {
            setTimeout(() => resolve(server.kill()), 20 * ((moment * 997) % 1));
          });
        }
      },
    },
  );
  await dead;
  expect([0, 69]).toContain(code);
  return code === 0 ? undefined : stderr;
}

test.each([
  ['mariadb', startMariaDb],
  ['mysql', startMySql],
] as const)(
  `%s killed at ${kills} moments of a publication has old and new lists, and the next one makes the table right (SEED=${seed})`,
  async (_kind, start) => {
    const server = await start();
    servers.push(server);
    const uri = `mysql://${server.user}@${server.host}:${server.port}/shop`;
    const address = parseMysqlUri(uri);
    const { password } = server;
    const table = tableOf({ address: () => address, password });
    const first = await connectAs({ ...address, database: '' }, password);
    await first.query('CREATE DATABASE shop');
    await first.end();
    await importInto(table, stateLines(0));

    const next = seededRandom();
    let hits = 0;
    for (let kill = 1; hits < kills; kill++) {
      const state = kill % 2 === 0 ? 0 : 1;
      const lines = stateLines(state);
      const said = await publishWhileKilled(server, uri, relationsFile(lines), next());
      if (said !== undefined) {
        hits++;
        expect(said).toMatch(
          /Error: Cannot (publish to table related_products of|use|connect to) root@127.0.0.1:\d+\/shop: ./,
        );
        expect(said).toContain('Check that the server is up and reachable, then run the same command again.');
      }

      await server.restart();
      const root = await connectAs(address, password);
      await expectWholeLists(root, table.table);
      await importInto(table, lines);
      expect(await tableLines({ root }, table)).toEqual(sortedStateLines(state));
      expect((await root.query({ sql: 'SHOW TABLES', rowsAsArray: true }))[0]).toEqual([
        ['related_products'],
        ['related_products_runs'],
      ]);
      const [unfinished] = await root.query("SELECT run_id FROM related_products_runs WHERE state = 'publishing'");
      expect(unfinished).toEqual([]);
      await root.end();
    }
  },
  600_000,
);
