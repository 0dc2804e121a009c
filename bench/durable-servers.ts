import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DatabaseServer } from '../test/services/database.ts';
import { startMariaDb } from '../test/services/mariadb.ts';
import { startMySql } from '../test/services/mysql.ts';

/** As an operator would have it: durable, with a binlog of rows, and a buffer pool larger than the tables. */
const durable = [
  '--log-bin=binlog',
  '--binlog-format=ROW',
  '--server-id=1',
  '--sync-binlog=1',
  '--innodb-flush-log-at-trx-commit=1',
  '--innodb-buffer-pool-size=3G',
  '--local-infile=1',
];

/**
 * Runs `work` on MariaDB, then on MySQL.
 *
 * @param prepare fills the folder, which goes in the end
 * @param work starts the servers that it needs; they are stopped behind it
 */
export async function withDurableServers(
  prepare: (folder: string) => Promise<void>,
  work: (start: () => Promise<DatabaseServer>, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'also-viewed-bench-'));
  try {
    await prepare(folder);
    for (const start of [
      () => startMariaDb({ args: [...durable, '--innodb-log-file-size=1G'] }),
      () => startMySql({ args: [...durable, '--innodb-redo-log-capacity=1G'] }),
    ]) {
      const servers: DatabaseServer[] = [];
      try {
        await work(async () => {
          const server = await start();
          servers.push(server);
          return server;
        }, folder);
      } finally {
        await Promise.all(servers.map((server) => server.stop()));
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
