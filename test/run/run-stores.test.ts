import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, test } from 'vitest';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe.each(inject('databases'))('on $kind', (database) => {
  const schema = ownSchema(database);

  test('of ten stores with tables beside each other and one with a wrong password, nine are published', async () => {
    const { name, password, root } = schema();
    const cwd = temporaryFolder();
    const names = Array.from({ length: 10 }, (_, n) => `s${n}`);
    for (const store of names) {
      writeFileSync(path.join(cwd, `${store}.tsv`), `1\t${store}-a\n1\t${store}-b\n`);
    }
    const stores = names.map((store) => `  ${store}: {source: ${store}.tsv, target-table: of_${store}}\n`).join('');
    const target = `target: mysql://root@${database.host}:${database.port}/${name}\n`;
    writeFileSync(path.join(cwd, 'av.yml'), `${target}stores:\n${stores}`);
    const { code, stderr } = await alsoViewed(['run', '--config', 'av.yml', '--all', '--concurrency', '3', '--quiet'], {
      cwd,
      env: { ALSO_VIEWED_TARGET_PASSWORD: password, ALSO_VIEWED_S4_TARGET_PASSWORD: 'wrong' },
    });
    expect(stderr).toMatch(/^s4: Error: .*\n.*\nError: 1 of 10 stores failed: s4 \(77\)\n$/);
    expect(code).toBe(77);
    for (const store of names.filter((each) => each !== 's4')) {
      const [rows] = await root.query<RowDataPacket[]>(`SELECT * FROM of_${store} ORDER BY source_product_id`);
      expect(rows.map((row) => Object.values(row).map(String))).toEqual([
        [`${store}-a`, `${store}-b`, '1'],
        [`${store}-b`, `${store}-a`, '1'],
      ]);
    }
    const [missing] = await root.query<RowDataPacket[]>("SHOW TABLES LIKE 'of_s4%'");
    expect(missing).toEqual([]);
  });

  test('a table that two stores call by two names of the server stays with the first: 65, unless it is handed over', async () => {
    const { name, password, root } = schema();
    const cwd = temporaryFolder();
    const names = ['uk', 'de'];
    for (const store of names) {
      writeFileSync(path.join(cwd, `${store}.tsv`), `1\t${store}-a\n1\t${store}-b\n`);
    }
    const at = `mysql://root@${database.host}:${database.port}/${name}`;
    const targets = [at, `${at}?socket=${database.socketPath}`];
    const stores = names.map((store, n) => `  ${store}: {source: ${store}.tsv, target: "${targets[n]}"}\n`);
    writeFileSync(path.join(cwd, 'av.yml'), `target-table: shared\nstores:\n${stores.join('')}`);
    const command = (...args: string[]): Promise<Ended> =>
      alsoViewed([...args, '--config', 'av.yml'], { cwd, env: { ALSO_VIEWED_TARGET_PASSWORD: password } });
    const sources = async (): Promise<unknown[]> => {
      const [rows] = await root.query<RowDataPacket[]>('SELECT source_product_id AS id FROM shared ORDER BY 1');
      return rows.map(({ id }) => id);
    };
    expect(await command('run', '--all')).toMatchObject({
      code: 65,
      stderr: expect.stringMatching(/^de: Error: Refused to publish: store uk was the last .* this is store de/m),
    });
    expect(await sources()).toEqual(['uk-a', 'uk-b']);

    expect(await command('run', '--store', 'de', '--accept-changes', 'uk is closed')).toMatchObject({ code: 0 });
    expect(await sources()).toEqual(['de-a', 'de-b']);
    writeFileSync(path.join(cwd, 'relations.tsv'), 'de-a\tde-b\t1\nde-b\tde-a\t1\n');
    expect(await command('import', 'relations.tsv', '--store', 'uk')).toMatchObject({ code: 65 });
    expect(await command('import', 'relations.tsv', '--store', 'de')).toMatchObject({ code: 0 });
  });
});
