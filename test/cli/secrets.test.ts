import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { exportViews, parseMysqlUri } from 'also-viewed';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, test } from 'vitest';
import { ownSchema } from '../mysql/own-schema.ts';
import { secretsManager } from '../mysql/secrets-manager.ts';
import { createBucket } from '../services/create-bucket.ts';
import { contentOf, expectNoSecret, secretMark } from '../services/secret-mark.ts';
import { ownBucket } from '../storage/own-bucket.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { checkServer } from '../watch/check-server.ts';
import { alsoViewed, type Ended } from './also-viewed.ts';

// Every output of `alsoViewed` is searched for the mark, and so is what a job leaves in a temporary folder.

/** In both all is said, stack traces included. */
const manners = [['--verbose'], ['--verbose', '--log-format', 'json']];

/** Runs a command, which ends with `code`. @returns what it says */
async function ends(
  code: number,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const all = await Promise.all(
    manners.map((manner) => alsoViewed([...args, ...manner], { cwd: temporaryFolder(), env })),
  );
  for (const ended of all) {
    expect(ended, ended.stderr).toMatchObject({ code });
  }
  return all.map(({ stderr }) => stderr).join('');
}

describe.each(inject('databases'))('the password of $kind is nowhere', (server) => {
  const schema = ownSchema(server);
  const uri = (host = server.host, port = server.port): string => `mysql://root@${host}:${port}/${schema().name}`;
  const both = (password: string): Record<string, string> => ({
    ALSO_VIEWED_SOURCE_PASSWORD: password,
    ALSO_VIEWED_TARGET_PASSWORD: password,
  });

  test('when it is wrong, from the environment or from a file', async () => {
    const file = path.join(temporaryFolder(), 'password');
    writeFileSync(file, `${secretMark}-wrong\n`);
    for (const env of [
      both(`${secretMark}-wrong`),
      { ALSO_VIEWED_SOURCE_PASSWORD_FILE: file, ALSO_VIEWED_TARGET_PASSWORD_FILE: file },
    ]) {
      await ends(77, ['run', '--source', uri(), '--target', uri(), '--work', 'work'], env);
      const said = await ends(77, ['runs', '--target', uri(), '--work', 'work'], env);
      expect(said).toContain('(using password: YES)');
    }
  });

  test('when the server cannot be reached, is not known, or lacks what is asked for', async () => {
    const env = both(server.password);
    const soon = '?connect-timeout=1s';
    await ends(69, ['export', '--source', uri(server.host, 1) + soon], env);
    await ends(69, ['show', 'a', '--target', uri('nowhere.invalid') + soon], env);
    await ends(78, ['export', '--source', uri(), '--source-table', 'nothing'], env);
    await ends(78, ['export', '--source', uri(), '--where', 'FROM FROM'], env);
  });

  test('after a whole run: not in its folder, its table of runs, or the list of processes meanwhile', async () => {
    const { root, name } = schema();
    const password = `${secretMark}-${randomBytes(8).toString('hex')}`;
    const user = `${name.slice(0, 12)}_ps`;
    await root.query(`CREATE USER ${user}@'127.0.0.1' IDENTIFIED BY '${password}'`);
    try {
      await root.query(`GRANT ALL ON ${name}.* TO ${user}@'127.0.0.1'`);
      await root.query('CREATE TABLE recent_items (path_id INT, product_id INT UNSIGNED)');
      await root.query('INSERT INTO recent_items VALUES (1, 7), (1, 8), (2, 7), (2, 8)');
      const shop = uri().replace('root@', `${user}@`);
      let looks = 0;
      const look = (): void => {
        looks++;
        for (const line of commandLines()) {
          expectNoSecret(line, 'the list of processes');
        }
      };
      const args = ['run', '--source', shop, '--target', shop, '--work', 'work', '--verbose', '--log-format', 'json'];
      // Nobody asks for it there, but who writes it there all the same finds it recorded nowhere.
      const env = { ...both(password), ALSO_VIEWED_S3_ENDPOINT: `http://u:${secretMark}@127.0.0.1:1` };
      const ended: Ended = await alsoViewed(args, { cwd: temporaryFolder(), env, watch: look });
      expect(ended, ended.stderr).toMatchObject({ code: 0, stderr: expect.stringContaining('2 added') });
      expect(looks).toBeGreaterThan(1);
      const [runs] = await root.query<RowDataPacket[]>('SELECT * FROM related_products_runs');
      expect(runs).toHaveLength(1);
      expectNoSecret(JSON.stringify(runs), 'the table of runs');
    } finally {
      await root.query(`DROP USER ${user}@'127.0.0.1'`);
    }

    /** Those of all processes that name this user or its password. */
    function commandLines(): string[] {
      return readdirSync('/proc')
        .filter((entry) => /^\d+$/.test(entry))
        .map((pid) => {
          try {
            return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
          } catch {
            // It has ended.
            return '';
          }
        })
        .filter((line) => line.includes(user) || line.includes(password));
    }
  });

  test('in the failure that an embedding program gets, however deep it looks', async () => {
    for (const [host, port, password] of [
      [server.host, server.port, `${secretMark}-wrong`],
      [server.host, 1, server.password],
    ] as const) {
      const views = {
        address: parseMysqlUri(`${uri(host, port)}?connect-timeout=1s`),
        password,
        table: 'recent_items',
        pathColumn: 'path_id',
        productColumn: 'product_id',
      };
      const failure: unknown = await exportViews(views, path.join(temporaryFolder(), 'v.tsv')).catch(
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(Error);
      expectNoSecret(inspect(failure, { depth: 20, showHidden: true }), 'the failure');
    }
  });
});

describe('the keys of AWS are nowhere', () => {
  const s3 = inject('s3');
  const keys = (secret: string): Record<string, string> => ({
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_REGION: s3.region,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_MAX_ATTEMPTS: '1',
  });

  test('when they are wrong, with a token of a session, and when nobody answers, or not in TLS', async () => {
    const bucket = await createBucket(s3);
    const views = `s3://${bucket}/views.tsv`;
    await ends(77, ['relate', views], keys(`${secretMark}-wrong`));
    // The server of the tests knows no sessions.
    await ends(69, ['relate', views], { ...keys(`${secretMark}-wrong`), AWS_SESSION_TOKEN: `${secretMark}-token` });
    await ends(69, ['relate', views], { ...keys(s3.secretAccessKey), AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' });
    // What nobody answers EMR is asked again for a minute.
    const tls = s3.endpoint.replace('http:', 'https:');
    await ends(69, ['emr', 'clusters'], { ...keys(s3.secretAccessKey), AWS_ENDPOINT_URL_EMR: tls });
  });

  test('when they are properties of Hadoop, in the record of the run or in what is wrong with one', async () => {
    const cwd = temporaryFolder();
    writeFileSync(path.join(cwd, 'views.tsv'), '1\ta\n1\tb\n');
    const property = `fs.s3a.secret.key=${s3.secretAccessKey}`;
    const run = ['run', '--source', 'views.tsv', '--target', 't.tsv', '--work', 'work', '--hadoop-property'];
    expect(await alsoViewed([...run, property], { cwd })).toMatchObject({ code: 0 });
    expect(await alsoViewed([...run, ` ${property}`], { cwd })).toMatchObject({ code: 64 });
  });
});

describe('what stores, AWS Secrets Manager and a check know is nowhere', () => {
  const [server] = inject('databases');
  const schema = ownSchema(server);
  const own = ownBucket();
  const seen = new Set<string>();

  /** Looks at all objects that are there now. */
  async function look(): Promise<void> {
    const { Contents = [] } = await own.client.send(new ListObjectsV2Command({ Bucket: own.bucket }));
    for (const { Key = '' } of Contents) {
      // A lock may go meanwhile.
      const object = await own.client.send(new GetObjectCommand({ Bucket: own.bucket, Key })).catch(() => undefined);
      if (object?.Body !== undefined) {
        expectNoSecret(contentOf(Buffer.from(await object.Body.transformToByteArray())).toString('latin1'), Key);
        seen.add(path.posix.basename(Key));
      }
    }
  }

  test('not in any object of a work folder on S3 either', async () => {
    const { root, name } = schema();
    const { host, port, password } = server;
    await root.query('CREATE TABLE recent_items (path_id INT, product_id INT UNSIGNED)');
    await root.query('INSERT INTO recent_items VALUES (1, 7), (1, 8)');
    const secrets = await secretsManager(() => ({ text: JSON.stringify({ username: 'root', password }) }));
    const { url, pings } = await checkServer(() => 404);
    const cwd = temporaryFolder();
    const database = `host: ${host}, port: ${port}, user: root, database: ${name}`;
    writeFileSync(
      path.join(cwd, 'shops.yml'),
      `work: s3://${own.bucket}/work
ping: ${url}/${secretMark}-{store}?key=${secretMark}
on-failure: "echo failed # ${secretMark}"
metrics: shop.prom
stores:
  uk:
    source: mysql://${host}:${port}/${name}?password-secret=shop/uk
    target: {${database}, table: uk}
  de:
    source: {${database}}
    target: {${database}, table: de}
`,
    );
    const env = {
      ...own.environment,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'],
      ALSO_VIEWED_UK_TARGET_PASSWORD: password,
      ALSO_VIEWED_DE_SOURCE_PASSWORD: password,
      ALSO_VIEWED_DE_TARGET_PASSWORD: `${secretMark}-wrong`,
    };
    const given = ['--config', 'shops.yml', '--verbose', '--log-format', 'json'];
    let looking = Promise.resolve();
    let isLooking = false;
    const watch = (): void => {
      if (!isLooking) {
        isLooking = true;
        looking = look().finally(() => {
          isLooking = false;
        });
      }
    };
    const ended = await alsoViewed(['run', '--all', ...given], { cwd, env, watch });
    await looking;
    await look();
    expect(ended.stderr).toContain('1 of 2 stores failed: de (77)');
    expect(ended.stderr).toContain('it answered 404');
    expect(secrets[0]?.secret).toBe('shop/uk');
    expect(pings[0]?.path).toBe(`/secret-check/${secretMark}-uk/start`);
    expect([...seen]).toEqual(expect.arrayContaining(['lock.json', 'manifest.json', 'relations.tsv.gz']));
    for (const command of ['config', 'runs', 'doctor']) {
      expect(await alsoViewed([command, ...given, '--store', 'uk'], { cwd, env })).toMatchObject({ code: 0 });
    }
  });
});

test.each([
  [`mysql://u:${secretMark}@h/d`, 64],
  [`mysql:u:${secretMark}@h/d`, 64],
  [`mysql:/u:${secretMark}@h/d`, 64],
  [`mysql//u:${secretMark}@h/d`, 66],
  [`mysql://u:12?${secretMark}@h/d`, 64],
  [`mysql://u@h/d?pass=${secretMark}`, 64],
  [`mysql://u@h/d#${secretMark}`, 64],
])('a secret in a URI is not repeated, nor kept: %s', async (source, code) => {
  await ends(code, ['run', '--source', source, '--target', 't.tsv', '--work', 'work']);
});

test('a secret in a configuration file is not repeated, wherever it stands and whatever is wrong with it', async () => {
  const texts = [
    `password: ${secretMark}\n`,
    `source:\n  uri: mysql://u@h/d\n  password: ${secretMark}\n`,
    `source: {password: ${secretMark}\n`,
    `target: mysql://u:${secretMark}@h/d\ntop: 1\n`,
    `target: "mysql://u:${secretMark}@h/d\n`,
    `source:\n  uri: mysql://u:${secretMark}@h/d\n top: 1\n`,
    `top: ${secretMark}: x\n`,
    `password: *${secretMark}\n`,
    `password: !${secretMark} x\n`,
  ];
  for (const text of texts) {
    const file = path.join(temporaryFolder(), 'also-viewed.yml');
    writeFileSync(file, text);
    const { code } = await alsoViewed(['run', '--config', file, '--verbose'], { cwd: temporaryFolder() });
    expect([64, 78], text).toContain(code);
  }
});
