import { getEventListeners, once } from 'node:events';
import { createServer, connect as openSocket } from 'node:net';
import path from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { type Log, silentLog } from '#dist/effects.js';
import type { MysqlAddress } from '#dist/mysql/address.js';
import { connect, withConnection } from '#dist/mysql/connect.js';
import { freePort } from '../services/free-port.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { ownSchema } from './own-schema.ts';
import { silentServer } from './silent-server.ts';

/** A log that keeps its warnings and tells `warned` of each. */
function collectedWarnings(warned = (): void => {}): { warnings: string[]; log: Log } {
  const warnings: string[] = [];
  const warn = (message: string): void => {
    warnings.push(message);
    warned();
  };
  return { warnings, log: { ...silentLog, warn } };
}

/** What a server says to whom it cannot serve: error 1040. */
const tooManyConnections = Buffer.concat([
  Buffer.from([23, 0, 0, 0, 0xff, 0x10, 0x04]),
  Buffer.from('Too many connections'),
]);

/** A way to the server behind `realPort` that fails once, or until it is ready. */
async function startingServer(
  how: 'listens not yet' | 'has no connection left' | 'breaks the connection',
  realPort: number,
): Promise<{ port: number; isReady: () => void }> {
  const port = await freePort();
  let fails = how !== 'listens not yet';
  const server = createServer((client) => {
    client.on('error', () => {});
    if (fails) {
      fails = false;
      how === 'has no connection left' ? client.end(tooManyConnections) : client.resetAndDestroy();
    } else {
      const real = openSocket(realPort, '127.0.0.1').on('error', () => {});
      client.pipe(real).pipe(client);
    }
  });
  onTestFinished(() => {
    server.close();
  });
  const listen = (): void => {
    server.listen(port, '127.0.0.1');
  };
  if (!fails) {
    return { port, isReady: listen };
  }
  listen();
  await once(server, 'listening');
  return { port, isReady: () => {} };
}

