import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { exportViews, parseMysqlUri } from 'also-viewed';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, test } from 'vitest';
import { ownSchema } from '../mysql/own-schema.ts';
import { createBucket } from '../services/create-bucket.ts';
import { expectNoSecret, secretMark } from '../services/secret-mark.ts';
import { temporaryFolder } from '../temporary-folder.ts';
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
  let said = '';
  for (const manner of manners) {
    const ended = await alsoViewed([...args, ...manner], { cwd: temporaryFolder(), env });
    expect(ended, ended.stderr).toMatchObject({ code });
    said += ended.stderr;
  }
  return said;
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
    await ends(69, ['export', '--source', uri(server.host, 1)], env);
    await ends(69, ['show', 'a', '--target', uri('nowhere.invalid')], env);
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
      const ended: Ended = await alsoViewed(args, { cwd: temporaryFolder(), env: both(password), watch: look });
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
        address: parseMysqlUri(uri(host, port)),
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

  test('when they are wrong, with a token of a session, and when nobody answers', async () => {
    const bucket = await createBucket(s3);
    const views = `s3://${bucket}/views.tsv`;
    await ends(77, ['relate', views], keys(`${secretMark}-wrong`));
    // The server of the tests knows no sessions.
    await ends(69, ['relate', views], { ...keys(`${secretMark}-wrong`), AWS_SESSION_TOKEN: `${secretMark}-token` });
    await ends(69, ['relate', views], { ...keys(s3.secretAccessKey), AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' });
    await ends(69, ['emr', 'clusters'], { ...keys(s3.secretAccessKey), AWS_ENDPOINT_URL_EMR: 'http://127.0.0.1:1' });
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
