import { readFileSync } from 'node:fs';
import path from 'node:path';
import { report } from 'also-viewed';
import { describe, expect, inject, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { gather } from '#dist/report/page/gather.js';
import { alsoViewed } from '../../cli/also-viewed.ts';
import { allPairs, importInto, linesOf, relationsFile, tableOf } from '../../importer/run-import.ts';
import { ownSchema } from '../../mysql/own-schema.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const columns = { path: 'path_id', product: 'product_id' };

describe.each(inject('databases').map((server) => [server.kind, server] as const))('a table of %s', (_, server) => {
  const schema = ownSchema(server);

  test.each([
    ['text', ['a', 'A', 'a ', '10', '9', 'a\\', '👟']],
    ['integers', ['0', '9', '10', '100', '9007199254740993']],
  ] as const)('has the figures and lists of the file that was published to it: %s', async (name, ids) => {
    const lines = linesOf(allPairs(ids), name === 'integers' ? 'integer' : 'text');
    const table = tableOf(schema(), { table: name });
    await importInto(table, lines);
    const subject = { work: 'nowhere', columns };
    const relations = relationsFile(lines);
    const ofFile = await gather({ ...subject, relations }, defaultEffects());
    const against = { name: relations, side: { kind: 'file', location: relations } } as const;
    const ofTable = await gather({ ...subject, table, against }, defaultEffects());
    const listsOf = ({ lists }: typeof ofTable): unknown => {
      const ids = lists.ids();
      return ids.map((id, at) => [id, lists.list(at).map(({ target, weight }) => [ids[target], weight])]).sort();
    };
    expect(listsOf(ofTable)).toEqual(listsOf(ofFile));
    expect(ofTable.lists.weight).toBe(ofFile.lists.weight);
    expect(ofTable.changes?.difference).toMatchObject({ added: 0, changed: 0, removed: 0, unchanged: lines.length });
  });

  test('is reported on by its address, and the page names it without a password', async () => {
    const folder = temporaryFolder();
    const out = path.join(folder, 'report.html');
    const table = tableOf(schema(), { table: 'published' });
    await importInto(table, linesOf(allPairs(['a', 'b', 'c'])));
    const { user, host, port, database } = table.address;
    const target = `mysql://${user}@${host}:${port}/${database}`;
    const env = { ALSO_VIEWED_TARGET_PASSWORD: schema().password };
    const from = ['--target', target, '--target-table', 'published'];
    expect(await alsoViewed(['report', ...from, '--out', out], { cwd: folder, env })).toMatchObject({ code: 0 });
    const html = readFileSync(out, 'utf8');
    expect(html).toContain(`<code>also-viewed show ID --top 2 --target ${target} --target-table published</code>`);
    expect(html).not.toContain(`${user}:`);
    await expect(
      report({ work: folder, columns, out, table: tableOf(schema(), { table: 'missing' }) }),
    ).rejects.toMatchObject({ exitCode: 78 });
  });
});