describe.each(inject('databases').map((server) => [server.kind, server] as const))(
  'a connection to %s',
  (kind, server) => {
    const schema = ownSchema(server);
    const effects = defaultEffects();

    async function variable(name: string, address: MysqlAddress = schema().address()): Promise<string> {
      return await withConnection(address, schema().password, effects, async (connection) => {
        const [rows] = await connection.query<RowDataPacket[]>(`SELECT @@SESSION.${name} AS value`);
        return String(rows[0]?.['value']);
      });
    }

    test('clips nothing and keeps the time zone of the server', async () => {
      expect(await variable('sql_mode')).toContain('STRICT_ALL_TABLES');
      expect(await variable('time_zone')).toBe('SYSTEM');
      expect(await variable('character_set_results')).toBe('utf8mb4');
    });

    test('goes through a Unix socket when one is named', async () => {
      const address = schema().address({ host: 'nowhere.invalid', socket: server.socketPath });
      expect(await variable('character_set_results', address)).toBe('utf8mb4');
    });

    test.each([
      ['the password is wrong', { password: 'wrong-secret' }, 'noPermission', /Access denied/],
      ['there is no password', { password: undefined }, 'noPermission', /Access denied/],
      ['the user is unknown', { user: 'nobody' }, 'noPermission', /nobody/],
      ['the host is unknown', { host: 'nowhere.invalid' }, 'unavailable', /nowhere\.invalid/],
      [
        'the database does not exist, naming those that do',
        { database: 'nope' },
        'configuration',
        /nope: .*only .*mysql/,
      ],
    ] as const)('fails when %s', async (_, changes, failureKind, message) => {
      const password = 'password' in changes ? changes.password : schema().password;
      const { password: _password, ...address }: { password?: string | undefined } & Partial<MysqlAddress> = changes;
      const { warnings, log } = collectedWarnings();
      const failure = await connect(schema().address(address), password, { ...effects, log }).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({
        name: 'ExpectedFailure',
        kind: failureKind,
        message: expect.stringMatching(message),
      });
      expect(JSON.stringify(failure) + String(failure)).not.toContain(password ?? 'nothing to find');
      // Another attempt would not change it.
      expect(warnings).toEqual([]);
    });

    test('names what holds the password when the server refuses it', async () => {
      await expect(connect(schema().address(), 'wrong-secret', effects)).rejects.toMatchObject({
        remedy: expect.stringMatching(/ALSO_VIEWED_SOURCE_PASSWORD or ALSO_VIEWED_TARGET_PASSWORD/),
      });
    });

    test('fails when nobody listens', async () => {
      const address = schema().address({ port: await freePort(), connectTimeout: 1 });
      await expect(connect(address, undefined, effects)).rejects.toMatchObject({ kind: 'unavailable' });
      const socket = path.join(temporaryFolder(), 'none');
      await expect(connect({ ...address, socket }, undefined, effects)).rejects.toMatchObject({ kind: 'unavailable' });
    });

    test('fails when the user may not use the database', async () => {
      const address = schema().address({ user: await schema().user() });
      await expect(connect(address, 'secret', effects)).rejects.toMatchObject({ kind: 'noPermission' });
    });

    test('fails when the account is locked', async () => {
      const user = await schema().user(`SELECT ON ${schema().name}.*`);
      await schema().root.query(`ALTER USER ${user}@'127.0.0.1' ACCOUNT LOCK`);
      await expect(connect(schema().address({ user }), 'secret', effects)).rejects.toMatchObject({
        kind: 'noPermission',
        message: expect.stringMatching(/locked/i),
      });
    });

    test('fails as unavailable when the user has used up a limit', async () => {
      const user = await schema().user(`SELECT ON ${schema().name}.*`);
      const address = schema().address({ user });
      await schema().root.query(`ALTER USER ${user}@'127.0.0.1' WITH MAX_USER_CONNECTIONS 1`);
      const twice = withConnection(address, 'secret', effects, () => connect(address, 'secret', effects));
      await expect(twice).rejects.toMatchObject({ kind: 'unavailable', message: expect.stringContaining(user) });
      await schema().root.query(`ALTER USER ${user}@'127.0.0.1' WITH MAX_USER_CONNECTIONS 0 MAX_QUERIES_PER_HOUR 1`);
      const questions = withConnection(address, 'secret', effects, async (connection) => {
        await connection.query('SELECT 1');
        await connection.query('SELECT 2');
      });
      await expect(questions).rejects.toMatchObject({
        kind: 'unavailable',
        message: expect.stringContaining("exceeded the 'max_"),
      });
    });

    test('tells of a limit of the server on the time of a statement', async () => {
      const limit = kind === 'mariadb' ? 'max_statement_time = 0.05' : 'max_execution_time = 50';
      const slow = withConnection(schema().address(), schema().password, effects, async (connection) => {
        await connection.query(`SET SESSION ${limit}`);
        await connection.query('SELECT COUNT(*) FROM information_schema.COLUMNS WHERE SLEEP(1) = 0');
      });
      await expect(slow).rejects.toMatchObject({ kind: 'unavailable', message: expect.stringMatching(/exceeded/) });
    });

    test('that is killed in the middle of a statement fails it', async () => {
      const waiting = withConnection(schema().address(), schema().password, effects, async (connection) => {
        const statement = connection.query('SELECT SLEEP(60)');
        await Promise.all([statement, schema().root.query(`KILL ${connection.threadId}`)]);
      });
      await expect(waiting).rejects.toMatchObject({ name: 'ExpectedFailure', kind: 'unavailable' });
    });

    test('ends with the reason of the abort signal while it is being made', async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const address = schema().address({ port: await silentServer() });
      const connecting = connect(address, undefined, { ...effects, signal: controller.signal });
      setImmediate(() => controller.abort(reason));
      await expect(connecting).rejects.toBe(reason);
      await expect(connect(address, undefined, { ...effects, signal: controller.signal })).rejects.toBe(reason);
    });

    test('ends with the reason of the abort signal in the middle of a statement', async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const waiting = withConnection(
        schema().address(),
        schema().password,
        { ...effects, signal: controller.signal },
        async (connection) => {
          const statement = connection.query('SELECT SLEEP(60)');
          controller.abort(reason);
          await statement;
        },
      );
      await expect(waiting).rejects.toBe(reason);
    });

    test.each(['listens not yet', 'has no connection left', 'breaks the connection'] as const)(
      'is made to a server that %s at first',
      async (how) => {
        const { password } = schema();
        const server = await startingServer(how, schema().address().port);
        const { warnings, log } = collectedWarnings(server.isReady);
        const address = schema().address({ port: server.port });
        await withConnection(address, password, { ...effects, log }, async (connection) => {
          expect(await connection.query('SELECT 1')).toBeDefined();
        });
        expect(warnings).toEqual([expect.stringMatching(/^Cannot connect to root@.*Trying again, for 15 s at most$/)]);
      },
    );

    test('is given up in the pause between two attempts at the abort signal', async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const { log } = collectedWarnings(() => controller.abort(reason));
      const address = schema().address({ port: await freePort() });
      await expect(connect(address, undefined, { ...effects, log, signal: controller.signal })).rejects.toBe(reason);
      await expect.poll(() => getEventListeners(controller.signal, 'abort')).toEqual([]);
    });

    test('leaves nothing at the abort signal once it is closed', async () => {
      const { signal } = new AbortController();
      const connection = await connect(schema().address(), schema().password, { ...effects, signal });
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      await connection.end();
      await expect.poll(() => getEventListeners(signal, 'abort')).toEqual([]);
    });

    test('is closed also when the server does not answer its goodbye', async () => {
      const relay = createServer({ allowHalfOpen: true }, (client) => {
        const server = openSocket(schema().address().port, '127.0.0.1');
        // Data alone, never an end.
        server.on('data', (data) => client.write(data)).on('error', () => {});
        client.on('data', (data) => server.write(data)).on('error', () => {});
      }).listen(0, '127.0.0.1');
      await once(relay, 'listening');
      onTestFinished(() => {
        relay.close();
      });
      const listening = relay.address();
      const port = typeof listening === 'object' && listening !== null ? listening.port : 0;
      const { signal } = new AbortController();
      await withConnection(schema().address({ port }), schema().password, { ...effects, signal }, async () => {});
      await expect.poll(() => getEventListeners(signal, 'abort')).toEqual([]);
    });
  },
);
