import { describe, expect, inject, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { silentLog } from '#dist/effects.js';
import type { ImportOptions } from '#dist/importer/import-relations.js';
import { currentOf, publishedRuns, replacing } from '#dist/importer/published-runs.js';
import { ownSchema } from '../mysql/own-schema.ts';
import { checksum, importInto, linesOf, type Relation, tableLines, tableOf } from './run-import.ts';

/** Lists of two targets each. */
function lists(count: number): string[] {
  const rows = Array.from({ length: 2 * count }, (_, at): Relation => [`${1000 + (at >> 1)}`, `${at % 2}`, 3]);
  return linesOf(rows, 'integer');
}

/** Does an import that breaks off once some of its changes are committed. */
async function cutOff(...[table, lines, options]: Parameters<typeof importInto>): Promise<void> {
  const stop = new AbortController();
  const debug = (_message: string, fields?: { readonly [name: string]: unknown }): void => {
    if (fields?.['done'] !== undefined) {
      stop.abort(new Error('cut off'));
    }
  };
  // With a pace rows are inserted, in small transactions.
  const slowly: ImportOptions = { maxRowsPerSecond: 10, ...options };
  const effects = { log: { ...silentLog, debug }, signal: stop.signal, pause: async () => {} };
  await expect(importInto(table, lines, slowly, effects)).rejects.toThrow('cut off');
}

describe.each(inject('databases').map((server) => [server.kind, server] as const))('%s', (_kind, server) => {
  const schema = ownSchema(server);
  const run = { id: 'one', startedAt: new Date(), parameters: '{}' };
  const ids = 'source_product_id INT UNSIGNED NOT NULL, target_product_id INT UNSIGNED NOT NULL';

  test('a table that somebody else filled is measured by its rows, also after a first publication that was cut off', async () => {
    const table = tableOf(schema(), { table: 'foreign_rows' });
    await schema().root.query(
      `CREATE TABLE foreign_rows (${ids}, weight INT NOT NULL, PRIMARY KEY (source_product_id, target_product_id))`,
    );
    await schema().root.query('INSERT INTO foreign_rows VALUES ?', [lists(100).map((line) => line.split('\t'))]);
    await cutOff(table, lists(130), { run });
    await expect(importInto(table, lists(3), { accept: undefined })).rejects.toMatchObject({
      kind: 'badData',
      message: expect.stringContaining('Refused to publish: the relations shrink'),
    });
  });

  test('a part of a first load is not what the next publication is measured by, however often the load was cut off', async () => {
    const table = tableOf(schema(), { table: 'first_rows' });
    await cutOff(table, lists(100), { run });
    await cutOff(table, lists(100), { run });
    await cutOff(table, lists(100), { run: { ...run, id: 'two', startedAt: new Date() } });
    expect(await importInto(table, lists(110), { accept: undefined })).toMatchObject({ relations: 220, accepted: [] });
    await expect(importInto(table, lists(3), { accept: undefined })).rejects.toMatchObject({ kind: 'badData' });
  });

  test('nor is a part of what was loaded again after somebody had emptied the table', async () => {
    const table = tableOf(schema(), { table: 'emptied_rows' });
    const before = new Date(run.startedAt.getTime() - 3_600_000);
    await importInto(table, lists(100), { run: { ...run, id: 'before', startedAt: before } });
    await schema().root.query('DELETE FROM emptied_rows');
    await cutOff(table, lists(100), { run });
    expect(await importInto(table, lists(110), { accept: undefined })).toMatchObject({ relations: 220, accepted: [] });
    await expect(importInto(table, lists(3), { accept: undefined })).rejects.toMatchObject({ kind: 'badData' });
  });

  test('a part of a first load is not what is measured by, also where the views of a later night changed it before that was cut off', async () => {
    const table = tableOf(schema(), { table: 'first_nights' });
    await cutOff(table, lists(100), { run });
    const changed = lists(100).map((line) => line.replace(/3$/, '4'));
    await cutOff(table, changed, { run: { ...run, id: 'two', startedAt: new Date() } });
    expect(await importInto(table, lists(110), { accept: undefined })).toMatchObject({ relations: 220, accepted: [] });
    await expect(importInto(table, lists(3), { accept: undefined })).rejects.toMatchObject({ kind: 'badData' });
  });

  test('a run that was cut off has left a part, though it began before the one that was published last', async () => {
    const table = tableOf(schema(), { table: 'overlapping' });
    const began = (hours: number): Date => new Date(Date.now() - hours * 3_600_000);
    await importInto(table, lists(100), { run: { ...run, startedAt: began(1) } });
    const longer = { ...run, id: 'longer', startedAt: began(2) };
    const changed = lists(100).map((line) => line.replace(/3$/, '4'));
    await cutOff(table, changed, { run: longer });
    const runs = async (): ReturnType<typeof publishedRuns> => publishedRuns(table, defaultEffects());
    expect(replacing(await runs())).toMatchObject({ run: 'longer', state: 'partial' });
    await importInto(table, changed, { run: longer });
    expect(replacing(await runs())).toBeUndefined();
    expect(currentOf(await runs())).toMatchObject({ run: 'longer', startedAt: longer.startedAt });
  });

  test('rows whose ids hold what no id of a file can give way to the file, and none of its own rows does', async () => {
    const names = { sourceColumn: 's', targetColumn: 't', weightColumn: 'w' };
    const table = tableOf(schema(), { table: 'odd_ids', ...names });
    const text = 'VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL';
    await schema().root.query(`CREATE TABLE odd_ids (s ${text}, t ${text}, w INT NOT NULL, PRIMARY KEY (s, t))`);
    const own: Relation[] = [
      ['n', 'z', 5],
      ['x', 'y', 4],
      ['x', 'y\\tq', 6],
      ['x\\ny', 'q', 7],
      ['y', 'q', 4],
    ];
    const odd = [
      'x\ty',
      'x\ny',
      'x\n',
      '\n',
      '\t',
      '',
      '\r',
      'x\r',
      '\0',
      'x\x1a',
      '\b',
      '\x01',
      '\x7f',
      'x\\',
      'x\\\ty',
    ];
    const foreign = odd.flatMap((id): Relation[] => [
      [id, 'q', 4],
      ['x', id, 4],
      [id, id, 1],
    ]);
    await schema().root.query('INSERT INTO odd_ids VALUES ?', [[...own, ...foreign]]);
    const lines = linesOf([...own, ['z', 'n', 5]]);
    const totals = { added: 1, changed: 0, removed: foreign.length, unchanged: own.length };
    const dryRun = await importInto(table, lines, { dryRun: true });
    expect(dryRun).toMatchObject({ ...totals, lost: { count: odd.length } });
    expect(dryRun.lost.first.every((id) => odd.includes(id))).toBe(true);
    expect(
      dryRun.movers
        .filter(({ op }) => op === '-')
        .every(({ source, target }) => odd.includes(source) || odd.includes(target)),
    ).toBe(true);
    expect(await importInto(table, lines, { verify: true })).toMatchObject(totals);
    expect(await tableLines(schema(), table)).toEqual(lines);
  });

  test.each([
    ['VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', ''],
    ['VARBINARY(9)', Buffer.alloc(0)],
  ])('an empty id of a column of %s, related to itself alone, goes like any other', async (type, empty) => {
    const names = { sourceColumn: 's', targetColumn: 't', weightColumn: 'w' };
    const table = tableOf(schema(), { table: `empty_${type.slice(0, 7)}`, ...names });
    await schema().root.query(
      `CREATE TABLE ${table.table} (s ${type} NOT NULL, t ${type} NOT NULL, w INT NOT NULL, PRIMARY KEY (s, t))`,
    );
    const rows = [
      [empty, empty, 1],
      [Buffer.from([0x0a]), Buffer.from([0x0b]), 2],
    ];
    await schema().root.query(`INSERT INTO ${table.table} VALUES ?`, [rows]);
    expect(await importInto(table, ['0a\t0c\t3'])).toMatchObject({ added: 1, removed: 2, unchanged: 0 });
  });

  test.each([
    ['partitions', 'PARTITION BY KEY (source_product_id) PARTITIONS 3'],
    ['another engine', 'ENGINE=MyISAM'],
    ['a history', server.kind === 'mariadb' ? 'WITH SYSTEM VERSIONING' : ''],
  ])('all rows to add, change and remove are found in a table with %s and a trigger', async (_, options) => {
    const table = tableOf(schema(), { table: 'found' });
    await schema().root.query('DROP TABLE IF EXISTS found, found_runs');
    await schema().root.query(
      `CREATE TABLE found (${ids}, weight INT NOT NULL, seen TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
        PRIMARY KEY (source_product_id, target_product_id)) ${options}`,
    );
    await schema().root.query(
      'CREATE TRIGGER same BEFORE UPDATE ON found FOR EACH ROW SET NEW.weight = NEW.weight + 0',
    );
    await importInto(table, lists(30), { batchRows: 7 });
    const next = lists(33)
      .slice(6)
      .map((line, at) => (at % 3 === 0 ? `${line}1` : line));
    expect(await importInto(table, next, { batchRows: 7, verify: true })).toMatchObject({ removed: 6, added: 6 });
    expect(await tableLines(schema(), table)).toEqual(next);
  });

  test('a character that its character set has twice is not taken for published', async () => {
    const table = tableOf(schema(), { table: 'shift_jis' });
    const id = 'VARCHAR(9) CHARACTER SET cp932 COLLATE cp932_bin NOT NULL';
    await schema().root.query(
      `CREATE TABLE shift_jis (source_product_id ${id}, target_product_id ${id}, weight INT, PRIMARY KEY (source_product_id, target_product_id))`,
    );
    // Both of its codes are the character U+2252, which is written as 81E0.
    await schema().root.query("INSERT INTO shift_jis VALUES (_cp932 X'8790', 'b', 1)");
    const before = await checksum(schema(), 'shift_jis');
    await expect(importInto(table, ['≒\tb\t2'])).rejects.toMatchObject({
      kind: 'inputOutput',
      message: 'Cannot publish to table shift_jis: of 1 rows to change, the server found 0',
      remedy: expect.stringContaining('utf8mb4'),
    });
    expect(await checksum(schema(), 'shift_jis')).toBe(before);
  });

  test('a time in the table of runs that is none is named, and parameters that are no JSON are passed over', async () => {
    const { root } = schema();
    const table = tableOf(schema(), { table: 'odd_runs' });
    await importInto(table, lists(3), { run });
    await root.query('ALTER TABLE odd_runs_runs MODIFY parameters TEXT');
    await root.query("UPDATE odd_runs_runs SET parameters = '{'");
    await importInto(table, lists(4), { run: { ...run, id: 'two' } });
    for (const odd of ["'0000-00-00'", "'9999-12-31 23:59:59'"]) {
      await root.query("SET SESSION sql_mode = ''");
      await root.query(`UPDATE odd_runs_runs SET finished_at = ${odd}`);
      const message = expect.stringMatching(/^Cannot use table odd_runs_runs: "\S+ \S+" is no time/);
      await expect(publishedRuns(table, defaultEffects())).rejects.toMatchObject({ kind: 'configuration', message });
    }
    await expect(importInto(table, lists(5))).rejects.toMatchObject({ kind: 'configuration' });
    expect(await tableLines(schema(), table)).toEqual(lists(4));
    await root.query('UPDATE odd_runs_runs SET finished_at = 0');
    await importInto(table, lists(5));
    expect(await tableLines(schema(), table)).toEqual(lists(5));
  });

  test('0 is a product like others where the table counts its ids', async () => {
    const table = tableOf(schema(), { table: 'counted' });
    await schema().root.query(
      `CREATE TABLE counted (${ids} AUTO_INCREMENT, weight INT NOT NULL, PRIMARY KEY (target_product_id, source_product_id)) AUTO_INCREMENT=77`,
    );
    const lines = ['5\t0\t3', '5\t7\t1'];
    await importInto(table, lines.slice(0, 1));
    await importInto(table, lines);
    await importInto(table, lines, { verify: true });
    expect(await tableLines(schema(), table)).toEqual(lines);
  });
});
