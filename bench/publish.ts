import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { DatabaseServer } from '../test/services/database.ts';
import { withDurableServers } from './durable-servers.ts';
import { generate, shapes } from './generate.ts';
import { type Cost, measure, printCosts } from './measure.ts';
import { writeNights } from './publish-nights.ts';

const run = promisify(execFile);
const rows = Number(process.env['ROWS'] ?? 5_000_000);
const rounds = Number(process.env['ROUNDS'] ?? 3);
const main = fileURLToPath(new URL('../dist/cli/main.cjs', import.meta.url));
const database = 'bench';
const table = 'related_products';

/** Publishing beside `mysqlimport`, on both servers: first load, nothing changed, a calm and a busy night; then the same with --top 50. */
export async function benchPublish(): Promise<void> {
  await withDurableServers(async (folder) => {
    await writeNights(folder, rows);
    await relateTop(folder);
  }, benchServer);
}

/** One of the two that publish, with a server of its own: what one leaves to be cleared away must not fall into the other's time. */
interface Side {
  readonly name: 'mysqlimport' | 'also-viewed';
  readonly server: DatabaseServer;
  readonly client: Connection;
}

async function benchServer(start: () => Promise<DatabaseServer>, folder: string): Promise<void> {
  const sides: Side[] = [];
  for (const name of ['mysqlimport', 'also-viewed'] as const) {
    const server = await start();
    const { host, port, user, password } = server;
    sides.push({ name, server, client: await createConnection({ host, port, user, password }) });
  }
  // Each step begins where the one before it ended; the way back to the first night is not measured.
  const steps = [
    ['first load', 'first'],
    ['nothing changed', 'first'],
    ['calm night', 'calm'],
    ['', 'first'],
    ['busy night', 'busy'],
  ] as const;
  const costs = new Map<string, Cost[]>();
  const top = new Map<string, Cost[]>();
  const binlog = new Map<string, BinlogBytes>();
  try {
    for (let round = 0; round < rounds; round++) {
      for (const { name, client } of sides) {
        await emptyDatabase(client);
        if (name === 'mysqlimport') {
          await client.query(`CREATE TABLE ${database}.${table} (source_product_id BIGINT UNSIGNED NOT NULL, target_product_id BIGINT UNSIGNED NOT NULL,
            weight INT UNSIGNED NOT NULL, PRIMARY KEY (source_product_id, target_product_id), KEY (source_product_id, weight DESC, target_product_id))`);
        }
      }
      for (const [step, file] of steps) {
        for (const side of sides) {
          await Promise.all(sides.map(({ client }) => atRest(client)));
          await readIndexes(side.client);
          await side.client.query('FLUSH BINARY LOGS');
          const cost = await measurePublication(side, file, step === 'first load' ? '' : '--replace', folder);
          if (step !== '') {
            const name = `${side.name}, ${step}`;
            costs.set(name, [...(costs.get(name) ?? []), cost]);
            binlog.set(name, await lastBinlogBytes(side.client));
          }
        }
      }
      for (const side of sides.filter(({ name }) => name === 'also-viewed')) {
        await checkEqual(side.client, folder);
        await emptyDatabase(side.client);
        for (const step of ['first load', 'nothing changed']) {
          await atRest(side.client);
          top.set(step, [...(top.get(step) ?? []), await measurePublication(side, 'top', '', folder)]);
        }
      }
    }
    console.log(
      `publishing ${rows} relations to ${sides[0]?.server.kind}, medians of ${rounds} rounds; ratios to mysqlimport (cpu: the client's)\n`,
    );
    printCosts(costs, (name) => name.startsWith('mysqlimport'));
    console.log('of the same shop with --top 50, which the other does not have\n');
    printCosts(top, () => false);
    for (const [name, { all, deletions }] of binlog) {
      console.log(`${name}: ${megabytes(all)} MB of binlog, ${megabytes(deletions)} MB of them for deletions`);
    }
    console.log();
  } finally {
    await Promise.all(sides.map(({ client }) => client.end()));
  }
}

/** @param options of `mysqlimport` */
async function measurePublication(
  { name, server }: Side,
  file: string,
  options: string,
  folder: string,
): Promise<Cost> {
  const { host, port, user, password } = server;
  const relations = path.join(folder, `${file}.tsv`);
  if (name === 'also-viewed') {
    const target = `mysql://${user}@${host}:${port}/${database}`;
    const command = `${process.execPath} ${main} import ${relations} --target ${target} --max-churn 1 --quiet`;
    return await measure(command, folder, { ALSO_VIEWED_TARGET_PASSWORD: password });
  }
  // It takes the name of the file for that of the table.
  const named = path.join(folder, `${table}.tsv`);
  await rm(named, { force: true });
  await link(relations, named);
  const address = `--no-defaults -h${host} -P${port} -u${user}`;
  return await measure(`mysqlimport ${address} --local ${options} ${database} ${named} > log`, folder, {
    MYSQL_PWD: password,
  });
}

