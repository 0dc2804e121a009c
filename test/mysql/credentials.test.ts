import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { sourceFrom, targetFrom } from '#dist/config/sides.js';
import { defaultEffects } from '#dist/default-effects.js';
import { type MysqlAddress, parseMysqlUri } from '#dist/mysql/address.js';
import { connect, withConnection } from '#dist/mysql/connect.js';
import { iamToken } from '#dist/mysql/iam-token.js';
import { redact } from '#dist/redact.js';
import { temporaryFolder } from '../temporary-folder.ts';
import { certificates } from './certificates.ts';
import { type ClearTextServer, clearTextServer } from './clear-text-server.ts';
import { ownSchema } from './own-schema.ts';
import { secretsManager, stubAws } from './secrets-manager.ts';

const effects = defaultEffects();
const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/job-AbCdEf';

/** Asks the server who the user of the connection is. */
async function whoIs(address: MysqlAddress): Promise<string> {
  return await withConnection(address, undefined, effects, async (connection) => {
    const [rows] = await connection.query<RowDataPacket[]>('SELECT CURRENT_USER() AS user');
    return String(rows[0]?.['user']);
  });
}

describe.each(inject('databases').map((server) => [server.kind, server] as const))('a secret opens %s', (_, server) => {
  const schema = ownSchema(server);

  test('with the user that it names, in the region of its ARN', async () => {
    const user = await schema().user(`SELECT ON ${schema().name}.*`);
    const rds = { engine: 'mysql', host: 'elsewhere', port: 1, dbname: 'other', username: user, password: 'secret' };
    const seen = await secretsManager(() => ({ text: JSON.stringify(rds) }));
    expect(await whoIs(schema().address({ user: '', passwordSecret: arn }))).toBe(`${user}@127.0.0.1`);
    expect(seen).toEqual([{ secret: arn, region: 'eu-central-1' }]);
  });

  test.each([
    ['text', { text: 'secret\n' }],
    ['bytes', { binary: Buffer.from('secret') }],
  ])('with the password alone, as %s', async (_how, answer) => {
    const user = await schema().user(`SELECT ON ${schema().name}.*`);
    const seen = await secretsManager(() => answer);
    expect(await whoIs(schema().address({ user, passwordSecret: 'shop/job' }))).toBe(`${user}@127.0.0.1`);
    expect(seen).toEqual([{ secret: 'shop/job', region: 'us-east-1' }]);
  });

  test('with the value that it has at each new connection', async () => {
    const [before, after] = [
      await schema().user(`SELECT ON ${schema().name}.*`),
      await schema().user(`SELECT ON ${schema().name}.*`),
    ];
    await secretsManager((count) => ({
      text: JSON.stringify({ username: count === 0 ? before : after, password: 'secret' }),
    }));
    const address = schema().address({ user: '', passwordSecret: arn });
    expect([await whoIs(address), await whoIs(address)]).toEqual([`${before}@127.0.0.1`, `${after}@127.0.0.1`]);
  });

  test('unless its password is wrong, which is not repeated', async () => {
    await secretsManager(() => ({ text: JSON.stringify({ username: 'root', password: 'marked-password' }) }));
    const address = schema().address({ passwordSecret: arn });
    const failure = await connect(address, undefined, effects).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      kind: 'noPermission',
      message: expect.stringContaining('Access denied'),
      remedy: expect.stringContaining(arn),
    });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('marked-password');
  });

  test('also when the service was throttled at first', async () => {
    const user = await schema().user(`SELECT ON ${schema().name}.*`);
    const seen = await secretsManager((count) =>
      count === 0 ? { error: 'ThrottlingException', message: 'Rate exceeded' } : { text: 'secret' },
    );
    expect(await whoIs(schema().address({ user, passwordSecret: 'shop/job' }))).toBe(`${user}@127.0.0.1`);
    expect(seen).toHaveLength(2);
  });
});

