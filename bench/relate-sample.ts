import { mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { startMariaDb } from '../test/services/mariadb.ts';
import { benchFolder } from './folders.ts';
import { shapes } from './generate.ts';
import { type Cost, digestOf, measure, printCosts } from './measure.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const share = Number(process.env['SAMPLE'] ?? 0.05);
const ticksPerSecond = 100;

/**
 * The peers that would take hours on all of the views, on a sample of them: a self-join in MariaDB, and sort with awk. Nothing is
 * extrapolated from it. All digests must be equal.
 */
export async function benchSample(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const folder = await mkdtemp(path.join(await benchFolder(), 'also-viewed-bench-'));
    try {
      const rows = Math.round(share * (shapes[name]?.rows ?? 0));
      const generate = `${process.execPath} --import tsx ${here('generate.ts')} ${name} ${rows}`;
      await measure(`cd ${here('..')} && ${generate} > ${folder}/views.tsv`, folder);
      const costs = new Map<string, Cost[]>();
      const digests = new Set<string>();
      const commands: readonly (readonly [string, () => Promise<Cost>])[] = [
        ['MariaDB, self-join', () => selfJoin(folder)],
        ['sort | awk | sort | awk', () => measure(`${here('peers/sort_awk.sh')} views.tsv r.tsv`, folder)],
        [
          'also-viewed',
          () =>
            measure(`${process.execPath} ${here('../dist/cli/main.cjs')} relate --quiet views.tsv --out r.tsv`, folder),
        ],
      ];
      for (const [command, run] of commands) {
        costs.set(command, [await run()]);
        digests.add(await digestOf(path.join(folder, 'r.tsv')));
        await rm(path.join(folder, 'r.tsv'));
      }
      if (digests.size !== 1) {
        throw new Error(`${name}: the outputs differ`);
      }
      console.log(`${name}, a sample of ${rows} views, the same bytes by all; ratios to MariaDB\n`);
      printCosts(costs, (command) => command.startsWith('MariaDB'));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** Loads the sample and relates it in a MariaDB of its own; the time and the memory are those of client and server together. */
async function selfJoin(folder: string): Promise<Cost> {
  const server = await startMariaDb({
    args: [
      '--local-infile=1',
      '--innodb-buffer-pool-size=1G',
      '--tmp-table-size=1G',
      '--max-heap-table-size=1G',
      '--sort-buffer-size=256M',
      '--join-buffer-size=256M',
    ],
  });
  const { host, port, user, password } = server;
  const client = await createConnection({ host, port, user, password });
  try {
    const [found] = await client.query<RowDataPacket[]>('SELECT @@pid_file AS file');
    const pid = (await readFile(String(found[0]?.['file']), 'utf8')).trim();
    await client.query('CREATE DATABASE bench');
    await client.query(
      'CREATE TABLE bench.views (path BIGINT UNSIGNED, product BIGINT UNSIGNED, PRIMARY KEY (path, product), KEY (product))',
    );
    const before = await cpuOf(pid);
    const mariadb = `mariadb --no-defaults -h${host} -P${port} -u${user} --local-infile --batch --skip-column-names --quick bench`;
    const join =
      'SELECT a.product, b.product, COUNT(*) FROM views a JOIN views b ON a.path = b.path AND a.product <> b.product GROUP BY 1, 2 ORDER BY 1, 2';
    const env = { MYSQL_PWD: password };
    const load = `${mariadb} -e "LOAD DATA LOCAL INFILE 'views.tsv' IGNORE INTO TABLE views"`;
    const cost = await measure(`${load} && ${mariadb} -e "${join}" > r.tsv`, folder, env);
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const peak = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1_000;
    return { wall: cost.wall, cpu: cost.cpu + (await cpuOf(pid)) - before, rss: cost.rss + peak };
  } finally {
    await client.end();
    await server.stop();
  }
}

/** Seconds of processor time that a process has used. */
async function cpuOf(pid: string): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
}
