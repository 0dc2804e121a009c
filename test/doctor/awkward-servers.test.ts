import { readFileSync } from 'node:fs';
import process from 'node:process';
import { doctor } from 'also-viewed';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { ownSchema } from '../mysql/own-schema.ts';
import { startMariaDb } from '../services/mariadb.ts';
import { startMySql } from '../services/mysql.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { problems } from './problems.ts';

/** Servers of their own, because these settings would disturb other tests. */
const args = ['--read-only=1', '--max-allowed-packet=65536'];
const servers = await Promise.all([
  startMariaDb({ args: [...args, '--max-statement-time=30'] }),
  startMySql({ args: [...args, '--max-execution-time=30000'] }),
]);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

describe.each(servers.map((server) => [server.kind, server] as const))('%s', (_kind, server) => {
  const schema = ownSchema(server);

  async function look(maxReplicaLag?: number): Promise<string[]> {
    const side = { address: schema().address(), password: schema().password };
    const diagnosis = await doctor({
      source: {
        kind: 'table',
        views: { ...side, table: 'recent_items', pathColumn: 'path_id', productColumn: 'product_id', maxReplicaLag },
      },
      target: {
        kind: 'table',
        table: {
          ...side,
          table: 'related_products',
          sourceColumn: 'source_product_id',
          targetColumn: 'target_product_id',
          weightColumn: 'weight',
        },
      },
      work: temporaryFolder(),
    });
    return [`exit ${diagnosis.exitCode}`, ...problems(diagnosis)];
  }

  test('a server that is read-only, impatient and takes small packets only is told of', async () => {
    await schema().root.query('CREATE TABLE recent_items (path_id INT, product_id INT)');
    expect(await look()).toEqual([
      'exit 78',
      expect.stringMatching(
        /^warning: source server: it ends a statement after 30 s \(max_(statement|execution)_time\)/,
      ),
      'failure: target server: it is read-only',
      expect.stringMatching(/^warning: target server: it takes packets of 64\.0 KiB/),
    ]);
  });

  test('a replica that stands still is a warning, and a failure for a job that wants it to keep up', async () => {
    await schema().root.query(
      server.kind === 'mysql'
        ? "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=1"
        : "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=1",
    );
    onTestFinished(async () => {
      await schema().root.query(server.kind === 'mysql' ? 'RESET REPLICA ALL' : 'RESET SLAVE ALL');
    });
    const still = (state: string) =>
      expect.stringMatching(`^${state}: source replica: its replication stands still \\(the receiver runs: No`);
    expect(await look()).toContainEqual(still('warning'));
    expect(await look(60_000)).toContainEqual(still('failure'));
  });

  test('a frozen server is away, and does not hold it up', async () => {
    const [[row]] = await schema().root.query<RowDataPacket[]>('SELECT @@pid_file AS file');
    const pid = Number(readFileSync(String(row?.['file']), 'utf8'));
    process.kill(pid, 'SIGSTOP');
    const thaw = (): boolean => process.kill(pid, 'SIGCONT');
    onTestFinished(() => {
      thaw();
    });
    const found = await look();
    expect(found).toEqual([
      'exit 69',
      ...['source', 'target'].map((side) => expect.stringMatching(`^failure: ${side}: .*`)),
    ]);
  }, 20_000);
});
