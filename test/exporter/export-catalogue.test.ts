import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { ownSchema } from '../mysql/own-schema.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { exported, viewsOf } from './run-export.ts';

const someUuid = '6ccd780c-baba-1026-9564-5b8c656024db';
const uuid: [string, string, string] = ['UUID', `'${someUuid}'`, someUuid];

describe.each(inject('databases').map((server) => [server.kind, server] as const))('from %s', (kind, server) => {
  const schema = ownSchema(server);

  beforeAll(async () => {
    await schema().root.query('CREATE TABLE views (path_id INT, product_id INT)');
    await schema().root.query('INSERT INTO views VALUES (1, 7)');
  });

  /** The lines of the catalogue that a query gives, and what was said of it. */
  async function catalogue(sql: string): Promise<{ readonly lines: string[]; readonly said: string[] }> {
    const out = path.join(temporaryFolder(), 'catalogue.tsv');
    const said: string[] = [];
    const say = (message: string): void => {
      said.push(message);
    };
    await exported(viewsOf(schema(), { catalogue: { sql, out } }), {
      log: { debug: () => {}, info: say, warn: say, error: say },
    });
    return { lines: readFileSync(out, 'utf8').split('\n').slice(0, -1), said };
  }

  test('the first column is the id, each once and in order, below a header', async () => {
    const { lines, said } = await catalogue(
      "SELECT 'b', 1 UNION ALL SELECT 'a', 2 UNION ALL SELECT 'b', 3 -- as a person writes it",
    );
    expect(lines).toEqual(['product_id', 'a', 'b']);
    expect(said).toEqual([]);
  });

  test.each<[string, string, string]>([
    ['BIGINT UNSIGNED', '18446744073709551615', '18446744073709551615'],
    ['INT(8) ZEROFILL', '42', '42'],
    ['INT(3) ZEROFILL', '0', '0'],
    ['BIGINT', '-5', '-5'],
    ['BINARY(2)', '0xAB01', 'ab01'],
    ['VARBINARY(9)', '0x00', '00'],
    ['BLOB', '0x7f8081FF', '7f8081ff'],
    ['TEXT', "'é\\\\n'", 'é\\\\n'],
    ['VARCHAR(9) CHARACTER SET latin1', "'é '", 'é '],
    ['DECIMAL(6,2)', '1.5', '1.50'],
    ['DATE', "'2026-01-31'", '2026-01-31'],
    ...(kind === 'mariadb' ? [uuid] : []),
  ])('%s %s is the id that the views have: %s', async (type, value, id) => {
    const { root } = schema();
    await root.query('DROP TABLE IF EXISTS products, viewed');
    await root.query(`CREATE TABLE products (id ${type})`);
    await root.query(`CREATE TABLE viewed (path_id INT, product_id ${type})`);
    await root.query(`INSERT INTO products VALUES (${value})`);
    await root.query(`INSERT INTO viewed VALUES (1, ${value})`);
    expect((await catalogue('SELECT id FROM products')).lines).toEqual(['product_id', id]);
    const { lines } = await exported(viewsOf(schema(), { table: 'viewed' }));
    expect(lines[1]).toBe(`1\t${id}`);
  });

  test('NULLs and ids that no view can have are left out, and said', async () => {
    const { lines, said } = await catalogue(
      "WITH ids AS (SELECT 'a' AS id UNION SELECT NULL UNION SELECT '' UNION SELECT 'tab\\there') SELECT id FROM ids",
    );
    expect(lines).toEqual(['product_id', 'a']);
    expect(said).toEqual([
      expect.stringMatching(/^The catalogue is used without .*2 of its 4 ids .*\((empty field|control character)\)$/),
      expect.stringContaining('without 1 of its 4 rows'),
    ]);
  });

  test.each([
    ['no product', 'SELECT product_id FROM views WHERE product_id = 0', 'badData', /it has no product$/],
    ['nothing but NULL', 'SELECT NULL', 'badData', /no product, only NULL/],
    ['nothing that can be an id', "SELECT ''", 'badData', /1 of its 1 ids/],
    ['what is no SQL', 'SELECT FROM FROM', 'configuration', /query of --products: .*SQL syntax/],
    ['a table that is not there', 'SELECT id FROM nothing', 'configuration', /nothing/],
    ['no result', 'SELECT 1 INTO @x', 'configuration', /it has no result/],
  ])('%s ends it before a view is written', async (_, sql, failure, message) => {
    const folder = temporaryFolder();
    const file = (name: string): string => path.join(folder, name);
    const views = viewsOf(schema(), { catalogue: { sql, out: file('catalogue.tsv') } });
    await expect(exported(views)).rejects.toMatchObject({ kind: failure, message: expect.stringMatching(message) });
    expect(existsSync(file('catalogue.tsv'))).toBe(false);
  });

  test('a user who may not read its table is told of the right', async () => {
    const { root, name, address, user } = schema();
    await root.query('CREATE TABLE stock (id INT)');
    const reader = await user(`SELECT ON ${name}.views`);
    const catalogue = { sql: 'SELECT id FROM stock', out: path.join(temporaryFolder(), 'catalogue.tsv') };
    const views = viewsOf(schema(), { address: address({ user: reader }), password: 'secret', catalogue });
    await expect(exported(views)).rejects.toMatchObject({
      kind: 'noPermission',
      message: expect.stringMatching(/query of --products: SELECT command denied .*stock/),
    });
  });

  test('asking changes nothing: a function that writes is refused', async () => {
    const { root } = schema();
    await root.query('CREATE TABLE counted (n INT)');
    await root.query(
      'CREATE FUNCTION count_up() RETURNS INT DETERMINISTIC BEGIN INSERT INTO counted VALUES (1); RETURN 7; END',
    );
    await expect(catalogue('SELECT count_up()')).rejects.toThrow(/READ ONLY/);
    expect((await root.query('SELECT * FROM counted'))[0]).toEqual([]);
  });
});
