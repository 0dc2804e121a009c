import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, test } from 'vitest';
import { importRelations } from '#dist/importer/import-relations.js';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { allPairs, checksum, importInto, linesOf, relationsFile, tableLines, tableOf } from './run-import.ts';
import { type Session, statementProxy } from './statement-proxy.ts';

/** A hundred lists, of which a few are left out or get other weights. */
const lines = linesOf(allPairs(Array.from({ length: 100 }, (_, at) => `p${at}`)));
const without = (share: number): string[] => lines.slice(0, lines.length - Math.floor(lines.length * share));

/** Makes a program count like a memory that lets a bit fall: the weights of the third product get what `by` has for each. */
function miscounting(by: readonly number[]): string {
  const hook = `
    const { Instance } = WebAssembly;
    let products = 0;
    WebAssembly.Instance = class {
      constructor(module, imports) {
        const exports = { ...new Instance(module, imports).exports };
        const { relate, weightsAt } = exports;
        if (weightsAt !== undefined) {
          exports.relate = (...args) => {
            const length = relate(...args);
            if (++products === 3) {
              const weights = new Uint32Array(imports.env.memory.buffer, weightsAt() >>> 0, length);
              ${JSON.stringify(by)}.forEach((each, at) => { weights[at] += each; });
            }
            return length;
          };
        }
        return { exports };
      }
    };`;
  return `--import=data:text/javascript,${encodeURIComponent(hook)}`;
}