const nowhere = (changes: Partial<MysqlAddress>): MysqlAddress => ({
  ...parseMysqlUri('mysql://job@127.0.0.1:1/shop'),
  ...changes,
});

test.each([
  [{ error: 'ResourceNotFoundException', message: "can't find the specified secret" }, 'configuration', 1],
  [{ error: 'AccessDeniedException', message: 'not authorized to perform' }, 'noPermission', 1],
  [{ error: 'UnrecognizedClientException', message: 'The security token is invalid' }, 'noPermission', 1],
  [{ error: 'InvalidRequestException', message: 'marked for deletion' }, 'configuration', 1],
  [{ error: 'DecryptionFailure', message: "can't decrypt" }, 'configuration', 1],
  [{ error: 'ThrottlingException', message: 'Rate exceeded' }, 'unavailable', 3],
  [{ error: 'InternalServiceError', message: 'try later', status: 500 }, 'unavailable', 3],
  [{ text: '{"username":"job"}' }, 'configuration', 1],
  [{ text: '{"password":""}' }, 'configuration', 1],
  [{ text: '' }, 'configuration', 1],
] as const)(
  'a secret that answers %o is %s, after %d requests, before any connection',
  async (answer, kind, requests) => {
    const seen = await secretsManager(() => answer);
    await expect(connect(nowhere({ passwordSecret: arn }), undefined, effects)).rejects.toMatchObject({
      name: 'ExpectedFailure',
      kind,
      message: expect.stringContaining(
        `the secret ${arn}: ${'message' in answer ? answer.message : 'it holds no password'}`,
      ),
      remedy: expect.any(String),
    });
    expect(seen).toHaveLength(requests);
  },
);

test('the name of a secret can be read in a message that is redacted', () => {
  expect(redact(`Cannot read the secret ${arn}: secret: hush`)).toBe(`Cannot read the secret ${arn}: secret: ***`);
});

test.each(['fs.s3a.secret.key', 'fs.s3a.encryption.key', 'fs.azure.account.key.shop'])(
  'the value of the property %s cannot',
  (name) => {
    expect(redact(`${name}=hush`)).toBe(`${name}=***`);
  },
);

test.each(['YES', 'NO'])('that a password was used (%s) can be read in a message that is redacted', (used) => {
  const denied = `Access denied for user 'job'@'db' (using password: ${used})`;
  expect(redact(`${denied}, password: YES)`)).toBe(`${denied}, password: ***`);
});

test.each(['SOURCE', 'TARGET'] as const)(
  'an empty file of the password of the %s is an error that names it',
  async (side) => {
    const file = path.join(temporaryFolder(), 'password');
    const env = { [`ALSO_VIEWED_${side}_PASSWORD_FILE`]: file };
    const settings = {
      source: 'mysql://job@db/shop',
      target: 'mysql://job@db/shop',
      sourceTable: 'views',
      pathColumn: 'p',
      productColumn: 'q',
      targetTable: 'relations',
      sourceColumn: 's',
      targetColumn: 't',
      weightColumn: 'w',
    };
    for (const text of ['', '\n']) {
      writeFileSync(file, text);
      const read = side === 'SOURCE' ? sourceFrom : targetFrom;
      await expect(read(settings, defaultEffects({ env }))).rejects.toMatchObject({
        kind: 'configuration',
        message: expect.stringContaining(file),
      });
    }
  },
);

test('without AWS credentials there is neither a secret nor a token', async () => {
  await secretsManager(() => ({ text: 'secret' }));
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  const failure = { kind: 'noPermission', remedy: expect.stringContaining('AWS_PROFILE') };
  await expect(connect(nowhere({ passwordSecret: arn }), undefined, effects)).rejects.toMatchObject(failure);
  await expect(connect(nowhere({ auth: 'iam', sslMode: 'required' }), undefined, effects)).rejects.toMatchObject(
    failure,
  );
});

