import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import type { MysqlAddress } from '#dist/mysql/address.js';
import { withConnection } from '#dist/mysql/connect.js';
import { exported, viewsOf } from '../exporter/run-export.ts';
import type { DatabaseServer } from '../services/database.ts';
import { startMariaDb } from '../services/mariadb.ts';
import { startMySql } from '../services/mysql.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Certificates, certificates } from './certificates.ts';
import { ownSchema } from './own-schema.ts';

let folder: string;
let authority: Certificates;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'also-viewed-test-tls-'));
  authority = await certificates(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The cipher of a connection to `server`; empty without TLS. */
async function cipherOf(server: DatabaseServer, tls: Partial<MysqlAddress>): Promise<string> {
  const { host, port, user, password } = server;
  const address = {
    host,
    port,
    user,
    database: 'mysql',
    socket: undefined,
    sslMode: 'disabled',
    sslCa: undefined,
    ...tls,
  } as const;
  return await withConnection(address, password, defaultEffects(), async (connection) => {
    const [rows] = await connection.query<RowDataPacket[]>("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    return String(rows[0]?.['Value']);
  });
}

const untrusted = { name: 'ExpectedFailure', kind: 'noPermission', message: expect.stringMatching(/self-signed/) };
const misnamed = {
  name: 'ExpectedFailure',
  kind: 'noPermission',
  message: expect.stringMatching(/does not match/),
  remedy: expect.stringMatching(/host name that is in the certificate/),
};

describe.each([
  ['mariadb', startMariaDb],
  ['mysql', startMySql],
] as const)('%s', (kind, start) => {
  describe('with a certificate for localhost', () => {
    let server: DatabaseServer;
    beforeAll(async () => {
      server = await start({ args: await authority.serverArguments('name', 'DNS:localhost') });
    });
    afterAll(() => server.stop());

    test('is encrypted, and trusted as it is, with ssl-mode=required', async () => {
      expect(await cipherOf(server, { sslMode: 'required' })).toMatch(/AES|CHACHA/);
    });

    test('is trusted by the authority that signed it', async () => {
      const tls = { sslMode: 'verify-ca', sslCa: authority.ca } as const;
      expect(await cipherOf(server, tls)).toMatch(/AES|CHACHA/);
    });

    test('is not trusted without that authority', async () => {
      await expect(cipherOf(server, { sslMode: 'verify-ca' })).rejects.toMatchObject(untrusted);
      const { ca: stranger } = await certificates(temporaryFolder());
      await expect(cipherOf(server, { sslMode: 'verify-ca', sslCa: stranger })).rejects.toMatchObject(untrusted);
    });

    test('is the right server under the name in its certificate only', async () => {
      const tls = { sslMode: 'verify-identity', sslCa: authority.ca } as const;
      expect(await cipherOf(server, { ...tls, host: 'localhost' })).toMatch(/AES|CHACHA/);
      await expect(cipherOf(server, { ...tls, host: '127.0.0.1' })).rejects.toMatchObject(misnamed);
    });

    test('tells of a file of certificates that does not exist', async () => {
      const missing = path.join(folder, 'missing.pem');
      await expect(cipherOf(server, { sslMode: 'verify-ca', sslCa: missing })).rejects.toMatchObject({
        kind: 'noInput',
        message: expect.stringContaining(missing),
      });
      const empty = path.join(folder, 'empty.pem');
      await writeFile(empty, 'no certificate');
      await expect(cipherOf(server, { sslMode: 'verify-ca', sslCa: empty })).rejects.toMatchObject({
        kind: 'configuration',
        message: expect.stringContaining(`${empty} as ssl-ca: it holds no certificate`),
      });
    });

    // MySQL itself takes no such certificate.
    test.runIf(kind === 'mariadb')('is refused once its certificate has expired, with what to do', async () => {
      await authority.expire('name');
      const { host, port, user, password } = server;
      const connection = await createConnection({ host, port, user, password });
      await connection.query('FLUSH SSL');
      await connection.end();
      const tls = { sslMode: 'verify-ca', sslCa: authority.ca } as const;
      await expect(cipherOf(server, tls)).rejects.toMatchObject({
        kind: 'noPermission',
        message: expect.stringMatching(/expired/),
        remedy: expect.stringMatching(/Renew.*clock/),
      });
    });
  });

  describe('with a certificate for an IP address', () => {
    let server: DatabaseServer;
    beforeAll(async () => {
      server = await start({ args: await authority.serverArguments('ip', 'IP:127.0.0.1') });
    });
    afterAll(() => server.stop());

    test('is the right server under that address only', async () => {
      const tls = { sslMode: 'verify-identity', sslCa: authority.ca } as const;
      expect(await cipherOf(server, { ...tls, host: '127.0.0.1' })).toMatch(/AES|CHACHA/);
      await expect(cipherOf(server, { ...tls, host: 'localhost' })).rejects.toMatchObject(misnamed);
    });
  });
});

describe.each(inject('databases').map((server) => [server.kind, server] as const))(
  '%s as it is installed',
  (kind, server) => {
    const schema = ownSchema(server);

    test(kind === 'mariadb' ? 'refuses TLS, which it does not offer' : 'sends views through TLS', async () => {
      await schema().root.query('CREATE TABLE views (path_id BIGINT, product_id VARCHAR(9))');
      await schema().root.query("INSERT INTO views VALUES (1, 'a')");
      const exporting = exported(viewsOf(schema(), { address: schema().address({ sslMode: 'required' }) }));
      if (kind === 'mariadb') {
        await expect(exporting).rejects.toMatchObject({
          kind: 'configuration',
          message: expect.stringContaining('secure'),
        });
      } else {
        expect((await exporting).lines).toContain('1\ta');
      }
    });
  },
);