describe.each(inject('databases'))('on $kind', (server) => {
  const schema = ownSchema(server);

  const importFile = (file: string, table: string, ...args: string[]): Promise<Ended> => {
    const { host, port, user, database } = schema().address();
    const target = ['--target', `mysql://${user}@${host}:${port}/${database}`, '--target-table', table];
    return alsoViewed(['import', file, ...target, ...args], { env: { ALSO_VIEWED_TARGET_PASSWORD: server.password } });
  };

  test('what the gate refuses leaves the table untouched, and what it lets through is published', async () => {
    const table = tableOf(schema(), { table: 'gated' });
    await importRelations(relationsFile(lines), { kind: 'table', table });
    const before = await checksum(schema(), 'gated');
    expect(await importFile(relationsFile(without(0.501)), 'gated')).toMatchObject({
      code: 65,
      stderr: expect.stringMatching(/relations shrink by 50\.\d+ %.*--accept-changes/s),
    });
    expect(await importFile(relationsFile(''), 'gated')).toMatchObject({
      code: 65,
      stderr: expect.stringContaining('there are no relations at all'),
    });
    expect(await importFile(relationsFile(without(0.1)), 'gated', '--max-shrink', '5%')).toMatchObject({ code: 65 });
    expect(await importFile(relationsFile(without(0.1)), 'gated', '--max-churn', '0.09')).toMatchObject({ code: 65 });
    expect(await checksum(schema(), 'gated')).toBe(before);
    expect(await importFile(relationsFile(without(0.499)), 'gated')).toMatchObject({ code: 0 });
    expect(await importFile(relationsFile(lines), 'gated', '--max-growth', '1.5')).toMatchObject({
      code: 65,
      stderr: expect.stringContaining('(--max-growth is 1.5 times)'),
    });
    expect(await importFile(relationsFile(lines), 'gated')).toMatchObject({ code: 0 });
  });

  test('relations that break an identity are not published, with a reason neither, and leave the table untouched', async () => {
    const views = path.join(temporaryFolder(), 'views.tsv');
    const paths = Array.from({ length: 20 }, (_, at) => [0, 1, 2, 5].map((step) => `${at}\t${(at + step) % 10}\n`));
    writeFileSync(views, paths.flat().join(''));
    const { host, port, user, database } = schema().address();
    const run = (by: readonly number[]): Promise<Ended> =>
      alsoViewed(
        [
          ...['run', '--source', views, '--target', `mysql://${user}@${host}:${port}/${database}`],
          ...['--target-table', 'miscounted', '--work', path.join(temporaryFolder(), 'work')],
          ...['--max-churn', '100%', '--max-shrink', '100%', '--accept-changes', 'a test'],
        ],
        { env: { ALSO_VIEWED_TARGET_PASSWORD: server.password, NODE_OPTIONS: miscounting(by) } },
      );
    expect(await run([])).toMatchObject({ code: 0, stderr: expect.stringContaining('weight 240') });
    const tables = async (): Promise<unknown[]> =>
      await Promise.all(['miscounted', 'miscounted_runs'].map((each) => checksum(schema(), each)));
    const before = await tables();
    for (const [by, broken] of [
      [[1], 'the weights add up to 241, the pairs of the paths to 240'],
      [[1, -1], 'the weights of both directions differ'],
    ] as const) {
      expect(await run(by)).toMatchObject({
        code: 65,
        stderr: expect.stringContaining(`Cannot trust the relations: ${broken}`),
      });
      expect(await tables()).toEqual(before);
    }
    expect(await run([])).toMatchObject({ code: 0, stderr: expect.stringContaining('0 to change') });
  });

  test('accepted changes are published, and the reason stands in the table of runs', async () => {
    const table = tableOf(schema(), { table: 'accepted' });
    await importRelations(relationsFile(lines), { kind: 'table', table });
    expect(await importFile(relationsFile(without(0.9)), 'accepted', '--accept-changes', 'a new shop')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Accepted (a new shop): the relations shrink by 90 %'),
    });
    const [rows] = await schema().root.query<RowDataPacket[]>(
      `SELECT state, JSON_UNQUOTE(JSON_EXTRACT(parameters, '$."accept-changes"')) why FROM accepted_runs ORDER BY started_at`,
    );
    expect(rows).toEqual([
      { state: 'published', why: null },
      { state: 'published', why: 'a new shop' },
    ]);
    expect(await importFile(relationsFile(lines), 'accepted', '--accept-changes', ' ')).toMatchObject({ code: 64 });
  });

  test('a dry run says what would change and what would be refused, and writes nothing', async () => {
    const table = tableOf(schema(), { table: 'dry' });
    await importInto(table, ['a\tb\t5', 'b\ta\t5', 'c\td\t1', 'd\tc\t1']);
    const [tables] = await schema().root.query<RowDataPacket[]>('SHOW TABLES');
    const before = [await checksum(schema(), 'dry'), await checksum(schema(), 'dry_runs')];
    const file = relationsFile(['a\tb\t3', 'a\tx\t9', 'b\ta\t3', 'x\ta\t9']);
    const { code, stdout, stderr } = await importFile(file, 'dry', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        'Would publish 4 relations of 3 sources: 2 added, 2 changed, 2 removed, 0 as before',
        'Products that get their first list: 1 (x)',
        'Products that lose their whole list: 2 (c, d)',
        '',
        'Biggest movers:',
        'source  target  old weight  new weight',
        'a       x                            9',
        'x       a                            9',
        'a       b                5           3',
        'b       a                5           3',
        'c       d                1',
        'd       c                1',
        '',
      ].join('\n'),
    );
    expect(stderr).toContain('Would be refused: 100 % of the relations change');
    expect([await checksum(schema(), 'dry'), await checksum(schema(), 'dry_runs')]).toEqual(before);
    expect(await importFile(file, 'not_there', '--dry-run')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('4 added'),
    });
    expect((await schema().root.query<RowDataPacket[]>('SHOW TABLES'))[0]).toEqual(tables);
  });

  test('a dry run has no connection that is silent while it compares', async () => {
    const table = tableOf(schema(), { table: 'compared' });
    await importInto(table, ['a\tb\t5', 'b\ta\t5']);
    const sessions = new Map<number, Session>();
    const port = await statementProxy(server.port, (sql, session) => {
      if (/ORDER BY `source_product_id`/.test(sql)) {
        sessions.delete(session.id);
        for (const silent of sessions.values()) {
          silent.cut();
        }
      }
      sessions.set(session.id, session);
    });
    const through = { ...table, address: schema().address({ port }) };
    const dryRun = importInto(through, ['a\tb\t5', 'b\ta\t6'], { dryRun: true });
    expect(await dryRun).toMatchObject({ changed: 1, unchanged: 1 });
    expect(sessions.size).toBe(3);
  });

  test('verifying finds a table that does not keep what it is given', async () => {
    const table = tableOf(schema(), { table: 'verified' });
    expect(await importFile(relationsFile(lines), 'verified', '--verify')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Verified: table verified holds the relations with sha256'),
    });
    await schema().root.query(
      'CREATE TRIGGER meddle BEFORE UPDATE ON verified FOR EACH ROW SET NEW.weight = NEW.weight + 1',
    );
    const changed = lines.map((line, at) => (at % 10 === 0 ? line.replace(/\d+$/, '77') : line));
    expect(await importFile(relationsFile(changed), 'verified', '--verify')).toMatchObject({
      code: 74,
      stderr: expect.stringContaining('it differs from'),
    });
    const states = async (): Promise<unknown> => {
      const sql = 'SELECT state, finished_at IS NULL FROM verified_runs ORDER BY started_at';
      return (await schema().root.query({ sql, rowsAsArray: true }))[0];
    };
    // It is not what the table holds.
    expect(await states()).toEqual([
      ['published', 0],
      ['partial', 1],
    ]);
    await schema().root.query('DROP TRIGGER meddle');
    expect(await importFile(relationsFile(changed), 'verified', '--verify')).toMatchObject({ code: 0 });
    expect(await tableLines(schema(), table)).toEqual(changed);
    expect(await states()).toEqual([
      ['published', 0],
      ['partial', 1],
      ['published', 0],
    ]);
  });

  test('verifying compares relations, not how they are spelled', async () => {
    const table = tableOf(schema(), { table: 'spelled' });
    const file = relationsFile('a\tb\\q\t1\nb\\q\ta\t1');
    const target = { kind: 'table', table } as const;
    expect((await importRelations(file, target, { verify: true })).added).toBe(2);
    expect(await tableLines(schema(), table)).toEqual(['a\tb\\\\q\t1', 'b\\\\q\ta\t1']);
  });

  test('the runs of the work folder and of the table are listed side by side', async () => {
    const table = tableOf(schema(), { table: 'listed' });
    await importRelations(relationsFile(lines), { kind: 'table', table });
    await importRelations(relationsFile(without(0.1)), { kind: 'table', table });
    const { host, port, user, database } = schema().address();
    const target = ['--target', `mysql://${user}@${host}:${port}/${database}`, '--target-table', 'listed'];
    const runs = async (): Promise<unknown[]> => {
      const { stdout } = await alsoViewed(['runs', ...target, '--work', 'nowhere', '--format', 'jsonl'], {
        env: { ALSO_VIEWED_TARGET_PASSWORD: server.password },
      });
      return stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    };
    expect(await runs()).toMatchObject([
      { published: 'current', removed: 990, kept: false },
      { published: 'published', added: 9900 },
    ]);
    // As one that is killed in the middle leaves it: the table holds some lists of each run.
    await schema().root.query(
      `INSERT INTO listed_runs SELECT 'later', 'publishing', finished_at + INTERVAL 1 SECOND, NULL, relations, sources, 1, 0, 0, sha256, parameters
       FROM listed_runs WHERE removed > 0`,
    );
    expect(await runs()).toMatchObject([
      { run: 'later', published: 'publishing' },
      { published: 'published', removed: 990 },
      { published: 'published', added: 9900 },
    ]);
    await importRelations(relationsFile(lines), { kind: 'table', table });
    const states = (await runs()) as { published: string }[];
    expect(states.map(({ published }) => published).toSorted()).toEqual([
      'current',
      'partial',
      'published',
      'published',
    ]);
  });
});
