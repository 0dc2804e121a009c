import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import type { DatabaseServer } from '../test/services/database.ts';
import { startMariaDb } from '../test/services/mariadb.ts';
import { type Cost, measure, printCosts } from './measure.ts';

const run = promisify(execFile);
const rows = Number(process.env['ROWS'] ?? 10_000_000);
const rounds = 3;
const database = 'bench';

/** Exports from MariaDB with `exportViews` beside `mysql --batch --quick`, to a file in memory and compressed, start of the process included. */
export async function benchExport(): Promise<void> {
  const server = await startMariaDb({ args: ['--innodb-buffer-pool-size=2G', '--innodb-log-file-size=1G'] });
  const folder = await mkdtemp('/dev/shm/also-viewed-bench-');
  try {
    await fill(server);
    const mysql = `mysql --no-defaults -h${server.host} -P${server.port} -u${server.user} --batch --quick ${database} \
      -e "SELECT path_id, product_id FROM recent_items"`;
    const commands = new Map([
      ['mysql > file', `${mysql} > theirs.tsv`],
      ['exportViews file', `${ours(server, 'ours.tsv')}`],
      ['mysql | gzip -1', `${mysql} | gzip -1 > theirs.tsv.gz`],
      ['exportViews .gz', `${ours(server, 'ours.tsv.gz')}`],
    ]);
    const costs = new Map([...commands.keys()].map((name) => [name, [] as Cost[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, command] of commands) {
        costs.get(name)?.push(await measure(command, folder, { MYSQL_PWD: server.password }));
      }
    }
    await run('cmp', ['theirs.tsv', 'ours.tsv'], { cwd: folder });
    console.log(`export of ${rows} rows, medians of ${rounds} rounds; ratios to the mysql client\n`);
    printCosts(costs, (name) => name.startsWith('mysql'));
  } finally {
    await rm(folder, { recursive: true, force: true });
    await server.stop();
  }
}

/** Seeded: every run has the same rows, 5 a path. */
async function fill({ host, port, user, password }: DatabaseServer): Promise<void> {
  const client = await createConnection({ host, port, user, password });
  await client.query(`CREATE DATABASE ${database}`);
  await client.query(`CREATE TABLE ${database}.recent_items
    (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, path_id BIGINT UNSIGNED NOT NULL, product_id INT UNSIGNED NOT NULL)`);
  await client.query(`INSERT INTO ${database}.recent_items (path_id, product_id)
    SELECT 1 + FLOOR(RAND(1) * ${rows / 5}), 1 + FLOOR(RAND(2) * 200000) FROM ${database}.seq_1_to_${rows}`);
  await client.end();
}

/** The command that exports to `out` with the library as it is built. */
function ours({ host, port, user }: DatabaseServer, out: string): string {
  const dist = (file: string): string => JSON.stringify(fileURLToPath(new URL(`../dist/${file}`, import.meta.url)));
  const address = { host, port, user, database, sslMode: 'disabled' };
  const script = `
    import { exportViews } from ${dist('exporter/export-views.js')};
    await exportViews({
      address: ${JSON.stringify(address)}, password: process.env.MYSQL_PWD,
      table: "recent_items", pathColumn: "path_id", productColumn: "product_id",
    }, ${JSON.stringify(out)});`;
  return `${process.execPath} --input-type=module -e '${script}'`;
}
