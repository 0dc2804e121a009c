import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const query = 'SELECT id FROM products WHERE active = 1';

describe.each(inject('databases').map((server) => [server.kind, server] as const))('from %s', (_, server) => {
  const schema = ownSchema(server);

  beforeAll(async () => {
    const { root } = schema();
    await root.query('CREATE TABLE recent_items (path_id INT, product_id INT UNSIGNED)');
    await root.query('INSERT INTO recent_items VALUES (1, 7), (1, 8), (1, 9), (2, 7), (2, 8)');
    await root.query('CREATE TABLE products (id INT UNSIGNED, active INT)');
    await root.query('INSERT INTO products VALUES (7, 1), (8, 1), (9, 0)');
  });

  interface Shop {
    readonly command: (...args: string[]) => Promise<Ended>;
    readonly file: (name: string) => string;
    /** Makes the target's folder, without which publishing fails. */
    readonly openTarget: () => void;
    readonly target: () => string;
  }

  function shop(products: string): Shop {
    const folder = temporaryFolder();
    const { host, port, password } = server;
    writeFileSync(
      path.join(folder, 'shop.yml'),
      `source: mysql://root@${host}:${port}/${schema().name}\ntarget: shop/target.tsv\nwork: work\nproducts: ${products}\n`,
    );
    const runs = path.join(folder, 'work', 'runs');
    return {
      command: (...args) =>
        alsoViewed([...args, '--config', 'shop.yml'], { cwd: folder, env: { ALSO_VIEWED_SOURCE_PASSWORD: password } }),
      file: (name) => path.join(runs, readdirSync(runs)[0] ?? '', name),
      openTarget: () => mkdirSync(path.join(folder, 'shop')),
      target: () => readFileSync(path.join(folder, 'shop', 'target.tsv'), 'utf8'),
    };
  }

  test('only the products that the query gives are targets, and the run records them', async () => {
    const { command, file, openTarget, target } = shop(query);
    openTarget();
    expect(await command('run')).toMatchObject({ code: 0, stderr: expect.stringContaining('catalogue 2') });
    expect(target()).toBe('7\t8\t2\n8\t7\t2\n9\t7\t1\n9\t8\t1\n');
    expect(readFileSync(file('catalogue.tsv'), 'utf8')).toBe('product_id\n7\n8\n');
    const { artefacts, stages } = JSON.parse(readFileSync(file('manifest.json'), 'utf8'));
    const [, catalogue] = artefacts;
    expect(catalogue).toMatchObject({ name: 'catalogue.tsv', lines: 3 });
    expect(stages[1].counts.productsSha256).toBe(catalogue.sha256);
    expect(await command('explain', '7', '9')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('9 is not among them'),
    });
  });

  test('a resumed run uses the answer of then; another query, or another file of it, is an export of its own', async () => {
    const { command, file, openTarget, target } = shop(query);
    expect(await command('run')).toMatchObject({ code: 73 });
    expect((await command('run', '--resume', '--threads', '1')).stderr).not.toContain('with the');
    writeFileSync(file('catalogue.tsv'), 'product_id\n9\n');
    expect((await command('run', '--resume')).stderr).toContain(
      'with the export stage: catalogue.tsv is not the file that the manifest describes',
    );
    openTarget();
    const others = await command('run', '--resume', '--products', `${query} OR id = 9`);
    expect(others.stderr).toContain(`with the export stage: --products was ${query} and is ${query} OR id = 9`);
    expect(target().split('\n')).toHaveLength(7);
  });

  test('a query that gives no product, or that the server refuses, ends the run', async () => {
    const { command } = shop('SELECT id FROM products WHERE active = 2');
    expect(await command('run')).toMatchObject({
      code: 65,
      stderr: expect.stringContaining('Cannot use the catalogue that the query of --products gives: it has no product'),
    });
    expect(await command('run', '--products', 'SELECT sku FROM products')).toMatchObject({
      code: 78,
      stderr: expect.stringMatching(/Cannot ask root@.* the query of --products: Unknown column 'sku'/),
    });
  });

  test('doctor has the server prepare the query, and says what it answers', async () => {
    const { command, openTarget } = shop(query);
    openTarget();
    expect((await command('doctor')).stdout).toMatch(/ok +source products +the server takes the query/);
    expect((await command('doctor', '--products', 'SELECT sku FROM products')).stdout).toMatch(
      /failure +source products +.*Unknown column 'sku'/,
    );
  });

  test('a plan asks it too', async () => {
    const { command } = shop(query);
    expect(await command('run', '--plan')).toMatchObject({ code: 0, stdout: expect.stringContaining('Relations:') });
  });
});

test('only a database answers a query: elsewhere it is refused, and how a file of such a name is written is said', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'views.tsv'), '1\ta\n1\tb\n');
  writeFileSync(path.join(folder, 'select few.tsv'), 'a\n');
  const run = ['run', '--source', 'views.tsv', '--target', 'target.tsv', '--work', 'work'];
  for (const command of [run, ['relate', 'views.tsv'], ['config', '--source', 'views.tsv']]) {
    expect(await alsoViewed([...command, '--products', 'select few.tsv'], { cwd: folder })).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('is written ./NAME'),
    });
    expect(await alsoViewed([...command, '--products', './select few.tsv'], { cwd: folder })).toMatchObject({
      code: 0,
    });
  }
});