/** Waits until the server has cleared away what the command before replaced, and has it all on the disk: the next one would pay for it. */
async function atRest(client: Connection): Promise<void> {
  for (let waiting = Number.POSITIVE_INFINITY; waiting > 1_000; await sleep(100)) {
    const [[row]] = await client.query<RowDataPacket[]>(
      "SELECT `COUNT` AS waiting FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'",
    );
    waiting = Number(row?.['waiting']);
  }
  const [tables] = await client.query<RowDataPacket[]>(`SHOW TABLES FROM ${database}`);
  const names = tables.flatMap((row) => Object.values(row)).map((name) => `${database}.${name}`);
  if (names.length > 0) {
    await client.query(`FLUSH TABLES ${names.join()} FOR EXPORT`);
    await client.query('UNLOCK TABLES');
  }
}

/** The storefront reads all day: both keys are in the server's memory, also the one that was built by sorting, past it. */
async function readIndexes(client: Connection): Promise<void> {
  const [keys] = await client.query<RowDataPacket[]>(
    'SELECT DISTINCT INDEX_NAME AS name FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
    [database, table],
  );
  for (const { name } of keys) {
    await client.query(`SELECT SUM(weight) FROM ${database}.${table} FORCE INDEX (??) WHERE source_product_id > 0`, [
      name,
    ]);
  }
}

async function emptyDatabase(client: Connection): Promise<void> {
  await client.query(`DROP DATABASE IF EXISTS ${database}`);
  await client.query(`CREATE DATABASE ${database}`);
}

/** What `--top 50` makes of a shop's relations: writes them as `top.tsv`, and says how many there are without it. */
async function relateTop(folder: string): Promise<void> {
  const views = 2 * rows;
  const shape = shapes['sessions'];
  if (shape === undefined) {
    throw new Error('There is no shape sessions');
  }
  await pipeline(Readable.from(generate(shape, views, false)), createWriteStream(path.join(folder, 'views.tsv')));
  for (const options of ['', '--top 50']) {
    const command = `${main} relate views.tsv ${options} --quiet --out - | tee top.tsv | wc -lc`;
    const { stdout } = await run('sh', ['-c', command], { cwd: folder });
    const [lines = 0, bytes = 0] = stdout.trim().split(/\s+/).map(Number);
    console.log(`relate ${options}: ${lines} relations, ${megabytes(bytes)} MB, of ${views} views`);
  }
  console.log();
}

interface BinlogBytes {
  readonly all: number;
  /** The events of DELETE statements, MariaDB's copies of their text included: work that `mysqlimport` leaves undone. */
  readonly deletions: number;
}

/** Bytes of the newest binlog file. */
async function lastBinlogBytes(client: Connection): Promise<BinlogBytes> {
  const [logs] = await client.query<RowDataPacket[]>('SHOW BINARY LOGS');
  const name: unknown = logs.at(-1)?.['Log_name'];
  const [events] = await client.query<RowDataPacket[]>(`SHOW BINLOG EVENTS IN '${name}'`);
  const bytes = events
    .filter(({ Event_type: type, Info: info }) => /^Delete_rows/.test(type) || /^DELETE r FROM/.test(info))
    .map(({ Pos: from, End_log_pos: to }) => to - from);
  return { all: Number(logs.at(-1)?.['File_size']), deletions: bytes.reduce((sum, each) => sum + each, 0) };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** What was measured must have been the work: the table equals the file. */
async function checkEqual(client: Connection, folder: string): Promise<void> {
  const { stdout } = await run(
    'sh',
    ['-c', `awk -F'\\t' '{ n++; w += $3; t += $2 * $3 } END { printf "%d %d %.0f", n, w, t }' busy.tsv`],
    {
      cwd: folder,
    },
  );
  const [[row]] = await client.query<RowDataPacket[]>(
    `SELECT CONCAT(COUNT(*), ' ', SUM(weight), ' ', SUM(target_product_id * weight)) AS figures FROM ${database}.${table}`,
  );
  if (String(row?.['figures']) !== stdout) {
    throw new Error(`The table has the figures ${row?.['figures']}, the file ${stdout}`);
  }
}
