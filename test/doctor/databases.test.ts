import { readdirSync } from 'node:fs';
import { type Diagnosis, type DoctorOptions, doctor, type MysqlAddress, type MysqlViews } from 'also-viewed';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { schemaSql } from '#dist/importer/schema.js';
import { lockName } from '#dist/importer/writers.js';
import { ownSchema } from '../mysql/own-schema.ts';
import { silentServer } from '../mysql/silent-server.ts';
import { tcpProxy } from '../mysql/tcp-proxy.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { problems } from './problems.ts';

const remedies = ({ findings }: Diagnosis): string[] => findings.flatMap(({ remedy }) => remedy ?? []);

describe.each(inject('databases'))('on $kind', (server) => {
  const schema = ownSchema(server);
  const names = {
    table: 'related_products',
    sourceColumn: 'source_product_id',
    targetColumn: 'target_product_id',
    weightColumn: 'weight',
  };

  /** A shop whose tables and grants are those that `also-viewed schema` prints. @returns the user of the job */
  async function shop(ids: 'integer' | 'text' = 'integer', swap = false): Promise<string> {
    const { root, name, user } = schema();
    const job = await user();
    const type = ids === 'integer' ? 'BIGINT UNSIGNED' : 'VARCHAR(255)';
    await root.query('DROP TABLE IF EXISTS recent_items, related_products, related_products_runs');
    await root.query(
      `CREATE TABLE recent_items (path_id INT, product_id ${type}, viewed_at DATETIME, KEY (viewed_at, path_id))`,
    );
    await root.query("INSERT INTO recent_items VALUES (1, '7', NOW()), (1, '8', NOW()), (2, '8', NOW())");
    const sql = schemaSql({
      server: server.kind,
      ids,
      database: name,
      source: { database: name, table: 'recent_items', user: job },
      job,
      swap,
      ...names,
    });
    const ofJob = sql.replaceAll("@'%'", "@'127.0.0.1'").replace(/^GRANT.*'storefront'.*\n/m, '');
    for (const statement of ofJob.trimEnd().replace(/;$/, '').split(/;\n+/)) {
      await root.query(statement);
    }
    return job;
  }

  async function look(
    job: string,
    given: Partial<DoctorOptions> & {
      address?: Partial<MysqlAddress>;
      password?: string;
      views?: Partial<MysqlViews>;
    } = {},
  ): Promise<Diagnosis> {
    const { address, password = 'secret', views, ...options } = given;
    const side = { address: schema().address({ user: job, ...address }), password };
    return await doctor({
      source: {
        kind: 'table',
        views: {
          ...side,
          table: 'recent_items',
          pathColumn: 'path_id',
          productColumn: 'product_id',
          timeColumn: 'viewed_at',
          ...views,
        },
      },
      target: { kind: 'table', table: { ...side, ...names } },
      work: temporaryFolder(),
      ...options,
    });
  }

  const of = (job: string): string => `${job}@'127.0.0.1'`;

  test.each(['integer', 'text'] as const)(
    'the tables and grants that schema prints for %s ids are all right',
    async (ids) => {
      const diagnosis = await look(await shop(ids));
      expect(problems(diagnosis)).toEqual([]);
      expect(diagnosis.exitCode).toBe(0);
      expect(diagnosis.findings.map(({ check }) => check)).toEqual(
        expect.arrayContaining(['source query', 'target query', 'target rights', 'ids', 'work folder', 'engine']),
      );
    },
  );

  test('it says that somebody publishes to the table', async () => {
    const job = await shop('integer');
    const { root, name } = schema();
    const lock = lockName(name, 'related_products', 1);
    await root.query('DO GET_LOCK(?, 0)', [lock]);
    try {
      expect(problems(await look(job))).toEqual([
        expect.stringMatching(/^warning: target lock: connection \d+ of the server is publishing to related_products$/),
      ]);
    } finally {
      await root.query('DO RELEASE_LOCK(?)', [lock]);
    }
  });

  test('looking changes nothing, and neither does probing', async () => {
    const job = await shop('integer', true);
    const { root } = schema();
    await root.query('INSERT INTO related_products VALUES (0, 7, 1), (7, 0, 1), (7, 8, 1), (8, 7, 1)');
    const state = async (): Promise<unknown[]> => {
      const tables = ['recent_items', 'related_products', 'related_products_runs'];
      const [sums] = await root.query(`CHECKSUM TABLE ${tables.join(', ')}`);
      const [columns] = await root.query<RowDataPacket[]>(
        'SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2',
      );
      return [sums, columns];
    };
    const before = await state();
    const work = temporaryFolder();
    const probed = await look(job, { probeWrite: true, work, swap: true });
    expect(problems(probed)).toEqual([]);
    expect(probed.findings.filter(({ check }) => check.endsWith('probe'))).toHaveLength(2);
    expect(problems(await look(job, { work }))).toEqual([]);
    expect(await state()).toEqual(before);
    expect(readdirSync(work)).toEqual([]);
  });

  test.each([
    ['SELECT', 'recent_items'],
    ...['SELECT', 'INSERT', 'UPDATE', 'DELETE'].map((right) => [right, 'related_products']),
    ...['SELECT', 'INSERT', 'UPDATE'].map((right) => [right, 'related_products_runs']),
  ])('without the right %s on %s it prints the grant that mends it', async (right = '', table = '') => {
    const job = await shop();
    const { root, name } = schema();
    await root.query(`REVOKE ${right} ON ${name}.${table} FROM ${of(job)}`);
    const diagnosis = await look(job);
    expect(diagnosis.exitCode).toBe(78);
    const grant = `GRANT ${right} ON \`${name}\`.\`${table}\` TO '${job}'@'127.0.0.1';`;
    expect(remedies(diagnosis)).toContain(grant);
    expect(problems(diagnosis).filter((line) => line.startsWith('failure'))).toEqual([
      expect.stringMatching(/^failure: (source|target) rights: /),
    ]);
    await root.query(grant);
    expect(problems(await look(job))).toEqual([]);
  });

  test.each(['CREATE', 'ALTER', 'DROP', 'TRIGGER'])('a swap is told that it needs %s', async (right) => {
    const job = await shop('integer', true);
    const { root, name } = schema();
    const allowed = await look(job, { swap: true });
    expect(problems(allowed)).toEqual([]);
    expect(allowed.findings.find(({ check }) => check === 'target swap')?.message).toMatch(
      /the server needs room for the table twice, some [\d.]+ \w+ more$/,
    );
    await root.query(`REVOKE ${right} ON ${name}.related_products FROM ${of(job)}`);
    const diagnosis = await look(job, { swap: true });
    expect(problems(diagnosis)).toEqual([expect.stringContaining(`has not the right ${right} on related_products`)]);
    await root.query(remedies(diagnosis)[0] ?? '');
    expect(problems(await look(job, { swap: true }))).toEqual([]);
  });

  test('who is to keep an eye on the lag of a replica is told which right shows it', async () => {
    const job = await shop();
    const diagnosis = await look(job, { views: { maxReplicaLag: 60_000 } });
    expect(problems(diagnosis)).toEqual([expect.stringMatching(/^failure: source replica: Cannot read how far/)]);
    await schema().root.query(remedies(diagnosis)[0] ?? '');
    expect(problems(await look(job, { views: { maxReplicaLag: 60_000 } }))).toEqual([]);
  });

  test('a user who may not enter the database gets every grant that he needs', async () => {
    const { root, user } = schema();
    await shop();
    const job = await user();
    const denied = await look(job);
    expect(denied.exitCode).toBe(78);
    for (const statement of remedies(denied)
      .join(' ')
      .split(/(?<=;) /)) {
      await root.query(statement);
    }
    expect(problems(await look(job))).toEqual([]);
  });

  test('rights by a role, by columns and by a pattern of the schema count', async () => {
    const { root, name, user } = schema();
    await shop();
    const job = await user();
    const role = `${job}_role`;
    await root.query(`CREATE ROLE ${role}`);
    onTestFinished(async () => {
      await root.query(`DROP ROLE ${role}`);
    });
    await root.query(`GRANT ${role} TO ${of(job)}`);
    await root.query(
      server.kind === 'mysql'
        ? `ALTER USER ${of(job)} DEFAULT ROLE ${role}`
        : `SET DEFAULT ROLE ${role} FOR ${of(job)}`,
    );
    await root.query(`GRANT SELECT (path_id, product_id, viewed_at) ON ${name}.recent_items TO ${of(job)}`);
    await root.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${name}.related_products TO ${role}`);
    await root.query(`GRANT SELECT, INSERT, UPDATE ON ${name}.related_products_runs TO ${role}`);
    expect(problems(await look(job))).toEqual([]);
    await root.query(`GRANT CREATE ON \`${name.replace('_', '\\_')}\`.* TO ${role}`);
    await root.query('DROP TABLE related_products_runs');
    const { findings } = await look(job);
    expect(findings.filter(({ state }) => state === 'failure')).toEqual([]);
    expect(findings.filter(({ message }) => message.includes('may not create'))).toEqual([]);
  });

  test('a table that is missing is found, and who may create it is told that the first run does', async () => {
    const job = await shop();
    const { root, name } = schema();
    await root.query('DROP TABLE recent_items, related_products, related_products_runs');
    const missing = await look(job);
    expect(problems(missing)).toEqual([
      expect.stringMatching(/^failure: source columns: .*the database has no such table/),
      expect.stringMatching(/^failure: target columns: related_products does not exist, and '.*' may not create it/),
      expect.stringMatching(/^warning: target columns: related_products_runs does not exist/),
    ]);
    await root.query('CREATE TABLE recent_items (path_id INT, product_id INT, viewed_at DATETIME)');
    await root.query(`GRANT CREATE ON ${name}.* TO ${of(job)}`);
    expect(problems(await look(job))).toEqual([]);
  });

  test('tables that are missing are made by the first run after the grants that are printed to a user without any', async () => {
    const job = await shop();
    const { root, name } = schema();
    await root.query('DROP TABLE related_products, related_products_runs');
    for (const table of ['related_products', 'related_products_runs']) {
      await root.query(`REVOKE ALL ON ${name}.${table} FROM ${of(job)}`);
    }
    const grants = remedies(await look(job)).filter((remedy) => remedy.startsWith('GRANT'));
    expect(grants).toEqual([
      expect.stringContaining('GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON '),
      expect.stringContaining('GRANT SELECT, INSERT, UPDATE, CREATE ON '),
    ]);
    for (const grant of grants) {
      await root.query(grant);
    }
    expect(problems(await look(job))).toEqual([]);
  });

  test.each([
    ['MODIFY weight VARCHAR(9) NOT NULL', /weights are integers, and column weight is varchar\(9\)/],
    ['MODIFY source_product_id DOUBLE', /column source_product_id is double, which cannot hold ids exactly/],
    ['DROP PRIMARY KEY', /no unique key over/],
    ['CHANGE weight count INT NOT NULL', /no column weight, only source_product_id/],
    ['MODIFY target_product_id SMALLINT', /the largest id is 40000, and it holds at most 32767/],
  ])('a target table is refused after %s', async (change, message) => {
    const job = await shop();
    const { root } = schema();
    await root.query('INSERT INTO recent_items VALUES (1, 40000, NOW())');
    await root.query(`ALTER TABLE related_products ${change}`);
    const diagnosis = await look(job);
    expect(diagnosis.exitCode).toBe(78);
    expect(problems(diagnosis)).toEqual(expect.arrayContaining([expect.stringMatching(message)]));
  });

  test('a collation that takes two ids for one is found, a warning before there are such ids', async () => {
    const job = await shop('text');
    const { root } = schema();
    await root.query(
      'ALTER TABLE related_products MODIFY target_product_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL',
    );
    await root.query("INSERT INTO recent_items VALUES (3, 'a', NOW())");
    const early = await look(job);
    expect(early.exitCode).toBe(0);
    expect(problems(early)).toEqual([expect.stringContaining('utf8mb4_general_ci, which takes some ids for one')]);
    await root.query("INSERT INTO recent_items VALUES (4, 'A', NOW())");
    const late = await look(job);
    expect(late.exitCode).toBe(78);
    expect(problems(late)).toEqual([expect.stringContaining('takes the ids "a" and "A" for one')]);
    await root.query(remedies(late)[0] ?? '');
    expect(problems(await look(job))).toEqual([]);
  });

  test('a sort of the storefront and a full scan of the export are found, with the indexes that mend them', async () => {
    const job = await shop();
    const { root } = schema();
    await root.query('DROP INDEX viewed_at ON recent_items');
    await root.query('DROP INDEX source_product_id ON related_products');
    const diagnosis = await look(job, { views: { since: '90d' } });
    expect(diagnosis.exitCode).toBe(0);
    expect(problems(diagnosis)).toEqual([
      expect.stringMatching(/^warning: source query: the export reads the whole table for the views since 90d/),
      'warning: target query: each list is sorted when it is read',
    ]);
    for (const index of remedies(diagnosis)) {
      await root.query(index);
    }
    expect(problems(await look(job, { views: { since: '90d' } }))).toEqual([]);
  });

  test('so is a full scan for the views of a condition, until an index finds them', async () => {
    const job = await shop();
    const where = 'path_id = 2';
    expect(problems(await look(job, { views: { where } }))).toEqual([
      expect.stringMatching(
        /^warning: source query: the export reads the whole table for the views of --where: some \d+ rows$/,
      ),
    ]);
    await schema().root.query('CREATE INDEX also_viewed_where ON recent_items (path_id, product_id)');
    expect(problems(await look(job, { views: { where } }))).toEqual([]);
  });

  test.each(server.kind === 'mariadb' ? ['BINARY(16)', 'CHAR(36)', 'UUID'] : ['BINARY(16)', 'CHAR(36)'])(
    'ids of type %s are looked at, and probed, as they are',
    async (type) => {
      const job = await shop('text');
      const { root } = schema();
      await root.query('TRUNCATE recent_items');
      const text = type === 'CHAR(36)' ? `COLLATE utf8mb4_${server.kind === 'mysql' ? '0900' : 'nopad'}_bin` : '';
      await root.query(`ALTER TABLE recent_items MODIFY product_id ${type} ${text}`);
      await root.query(
        `ALTER TABLE related_products MODIFY source_product_id ${type} ${text}, MODIFY target_product_id ${type} ${text}`,
      );
      const id = '00112233-4455-6677-8899-aabbccddeeff';
      await root.query('INSERT INTO recent_items VALUES (1, ?, NOW())', [
        type === 'BINARY(16)' ? Buffer.from(id.replaceAll('-', ''), 'hex') : id,
      ]);
      expect(problems(await look(job, { probeWrite: true }))).toEqual([]);
    },
  );

  test('a view is read, though how it is read may not be told', async () => {
    const job = await shop();
    const { root, name } = schema();
    await root.query(`REVOKE SELECT ON ${name}.recent_items FROM ${of(job)}`);
    await root.query('CREATE OR REPLACE VIEW some_items AS SELECT path_id, product_id, viewed_at FROM recent_items');
    onTestFinished(async () => {
      await root.query('DROP VIEW some_items');
    });
    await root.query(`GRANT SELECT ON ${name}.some_items TO ${of(job)}`);
    const diagnosis = await look(job, { views: { table: 'some_items' } });
    expect(diagnosis.exitCode).toBe(0);
    expect(problems(diagnosis)).toEqual([
      'warning: source query: some_items is a view whose tables this user may not see: how it is read cannot be told',
    ]);
  });

  test('a condition that the server does not understand is found', async () => {
    const job = await shop();
    const diagnosis = await look(job, { views: { where: 'is_robot = 0' } });
    expect(diagnosis.exitCode).toBe(78);
    expect(problems(diagnosis)).toEqual([expect.stringMatching(/^failure: source columns: .*is_robot/)]);
  });

  test('a wrong password, and a wrong database, are configuration', async () => {
    const job = await shop();
    const wrong = await look(job, { password: 'a wrong one' });
    expect(wrong.exitCode).toBe(78);
    expect(problems(wrong)).toEqual(
      ['source', 'target'].map((side) => expect.stringMatching(`^failure: ${side}: .*Access denied`)),
    );
    expect(JSON.stringify(wrong)).not.toContain('a wrong one');
    expect(await look('root', { password: server.password, address: { database: 'nowhere' } })).toMatchObject({
      exitCode: 78,
    });
  });

  test('servers that are away, or say nothing, at first or later, do not hold it up, and another code says so', async () => {
    const job = await shop();
    const { port } = await tcpProxy(server.port, { stopAfter: 600 });
    const [away, silent, frozen] = await Promise.all([
      look(job, { address: { port: 1 } }),
      look(job, { address: { port: await silentServer() } }),
      look(job, { address: { port } }),
    ]);
    expect([away, silent, frozen].map(({ exitCode }) => exitCode)).toEqual([69, 69, 69]);
    expect(problems(away)).toEqual(
      ['source', 'target'].map((side) => expect.stringMatching(`^failure: ${side}: .*ECONNREFUSED`)),
    );
    for (const diagnosis of [silent, frozen]) {
      expect(problems(diagnosis)).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^failure: (source|target|ids)\b.*(no answer.* within 6 s|ETIMEDOUT)$/),
        ]),
      );
    }
  }, 20_000);
});
