import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { GetObjectCommand, HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { createBucket } from './create-bucket.ts';
import type { DatabaseConnection, DatabaseOptions } from './database.ts';
import setup from './global-setup.ts';
import { startMariaDb } from './mariadb.ts';
import { startMySql } from './mysql.ts';
import { ownFolder } from './own-folder.ts';
import { s3Client } from './s3-client.ts';

const s3 = inject('s3');

/** The first row of the answer. */
async function ask({ host, port, user, password }: DatabaseConnection, sql: string) {
  const client = await createConnection({ host, port, user, password });
  try {
    const [rows] = await client.query<RowDataPacket[]>(sql);
    return rows[0];
  } finally {
    await client.end();
  }
}

describe.each(inject('databases').map((database) => [database.kind, database] as const))(
  'the %s server',
  (_, database) => {
    test('is at least the oldest version that this project promises to work with', async () => {
      const row = await ask(database, 'SELECT VERSION() AS version');
      const [major = 0, minor = 0] = String(row?.['version']).split('.').map(Number);
      const [leastMajor, leastMinor] = database.kind === 'mariadb' ? [10, 11] : [8, 4];
      expect(major * 1000 + minor).toBeGreaterThanOrEqual(leastMajor * 1000 + leastMinor);
      expect(String(row?.['version']).includes('MariaDB')).toBe(database.kind === 'mariadb');
    });

    test('answers on its socket too', async () => {
      const { user, password, socketPath } = database;
      const client = await createConnection({ user, password, socketPath });
      onTestFinished(() => client.end());
      await client.ping();
    });

    test('refuses a wrong password', async () => {
      await expect(ask({ ...database, password: 'wrong' }, 'SELECT 1')).rejects.toThrow(/Access denied/);
    });

    test('has no account that lets anybody in: a test of rights would pass for the wrong reason', async () => {
      // mariadb.sys is locked.
      const open = "user = '' OR (authentication_string = '' AND user <> 'mariadb.sys')";
      expect(await ask(database, `SELECT COUNT(*) AS accounts FROM mysql.user WHERE ${open}`)).toEqual({ accounts: 0 });
    });
  },
);

describe.each([
  ['mariadb', startMariaDb],
  ['mysql', startMySql],
] as const)('a %s server of a test of its own', (_, start) => {
  const startHere = async (options: DatabaseOptions) => {
    const server = await start(options);
    onTestFinished(() => server.stop());
    return server;
  };

  test('takes more arguments, which hold against the usual ones', async () => {
    const server = await startHere({ args: ['--log-bin=binlog', '--server-id=7', '--local-infile=OFF'] });
    expect(await ask(server, 'SELECT @@log_bin, @@server_id, @@local_infile')).toEqual({
      '@@log_bin': 1,
      '@@server_id': 7,
      '@@local_infile': 0,
    });
  });

  test('leaves nothing behind when it stops, and may be stopped twice', async () => {
    const server = await startHere({});
    await server.stop();
    expect(existsSync(dirname(server.socketPath))).toBe(false);
    await expect(ask(server, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  });

  test('that cannot start says why', async () => {
    await expect(start({ args: ['--no-such-option'] })).rejects.toThrow(/Cannot start .*no-such-option/s);
  });
});

describe('the S3 server', () => {
  test('gives back what was put', async () => {
    const client = s3Client(s3);
    onTestFinished(() => client.destroy());
    const Bucket = await createBucket(s3);
    await client.send(new PutObjectCommand({ Bucket, Key: 'runs/1/views.tsv', Body: '1\t2\n' }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'runs/1/views.tsv' }));
    expect(await Body?.transformToString()).toBe('1\t2\n');
  });

  test.each([
    ['secret', { secretAccessKey: 'wrong' }, 'SignatureDoesNotMatch'],
    ['key id', { accessKeyId: 'wrong' }, 'InvalidAccessKeyId'],
  ])('refuses a wrong %s', async (_, wrong, name) => {
    await expect(createBucket({ ...s3, ...wrong })).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 403 } });
  });

  test('knows no bucket that nobody made', async () => {
    const client = s3Client(s3);
    onTestFinished(() => client.destroy());
    await expect(client.send(new HeadBucketCommand({ Bucket: 'nobodys' }))).rejects.toMatchObject({ name: 'NotFound' });
  });
});

describe('a server whose starter is gone', () => {
  /** Starts a server in another process, ends that with the signal, and waits until nobody answers any more. */
  const outlive = async (signal: NodeJS.Signals): Promise<DatabaseConnection> => {
    const starter = `
      import { startMariaDb } from '${new URL('./mariadb.ts', import.meta.url).href}';
      process.once('SIGTERM', () => process.exit());
      console.log(JSON.stringify(await startMariaDb()));`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', starter], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [line] = await once(createInterface(child.stdout), 'line');
    const server: DatabaseConnection = JSON.parse(line);
    await ask(server, 'SELECT 1');
    child.kill(signal);
    await once(child, 'exit');
    await vi.waitFor(() => expect(ask(server, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/), 5_000);
    return server;
  };

  test('ends, and its data is gone at once, where the starter could tidy up', async () => {
    const { socketPath } = await outlive('SIGTERM');
    expect(existsSync(dirname(socketPath))).toBe(false);
  });

  test('ends after SIGKILL too, and the next one to start removes its data', async () => {
    const { socketPath } = await outlive('SIGKILL');
    await (await startMariaDb()).stop();
    expect(existsSync(dirname(socketPath))).toBe(false);
  });
});

test('the set-up of a test run says what is not installed, and stops what it started', async () => {
  const emptyCache = await ownFolder(tmpdir(), 'also-viewed-cache');
  onTestFinished(() => rm(emptyCache, { recursive: true }));
  vi.stubEnv('ALSO_VIEWED_CACHE', emptyCache);
  onTestFinished(() => void vi.unstubAllEnvs());

  await expect(setup({ provide() {} })).rejects.toThrow(/run scripts\/install-(mysql|s3).sh first/);
  // Its servers had their folders in its own.
  const mine = (await readdir(tmpdir())).filter((entry) => entry.startsWith(`also-viewed-tests-${process.pid}-`));
  expect(mine).toEqual([]);
});

test('the install scripts say nothing when everything is there', async () => {
  const scripts = ['mariadb', 'mysql', 's3'].map((name) => `scripts/install-${name}.sh`);
  for (const script of scripts) {
    expect(await promisify(execFile)(script)).toEqual({ stdout: '', stderr: '' });
  }
});
