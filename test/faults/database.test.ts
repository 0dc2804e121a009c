import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MysqlAddress, parseMysqlUri } from '#dist/mysql/address.js';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { seededRandom } from '../importer/seeded-random.ts';
import { type Session, statementProxy } from '../importer/statement-proxy.ts';
import { connectAs } from '../mysql/connect-as.ts';
import { expectWholeRuns } from '../nights/expect-whole-runs.ts';
import { recounted, type Shop, shopOfTables, viewsOfNight } from '../nights/shop.ts';
import { startMariaDb } from '../services/mariadb.ts';
import { startMySql } from '../services/mysql.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Servers of their own, because they are stopped. */
const servers = await Promise.all([startMariaDb(), startMySql()]);
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

const next = seededRandom();
const nights = [viewsOfNight(0, next), viewsOfNight(1, next)] as const;
const relations = nights.map(recounted);

/** Stages that talk to the database: the one of the run, the statement with which the work there begins, and how many like it come before. */
const moments = [
  { name: 'exported', stage: 'export', statement: /CONSISTENT SNAPSHOT/, before: 0 },
  { name: 'compared', stage: 'publish', statement: /CONSISTENT SNAPSHOT/, before: 1 },
  { name: 'changed', stage: 'publish', statement: /^COMMIT/, before: 1 },
] as const;

const outcomes = [
  { fault: 'is stopped and started', code: 69 },
  { fault: 'is killed and started', code: 69 },
  { fault: 'loses its connections', code: 69 },
  { fault: 'stands still for seconds', code: 0 },
] as const;

/** Every fault at every moment; without `make soak` a third of them, in which each of either is. */
const cases = servers.flatMap(({ kind }, s) =>
  moments.flatMap((moment, m) =>
    outcomes.flatMap((outcome, o) =>
      process.env['SOAK'] === undefined && (s + m + o) % 3 > 0 ? [] : [{ kind, moment, ...outcome }],
    ),
  ),
);

const away = /^Error: Cannot .+ job@127\.0\.0\.1:\d+\/shop: .+\n {2}Check that the server is up and reachable/m;

describe.each(servers.map((server) => [server.kind, server] as const))('%s', (kind, server) => {
  const address: MysqlAddress = parseMysqlUri(`mysql://job@${server.host}:${server.port}/shop`);
  const asRoot = { ...address, user: server.user };
  let root: Connection;

  beforeAll(async () => {
    root = await connectAs({ ...asRoot, database: '' }, server.password);
    await root.query('CREATE DATABASE shop');
    await root.query('USE shop');
    // Unlike root, it may not write to a server that is read-only.
    await root.query("CREATE USER job@'127.0.0.1' IDENTIFIED BY 'secret'");
    await root.query("GRANT ALL ON shop.* TO job@'127.0.0.1'");
  });

  /** Waits for the end of a server that was told to, and starts it again. */
  async function restart(): Promise<void> {
    root.destroy();
    await server.kill();
    await server.restart();
    root = await connectAs(asRoot, server.password);
  }

  const faults: Readonly<Record<(typeof cases)[number]['fault'], (session: Session) => Promise<void> | void>> = {
    'is stopped and started': async () => {
      await root.query('SHUTDOWN');
      await restart();
    },
    'is killed and started': restart,
    'loses its connections': (session) => session.cut(),
    'stands still for seconds': () => {
      const pid = Number(readFileSync(path.join(path.dirname(server.socketPath), 'pid'), 'utf8'));
      process.kill(pid, 'SIGSTOP');
      void delay(2_000).then(() => process.kill(pid, 'SIGCONT'));
    },
  };

  /** A shop that has published its first night, and a run of its second one in which `happen` comes before a statement. */
  async function interrupted(
    { statement, before }: (typeof moments)[number],
    happen: (session: Session) => Promise<void> | void,
  ): Promise<{ readonly shop: Shop; readonly ended: Ended; readonly run: (...more: string[]) => Promise<Ended> }> {
    let seen = 0;
    let armed = false;
    let happening: Promise<void> | undefined;
    const port = await statementProxy(server.port, async (sql, session) => {
      if (armed && statement.test(sql) && seen++ === before) {
        armed = false;
        happening = Promise.resolve(happen(session));
        await happening;
      }
    });
    const schema = {
      get root() {
        return root;
      },
      address: () => ({ ...address, port }),
      password: 'secret',
    };
    const shop = await shopOfTables(schema, path.join(temporaryFolder(), 'work'), {});
    const run = (...more: string[]): Promise<Ended> =>
      alsoViewed(['run', ...shop.args, '--accept-changes', 'a test', ...more], { env: shop.env });
    await shop.setViews(nights[0]);
    expect(await run()).toMatchObject({ code: 0 });
    await shop.setViews(nights[1]);
    armed = true;
    const ended = await run();
    expect(happening).toBeDefined();
    await happening;
    return { shop, run, ended };
  }

  /** Makes sure that a failed run says so, left nothing behind, and can be resumed. */
  async function expectResumed(
    { shop, ended, run }: Awaited<ReturnType<typeof interrupted>>,
    stage: string,
    code: number,
    message: RegExp,
  ): Promise<void> {
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
    await shop.expectNothingMixed(relations);
    const failed = (await expectWholeRuns(shop.work, true)).at(-1);
    expect(failed).toMatchObject({ state: 'failed', error: { exitCode: code } });
    expect(failed?.stages.at(-1)).toMatchObject({ name: stage, state: 'failed' });
    const resumed = await run('--resume');
    expect(resumed).toMatchObject({ code: 0 });
    expect(/^export: rows/m.test(resumed.stderr)).toBe(stage === 'export');
    expect(await shop.published()).toBe(relations[1]);
    expect(await expectWholeRuns(shop.work, true)).toHaveLength(2);
  }

  test.each(cases.filter((each) => each.kind === kind))(
    '$fault while views or relations are $moment.name: $code, and the table is made right',
    async ({ moment, fault, code }) => {
      const interruption = await interrupted(moment, faults[fault]);
      if (code === 69) {
        await expectResumed(interruption, moment.stage, 69, away);
        return;
      }
      expect(interruption.ended).toMatchObject({ code: 0 });
      expect(await interruption.shop.published()).toBe(relations[1]);
    },
  );

  test('becomes read-only before the last changes, as after a failover: 77, and the run is resumed on the primary', async () => {
    const failed = await interrupted(moments[2], async () => {
      await root.query('SET GLOBAL read_only = 1');
    });
    await root.query('SET GLOBAL read_only = 0');
    await expectResumed(failed, 'publish', 77, /read-only.*\n {2}The server is read-only; publish to the primary/);
  });
});