describe('an IAM token', () => {
  test('is signed for the host, the port, the user and the region of the host, for 15 minutes', async () => {
    stubAws();
    const token = await iamToken(parseMysqlUri('mysql://job@shop.c9a.eu-west-1.rds.amazonaws.com:3307/shop?auth=iam'));
    const url = new URL(`https://${token}`);
    expect(url.host).toBe('shop.c9a.eu-west-1.rds.amazonaws.com:3307');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: 'connect',
      DBUser: 'job',
      'X-Amz-Expires': '900',
      'X-Amz-Credential': expect.stringMatching(/^AKIDTEST\/\d{8}\/eu-west-1\/rds-db\/aws4_request$/),
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(token).not.toContain('marked-aws-secret');
  });

  /** A server with a certificate, and the address of its user `job`. */
  async function serverWithTls(): Promise<{ server: ClearTextServer; address: MysqlAddress }> {
    const folder = temporaryFolder();
    const authority = await certificates(folder);
    await authority.serverArguments('server', 'IP:127.0.0.1');
    const [key, cert] = await Promise.all(['key', 'pem'].map((end) => readFile(path.join(folder, `server.${end}`))));
    if (key === undefined || cert === undefined) {
      throw new Error('A certificate has a key');
    }
    const server = await clearTextServer({ key, cert });
    const uri = `mysql://job@127.0.0.1:${server.port}/shop?auth=iam&ssl-mode=verify-identity&ssl-ca=${authority.ca}`;
    return { server, address: parseMysqlUri(uri) };
  }

  test('is made anew for each connection and sent through TLS', async () => {
    stubAws();
    const { server, address } = await serverWithTls();
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-01T00:00:00Z') });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    await withConnection(address, undefined, effects, async () => {});
    vi.setSystemTime(new Date('2026-01-01T00:20:00Z'));
    await withConnection(address, undefined, effects, async () => {});
    expect(server.seen).toMatchObject([
      { user: 'job', encrypted: true, password: expect.stringContaining('X-Amz-Date=20260101T000000Z') },
      { user: 'job', encrypted: true, password: expect.stringContaining('X-Amz-Date=20260101T002000Z') },
    ]);
  });

  test('is not sent to a server without TLS', async () => {
    stubAws();
    const server = await clearTextServer();
    const address = parseMysqlUri(`mysql://job@127.0.0.1:${server.port}/shop?auth=iam&ssl-mode=required`);
    await expect(connect(address, undefined, effects)).rejects.toMatchObject({ kind: 'configuration' });
    expect(server.seen).toEqual([]);
  });

  test('alone is sent as it is: a server that asks for a password so gets none', async () => {
    const { server, address } = await serverWithTls();
    await expect(connect({ ...address, auth: undefined }, 'marked-password', effects)).rejects.toMatchObject({
      name: 'ExpectedFailure',
      kind: 'configuration',
    });
    expect(server.seen).toEqual([]);
  });
});

test.each(['ALSO_VIEWED_SOURCE_PASSWORD', 'ALSO_VIEWED_SOURCE_PASSWORD_FILE'])(
  '%s beside another source of the password is refused',
  async (name) => {
    const given = { ...effects, env: { [name]: 'marked-password' } };
    const settings = { sourceTable: 'views', pathColumn: 'p', productColumn: 'q' };
    for (const uri of ['mysql://db/shop?password-secret=shop', 'mysql://u@db/shop?auth=iam&ssl-mode=required']) {
      await expect(sourceFrom({ ...settings, source: uri }, given)).rejects.toMatchObject({
        kind: 'configuration',
        message: expect.stringContaining(`${name} is set beside`),
      });
      const table = { targetTable: 't', sourceColumn: 's', targetColumn: 't', weightColumn: 'w' };
      expect(await targetFrom({ ...table, target: uri }, given)).toMatchObject({ table: { password: undefined } });
    }
  },
);
