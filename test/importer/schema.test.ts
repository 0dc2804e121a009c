import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { relatedProducts } from '#dist/storefront/related-products.js';
import { alsoViewed } from '../cli/also-viewed.ts';
import { connectAs } from '../mysql/connect-as.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe.each(inject('databases'))('on $kind', (server) => {
  const schema = ownSchema(server);

  test.each([
    ['integer', 'BIGINT UNSIGNED', "('1', 7), ('1', 8), ('1', 18446744073709551615)", ['8', '18446744073709551615'], 7],
    ['text', 'VARCHAR(20)', "('1', 'a'), ('1', 'A'), ('1', 'a ')", ['A', 'a '], 'a'],
  ] as const)(
    'the printed tables and grants for %s ids are all that the job and the storefront need',
    async (ids, type, views, list, product) => {
      const { root, name, user } = schema();
      const job = await user();
      const reader = await user();
      await root.query('DROP TABLE IF EXISTS recent_items, related_products, related_products_runs');
      await root.query(
        `CREATE TABLE recent_items (path_id VARCHAR(20), product_id ${type}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
      );
      await root.query(`INSERT INTO recent_items VALUES ${views}`);
      const uri = `mysql://${job}@${server.host}:${server.port}/${name}`;
      const sides = ['--source', uri, '--target', uri];
      const { stdout } = await alsoViewed(['schema', ...sides, '--server', server.kind, '--product-ids', ids]);
      const sql = stdout.replaceAll("@'%'", "@'127.0.0.1'").replaceAll("'storefront'", `'${reader}'`);
      for (const statement of sql.trimEnd().replace(/;$/, '').split(/;\n+/)) {
        await root.query(statement);
      }

      const work = path.join(temporaryFolder(), 'work');
      const env = { ALSO_VIEWED_SOURCE_PASSWORD: 'secret', ALSO_VIEWED_TARGET_PASSWORD: 'secret' };
      const run = ['run', '--source', uri, '--target', uri, '--work', work, '--accept-changes', 'a test'];
      const { code, stderr } = await alsoViewed(run, { env });
      expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('6 added') });
      expect(stderr).not.toMatch(/Created table|without a record/);
      await root.query('DELETE FROM recent_items LIMIT 1');
      expect(await alsoViewed(run, { env })).toMatchObject({ code: 0, stderr: expect.stringContaining('4 removed') });

      await root.query(`INSERT INTO recent_items VALUES ${views}`);
      expect(await alsoViewed(run, { env })).toMatchObject({ code: 0 });
      const storefront = await connectAs(schema().address({ user: reader }), 'secret');
      try {
        expect(await relatedProducts(storefront, product)).toEqual(
          list.map((each) => ({ product: each, weight: expect.any(Number) })),
        );
        expect(await relatedProducts(storefront, product, { limit: 1 })).toHaveLength(1);
        await expect(storefront.query('DELETE FROM related_products')).rejects.toThrow(/denied/);
      } finally {
        await storefront.end();
      }
    },
  );

  test('the grant on the views is for the user and the database of the source, and left out without one', async () => {
    const target = ['schema', '--server', server.kind, '--target', 'mysql://writer@db/shop'];
    const source = ['--source', 'mysql://reader@replica/visits', '--source-table', 'seen', '--max-replica-lag', '5m'];
    const { stdout } = await alsoViewed([...target, ...source]);
    expect(stdout).toContain("GRANT SELECT ON `visits`.`seen` TO 'reader'@'%';\n");
    expect(stdout).toMatch(/^GRANT REPLICA\S* \S+ ON \*\.\* TO 'reader'@'%';$/m);
    expect(stdout).toContain("ON `shop`.`related_products` TO 'writer'@'%';\n");
    const alone = await alsoViewed(target);
    expect(alone).toMatchObject({ code: 0, stdout: expect.not.stringContaining('recent_items') });
  });

  test('a user of any name is one of the grants', async () => {
    const { root } = schema();
    const user = "o'b\\r";
    const target = `mysql://${encodeURIComponent(user)}@db/${schema().name}`;
    await root.query("CREATE USER ? IDENTIFIED BY 'secret'", [user]);
    onTestFinished(() => root.query('DROP USER ?', [user]).then(() => {}));
    const { stdout } = await alsoViewed(['schema', '--server', server.kind, '--target', target]);
    const [grant] = /^GRANT .* ON .*related_products`.*;$/m.exec(stdout) ?? [];
    await root.query('CREATE TABLE IF NOT EXISTS related_products (id INT)');
    await root.query(String(grant));
    const [rows] = await root.query<RowDataPacket[]>('SHOW GRANTS FOR ?', [user]);
    expect(rows).toHaveLength(2);
  });

  test('with --swap the printed grants are all that a swap needs', async () => {
    const { root, name, user } = schema();
    const job = await user();
    await root.query('DROP TABLE IF EXISTS related_products, related_products_runs');
    const uri = `mysql://${job}@${server.host}:${server.port}/${name}`;
    const { stdout } = await alsoViewed(['schema', '--target', uri, '--server', server.kind, '--swap']);
    const ofJob = stdout.replaceAll("@'%'", "@'127.0.0.1'").replace(/^GRANT.*storefront.*\n/gm, '');
    for (const statement of ofJob.trimEnd().replace(/;$/, '').split(/;\n+/)) {
      await root.query(statement);
    }
    const file = path.join(temporaryFolder(), 'relations.tsv');
    const env = { ALSO_VIEWED_TARGET_PASSWORD: 'secret', ALSO_VIEWED_SWAP: 'yes' };
    for (const [weight, said] of [
      [1, '2 added'],
      [2, 'Exchanged table related_products'],
    ] as const) {
      writeFileSync(file, `1\t2\t${weight}\n2\t1\t${weight}\n`);
      const { code, stderr } = await alsoViewed(['import', file, '--target', uri, '--accept-changes', 'a test'], {
        env,
      });
      expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining(said) });
      expect(stderr).not.toMatch(/Created table|without a record/);
    }
    const [tables] = await root.query({ sql: "SHOW TABLES LIKE 'also%'", rowsAsArray: true });
    expect(tables).toEqual([]);
  });

  test('the storefront’s query is answered from its index alone, without sorting', async () => {
    const { root } = schema();
    await root.query('DROP TABLE IF EXISTS related_products');
    const { stdout } = await alsoViewed(['schema', '--server', server.kind]);
    await root.query(/CREATE TABLE `related_products` .*?(?=;\n)/s.exec(stdout)?.[0] ?? '');
    const rows = Array.from({ length: 20_000 }, (_, at) => [Math.floor(at / 100), at % 100, (at * 7919) % 1000]);
    await root.query('INSERT INTO related_products VALUES ?', [rows]);
    await root.query('ANALYZE TABLE related_products');
    const [[plan]] = await root.query<RowDataPacket[]>(
      `EXPLAIN ${server.kind === 'mysql' ? 'FORMAT=TRADITIONAL ' : ''}SELECT target_product_id, weight FROM related_products
       WHERE source_product_id = 42 ORDER BY weight DESC, target_product_id LIMIT 10`,
    );
    expect(plan).toMatchObject({ key: 'source_product_id', type: 'ref' });
    expect(plan?.['Extra']).toContain('Using index');
    expect(plan?.['Extra']).not.toMatch(/filesort|temporary/);
    await root.query('FLUSH STATUS');
    const list = await relatedProducts(root, 42, { limit: 3 });
    const [[read]] = await root.query<RowDataPacket[]>("SHOW SESSION STATUS LIKE 'Handler_read_next'");
    expect(read).toMatchObject({ Value: '2' });
    expect(list).toEqual(
      rows
        .filter(([source]) => source === 42)
        .sort(([, a = 0, weightA = 0], [, b = 0, weightB = 0]) => weightB - weightA || a - b)
        .slice(0, 3)
        .map(([, target, weight]) => ({ product: String(target), weight })),
    );
  });

  test('a number is the id of one product where ids are text, and whatever the connection does with values', async () => {
    const { root } = schema();
    await root.query(
      'CREATE TABLE texts (source_product_id VARCHAR(20), target_product_id VARCHAR(20), weight INT, PRIMARY KEY (source_product_id, target_product_id))',
    );
    const large = ['12345678901234567', '12345678901234568'];
    await root.query('INSERT INTO texts VALUES ?', [['1', '01', '1a', ...large].map((id) => [id, `of ${id}`, 1])]);
    const products = async (id: string | number | bigint, connection: Connection = root): Promise<string[]> =>
      (await relatedProducts(connection, id, { table: 'texts' })).map(({ product }) => product);
    expect(await products(1)).toEqual(['of 1']);
    expect(await products(12345678901234567n)).toEqual([`of ${large[0]}`]);
    for (const options of [{ typeCast: false }, { nestTables: true }]) {
      const { host, port, user, database } = schema().address();
      const other = await createConnection({ host, port, user, database, password: schema().password, ...options });
      onTestFinished(() => other.end());
      expect(await products('1a', other)).toEqual(['of 1a']);
    }
  });

  test('a text is the id of one product, whatever the session takes for an escape', async () => {
    const { root } = schema();
    const ids = ["a'b", 'c\\d', '"e"', 'é👟', "'", '\\', '\0', '', '18446744073709551615'];
    const missing = ["x' OR 1=1 -- ", "\\' OR 1=1 -- ", 'a', '\ud800'];
    const columns = (type: string): string => `(source_product_id ${type}, target_product_id INT, weight INT)`;
    await root.query(`CREATE TABLE quoted ${columns('VARCHAR(20) COLLATE utf8mb4_bin')}`);
    await root.query('INSERT INTO quoted VALUES ?', [ids.map((id, at) => [id, at, 1])]);
    await root.query(`CREATE TABLE latin ${columns('VARCHAR(20) CHARACTER SET latin1')}`);
    await root.query("INSERT INTO latin VALUES ('l''é', 1, 1)");
    await root.query(`CREATE TABLE numbers ${columns('BIGINT UNSIGNED')}`);
    await root.query('INSERT INTO numbers VALUES (18446744073709551615, 1, 1), (18446744073709551614, 2, 1)');
    const shop = await connectAs(schema().address(), schema().password);
    onTestFinished(() => shop.end());
    const products = async (table: string, id: string): Promise<string[]> =>
      (await relatedProducts(shop, id, { table })).map(({ product }) => product);
    for (const mode of ['', 'NO_BACKSLASH_ESCAPES', 'ANSI_QUOTES']) {
      await shop.query(`SET SESSION sql_mode = '${mode}'`);
      expect(await Promise.all(ids.map((id) => products('quoted', id)))).toEqual(ids.map((_, at) => [`${at}`]));
      expect(await Promise.all(missing.map((id) => products('quoted', id)))).toEqual(missing.map(() => []));
      expect(await products('latin', "l'é")).toEqual(['1']);
      // latin1 has no such characters.
      expect(await products('latin', '語👟')).toEqual([]);
      expect(await products('numbers', '18446744073709551615')).toEqual(['1']);
    }
  });

  test.each(['6', -1, 1.5, Number.NaN, 6n])('%o is no limit of a list', async (limit) => {
    const list = relatedProducts(schema().root, 1, { limit: limit as number });
    await expect(list).rejects.toThrow(RangeError);
  });

  test('binary ids come as hex, from a table under any names', async () => {
    const { root } = schema();
    await root.query('CREATE TABLE viewed (s BINARY(2), t BINARY(2), c INT, PRIMARY KEY (s, t))');
    await root.query("INSERT INTO viewed VALUES (X'00ff', X'0a0b', 3), (X'00ff', X'0a0c', 4)");
    expect(
      await relatedProducts(root, Buffer.from('00ff', 'hex'), {
        table: 'viewed',
        sourceColumn: 's',
        targetColumn: 't',
        weightColumn: 'c',
      }),
    ).toEqual([
      { product: '0a0c', weight: 4 },
      { product: '0a0b', weight: 3 },
    ]);
  });
});
