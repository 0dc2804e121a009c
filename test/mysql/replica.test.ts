import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '#dist/effects.js';
import { replicaLag } from '#dist/mysql/replica-lag.js';
import { alsoViewed } from '../cli/also-viewed.ts';
import { exported, viewsOf } from '../exporter/run-export.ts';
import { importInto, tableOf } from '../importer/run-import.ts';
import { stateLines } from '../importer/two-states.ts';
import { connectAs } from './connect-as.ts';
import { ownSchema } from './own-schema.ts';
import { replicaPairs } from './replica-pair.ts';

const pairs = await replicaPairs();
const minutes = 60_000;

afterAll(async () => {
  await Promise.all(pairs.map((pair) => pair.stop()));
});

describe.each(pairs.map((pair) => [pair.source.kind, pair] as const))('%s', (kind, pair) => {
  const { replica, threads, right, onReplica } = pair;
  const schema = ownSchema(pair.source);

  beforeAll(async () => {
    const { root, name } = schema();
    await onReplica.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    await pair.follow(root);
    await root.query('CREATE TABLE views (path_id BIGINT, product_id VARCHAR(9))');
    await root.query("INSERT INTO views VALUES (1, 'a')");
  });

  /** The views of the replica, and what the log told. */
  async function exportedFromReplica(maxReplicaLag: number, user = replica.user, password = replica.password) {
    const infos: [string, unknown][] = [];
    const log = { ...silentLog, info: (message: string, fields?: unknown) => void infos.push([message, fields]) };
    const address = schema().address({ port: replica.port, user });
    const { lines } = await exported(viewsOf(schema(), { address, password, maxReplicaLag }), { log });
    return { lines, infos };
  }

  test('a replica ends equal to the source', async () => {
    const { root, name } = schema();
    for (const [state, swap] of [
      [0, false],
      [1, false],
      [0, true],
      [1, false],
    ] as const) {
      await importInto(tableOf(schema()), stateLines(state), { accept: 'a test', batchRows: 1_000, swap });
    }
    await pair.caughtUp(root);
    for (const table of ['related_products', 'related_products_runs']) {
      const sql = `CHECKSUM TABLE ${name}.${table}`;
      const [[theirs]] = await onReplica.query<RowDataPacket[]>(sql);
      const [[ours]] = await root.query<RowDataPacket[]>(sql);
      expect(Number(ours?.['Checksum'])).toBeGreaterThan(0);
      expect(theirs).toEqual(ours);
    }
  });

  test('views come from a replica that follows', async () => {
    await pair.caughtUp(schema().root);
    const { lines, infos } = await exportedFromReplica(minutes);
    expect(lines).toContain('1\ta');
    expect(infos).toContainEqual([
      expect.stringContaining('behind its source'),
      { replicaLagSeconds: expect.any(Number) },
    ]);
  });

  test('a server that is no replica has no lag', async () => {
    const { lines } = await exported(viewsOf(schema(), { maxReplicaLag: 0 }));
    expect(lines).toContain('1\ta');
    expect(await replicaLag(schema().root)).toBeUndefined();
  });

  test('a replica that lags more than is allowed is not exported from', async () => {
    const { root } = schema();
    await pair.caughtUp(root);
    const reader = await connectAs(schema().address({ port: replica.port }), replica.password);
    await reader.query('START TRANSACTION');
    await reader.query('SELECT * FROM views FOR UPDATE');
    onTestFinished(async () => {
      await reader.end();
      await pair.caughtUp(root);
    });
    // A change that the replica cannot apply yet. MariaDB reckons from when it was really written, whatever `timestamp` says.
    await root.query("INSERT INTO views VALUES (2, 'b')");
    await expect.poll(async () => (await replicaLag(onReplica))?.seconds).toBeGreaterThan(1);
    await expect(exportedFromReplica(1_000)).rejects.toMatchObject({
      kind: 'tryLater',
      message: expect.stringMatching(/is \d+ s behind its source, at most 1 s are allowed$/),
      remedy: expect.stringContaining('--max-replica-lag'),
    });
    expect((await exportedFromReplica(180 * minutes)).lines).not.toContain('2\tb');
  });

  test.each(['', ' IO_THREAD', ' SQL_THREAD'])(
    'a replica after STOP%s is not exported from, whatever lag is allowed',
    async (which) => {
      await pair.caughtUp(schema().root);
      await onReplica.query(`STOP ${threads}${which}`);
      onTestFinished(async () => {
        await onReplica.query(`START ${threads}`);
      });
      const { host, port, user, password } = replica;
      const ended = await alsoViewed(
        [
          'export',
          '--source',
          `mysql://${user}@${host}:${port}/${schema().name}`,
          '--source-table',
          'views',
          '--max-replica-lag',
          '99h',
        ],
        { env: { ALSO_VIEWED_SOURCE_PASSWORD: password } },
      );
      expect(ended).toMatchObject({ code: 75, stdout: '', stderr: expect.stringMatching(/stands still \(.*: No/) });
    },
  );

  test('a user without the right to ask is told which one it is', async () => {
    const user = await schema().user(`SELECT ON ${schema().name}.*`);
    await pair.caughtUp(schema().root);
    await expect(exportedFromReplica(minutes, user, 'secret')).rejects.toMatchObject({
      kind: 'noPermission',
      remedy: expect.stringContaining(`GRANT ${right} ON *.* TO`),
    });
    const args = ['schema', '--server', kind, '--max-replica-lag', '10m'];
    const { stdout } = await alsoViewed(args);
    const grant = stdout.split('\n').find((line) => line.includes('ON *.*')) ?? '';
    await schema().root.query(grant.replace("'writer'@'%'", `${user}@'127.0.0.1'`));
    await pair.caughtUp(schema().root);
    expect((await exportedFromReplica(minutes, user, 'secret')).lines).toContain('1\ta');
  });
});
