// Relates views in DuckDB: `node duckdb.mjs MODULES plain|half integer|text VIEWS OUT`, MODULES where @duckdb/node-api is installed.
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';

const [modules, form, ids, views, out] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(`${modules}/`)('@duckdb/node-api');
const connection = await (
  await DuckDBInstance.create(':memory:', { threads: String(availableParallelism()) })
).connect();

const type = ids === 'integer' ? 'UBIGINT' : 'VARCHAR';
const rows = `read_csv('${views}', delim = '\\t', header = false, quote = '', escape = '', columns = {'path': '${type}', 'product': '${type}'})`;
const write = `TO '${out}' (FORMAT csv, DELIMITER '\\t', HEADER false, QUOTE '', ESCAPE '')`;
const forms = {
  // What anybody writes first.
  plain: [
    `CREATE TABLE views AS SELECT DISTINCT path, product FROM ${rows}`,
    `COPY (
      SELECT a.product, b.product, count(*) FROM views a JOIN views b ON a.path = b.path AND a.product <> b.product
      GROUP BY ALL ORDER BY 1, 2
    ) ${write}`,
  ],
  // Ids as 32-bit numbers in output order, each pair once, then mirrored.
  half: [
    `CREATE TABLE input AS SELECT path, product FROM ${rows}`,
    `CREATE TABLE products AS
      SELECT product AS id, (row_number() OVER (ORDER BY product) - 1)::UINTEGER AS number FROM (SELECT DISTINCT product FROM input)`,
    `CREATE TABLE paths AS
      SELECT path AS id, (row_number() OVER () - 1)::UINTEGER AS number FROM (SELECT DISTINCT path FROM input)`,
    `CREATE TABLE views AS
      SELECT DISTINCT paths.number AS path, products.number AS product
      FROM input JOIN products ON product = products.id JOIN paths ON path = paths.id`,
    'DROP TABLE input',
    `CREATE TABLE half AS
      SELECT a.product AS a, b.product AS b, count(*)::UINTEGER AS weight
      FROM views a JOIN views b ON a.path = b.path AND a.product < b.product GROUP BY ALL`,
    `COPY (
      SELECT s.id, t.id, weight
      FROM (SELECT a, b, weight FROM half UNION ALL SELECT b, a, weight FROM half)
      JOIN products s ON s.number = a JOIN products t ON t.number = b ORDER BY a, b
    ) ${write}`,
  ],
};
for (const statement of forms[form]) {
  await connection.run(statement);
}
