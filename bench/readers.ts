import { execFile } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { DatabaseServer } from '../test/services/database.ts';
import { withDurableServers } from './durable-servers.ts';
import { perProduct, writeNights } from './publish-nights.ts';

const run = promisify(execFile);
const rows = Number(process.env['ROWS'] ?? 5_000_000);
const main = fileURLToPath(new URL('../dist/cli/main.cjs', import.meta.url));
const database = 'bench';
const readers = 8;
const idleMs = 10_000;
const storefront =
  'SELECT target_product_id, weight FROM related_products WHERE source_product_id = ? ORDER BY weight DESC, target_product_id LIMIT 20';

/** How long the storefront's query takes for connections that ask all the time: while nothing else happens, and while a night is published. */
export async function benchReaders(): Promise<void> {
  await withDurableServers((folder) => writeNights(folder, rows), benchServer);
}

async function benchServer(start: () => Promise<DatabaseServer>, folder: string): Promise<void> {
  const server = await start();
  const { host, port, user, password } = server;
  const connect = (): Promise<Connection> => createConnection({ host, port, user, password });
  const publish = async (night: string, ...options: readonly string[]): Promise<void> => {
    const target = `mysql://${user}@${host}:${port}/${database}`;
    const args = [main, 'import', path.join(folder, `${night}.tsv`), '--target', target, '--max-churn', '1', '--quiet'];
    await run(process.execPath, [...args, ...options], {
      env: { ...process.env, ALSO_VIEWED_TARGET_PASSWORD: password },
    });
  };
  const client = await connect();
  await client.query(`CREATE DATABASE ${database}`);
  await client.end();
  await publish('first');
  const connections = await Promise.all(
    Array.from({ length: readers }, async () => {
      const connection = await connect();
      await connection.query(`USE ${database}`);
      return connection;
    }),
  );
  console.log(`${readers} connections ask ${server.kind} for random lists of ${rows} relations\n`);
  console.log(line(['', 'lists', 'p50 ms', 'p99 ms', 'max ms']));
  try {
    const pace = Math.ceil(rows / 100);
    for (const [name, work] of [
      ['idle', () => sleep(idleMs)],
      ['calm night', () => publish('calm')],
      ['busy night', () => publish('busy')],
      [`back, ${pace} rows/s`, () => publish('first', '--max-rows-per-second', `${pace}`)],
    ] as const) {
      const times = (await whileReading(connections, work)).sort();
      const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? Number.NaN).toFixed(2);
      console.log(line([name, `${times.length}`, at(0.5), at(0.99), at(1)]));
    }
    console.log();
  } finally {
    await Promise.all(connections.map((connection) => connection.end()));
  }
}

/** The milliseconds of each query that was answered during `work`. @throws when a product has no list: each has one in every night */
async function whileReading(connections: readonly Connection[], work: () => Promise<unknown>): Promise<Float64Array> {
  const products = Math.round(rows / perProduct);
  const times: number[] = [];
  let working = true;
  const reading = Promise.all(
    connections.map(async (connection) => {
      while (working) {
        const product = 1 + Math.floor(Math.random() * products);
        const start = performance.now();
        const [list] = await connection.query<RowDataPacket[]>({
          sql: storefront,
          values: [product],
          rowsAsArray: true,
        });
        times.push(performance.now() - start);
        if (list.length === 0) {
          throw new Error(`Product ${product} has no list`);
        }
      }
    }),
  );
  try {
    await Promise.race([work(), reading]);
  } finally {
    working = false;
    await reading;
  }
  return Float64Array.from(times);
}

function line([name = '', ...figures]: readonly string[]): string {
  return name.padEnd(28) + figures.map((figure) => figure.padStart(9)).join('');
}
