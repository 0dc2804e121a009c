import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { type Log, silentLog } from '#dist/effects.js';
import { ExpectedFailure } from '#dist/failure.js';
import { swapTables, unfinishedComment } from '#dist/importer/create-tables.js';
import type { MysqlTable } from '#dist/importer/import-relations.js';
import { currentOf, publishedRuns, replacing } from '#dist/importer/published-runs.js';
import { connectAs } from '../mysql/connect-as.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import {
  allPairs,
  checksum,
  importInto,
  linesOf,
  type Relation,
  relationsFile,
  tableLines,
  tableOf,
} from './run-import.ts';
import { statementProxy } from './statement-proxy.ts';
import { stateLines, stateLists } from './two-states.ts';

const main = fileURLToPath(import.meta.resolve('#dist/cli/main.cjs'));
const columns = 'source_product_id INT UNSIGNED NOT NULL, target_product_id INT UNSIGNED NOT NULL, weight INT NOT NULL';
const key = 'PRIMARY KEY (source_product_id, target_product_id)';
const shown = 'KEY shown (source_product_id, weight DESC, target_product_id)';

/** A log, and what was said to it. */
function heard(then: (message: string) => void = () => {}): { readonly log: Log; readonly messages: string[] } {
  const messages: string[] = [];
  const hear = (message: string): void => {
    messages.push(message);
    then(message);
  };
  return { log: { ...silentLog, debug: hear, info: hear, warn: hear }, messages };
}

const exchanged = (table: string): string => `Exchanged table ${table} for a new one`;

describe.each(inject('databases').map((server) => [server.kind, server] as const))('a swap on %s', (kind, server) => {
  const schema = ownSchema(server);

  async function connection(): Promise<Connection> {
    const other = await connectAs(schema().address(), schema().password);
    onTestFinished(() => other.end());
    return other;
  }

  /** A connection whose open transaction has read the table. */
  async function readerOf(table: string): Promise<Connection> {
    const reader = await connection();
    await reader.query('START TRANSACTION');
    await reader.query(`SELECT * FROM ${table}`);
    return reader;
  }

  /** What somebody does to a table between two attempts of a swap ends it. */
  async function expectTakenBack(table: MysqlTable, change: string): Promise<void> {
    const reader = await readerOf(table.table);
    const pause = async (): Promise<void> => {
      await reader.query('COMMIT');
      await schema().root.query(change);
    };
    await expect(importInto(table, lines(2), { swap: true, ...run('late') }, { pause })).rejects.toMatchObject({
      kind: 'tryLater',
      exitCode: 75,
      message: `Cannot swap table ${table.table}: its definition has changed meanwhile`,
    });
    expect(await tableLines(schema(), table)).toEqual(lines(1));
    expect(await runs(table.table)).toContainEqual(['late', 'withdrawn', 1]);
    expect(await leftovers()).toEqual([]);
  }

  async function definition(table: string): Promise<string> {
    const [[row]] = await schema().root.query<RowDataPacket[]>(`SHOW CREATE TABLE \`${table}\``);
    return String(row?.['Create Table']);
  }

  async function leftovers(): Promise<unknown> {
    return (await schema().root.query({ sql: "SHOW TABLES LIKE 'also\\_viewed%'", rowsAsArray: true }))[0];
  }

  async function runs(table: string): Promise<unknown> {
    const sql = `SELECT run_id, state, finished_at IS NULL FROM \`${table}_runs\` ORDER BY started_at, run_id`;
    return (await schema().root.query({ sql, rowsAsArray: true }))[0];
  }

  const run = (id: string): { run: { id: string; startedAt: Date; parameters: string } } => ({
    run: { id, startedAt: new Date(), parameters: '{}' },
  });

  const definitions: [what: string, ddl: string][] = [
    ['two keys', `(${columns}, ${key}, ${shown})`],
    [
      'comments, checks, options and partitions',
      `(source_product_id INT UNSIGNED NOT NULL DEFAULT 7 COMMENT 'AUTO_INCREMENT=9, \\n KEY \`x\` (y)', target_product_id INT UNSIGNED NOT NULL,
        weight SMALLINT UNSIGNED NULL, CHECK (weight < 1000), ${key}, ${shown} COMMENT 'read, by the shop', UNIQUE KEY \`un\`\`ique\` (target_product_id, source_product_id),
        KEY (weight), CHECK (weight > 0)) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8 STATS_SAMPLE_PAGES=30 COMMENT 'of the shop, AUTO_INCREMENT=7' PARTITION BY HASH (source_product_id) PARTITIONS 3`,
    ],
    ['a counter', `(${columns.replace('NOT NULL', 'NOT NULL AUTO_INCREMENT')}, ${key}, ${shown}) AUTO_INCREMENT=5000`],
    [
      'ids in a collation of several letters',
      `(source_product_id VARCHAR(9) NOT NULL, target_product_id VARCHAR(9) NOT NULL, weight INT NOT NULL, ${key}, ${shown}) CHARACTER SET latin1 COLLATE latin1_swedish_ci`,
    ],
    ['another engine', `(${columns}, ${key}, KEY (weight)) ENGINE=MyISAM`],
  ];
  test.each(definitions)(
    'leaves a table with %s as it was defined, with the relations of the file',
    async (what, ddl) => {
      const table = tableOf(schema(), { table: `\`'${what}`.slice(0, 60) });
      const name = table.table.replaceAll('`', '``');
      await schema().root.query(`CREATE TABLE \`${name}\` ${ddl}`);
      const before = await definition(name);
      const odd = (rows: readonly Relation[]): string[] => linesOf(rows, what.startsWith('ids') ? 'text' : 'integer');
      const rows = allPairs(Array.from({ length: 80 }, (_, at) => `${at + 1}`));
      await importInto(table, odd(rows));
      const next = odd(rows.filter((_, at) => at % 3 > 0).map(([s, t, w], at): Relation => [s, t, w + (at % 2)]));
      const { log, messages } = heard();
      await importInto(table, next, { swap: true, verify: true, ...run('swapped') }, { log });
      expect(messages).toContain(exchanged(table.table));
      expect(messages).toContainEqual(expect.stringContaining('Verified'));
      expect(await definition(name)).toBe(before);
      expect(await runs(name)).toContainEqual(['swapped', 'published', 0]);
      expect(await leftovers()).toEqual([]);
    },
  );

  const lines = (weight: number): string[] =>
    linesOf(
      allPairs(['1', '2', '3', '4']).map(([s, t]): Relation => [s, t, weight]),
      'integer',
    );

  /** A table with the lists of weight 1, under a name of its own. */
  async function published(name: string, ddl = `(${columns}, ${key}, ${shown})`): Promise<MysqlTable> {
    await schema().root.query(`CREATE TABLE ${name} ${ddl}`);
    const table = tableOf(schema(), { table: name });
    await importInto(table, lines(1), run('first'));
    return table;
  }

  test('does not happen when nothing has changed, nor to a table that is missing or empty', async () => {
    const { log, messages } = heard();
    const missing = tableOf(schema(), { table: 'missing' });
    const table = await published('unchanged');
    await importInto(table, lines(1), { swap: true, ...run('second') }, { log });
    await importInto(missing, lines(1), { swap: true }, { log });
    await schema().root.query('DELETE FROM unchanged');
    await importInto(table, lines(1), { swap: true }, { log });
    expect(messages).not.toContainEqual(expect.stringMatching(/also_viewed_new|Exchanged/));
    expect(await runs('unchanged')).toContainEqual(['second', 'published', 0]);
    expect(await tableLines(schema(), missing)).toEqual(lines(1));
    expect(await tableLines(schema(), table)).toEqual(lines(1));
  });

  const bound: [what: string, part: string, statements: string[], reason: RegExp][] = [
    ['a column of its own', 'pinned INT DEFAULT 0', [], /columns that this job does not write \(pinned\)/],
    [
      'a trigger',
      'KEY (weight)',
      ['CREATE TRIGGER counted BEFORE INSERT ON bound FOR EACH ROW SET NEW.weight = NEW.weight'],
      /its trigger counted/,
    ],
    [
      'a key to another table',
      'CONSTRAINT known FOREIGN KEY (source_product_id) REFERENCES products (id)',
      [],
      /the foreign key known of table bound/,
    ],
    [
      'a key of another table',
      'UNIQUE KEY (target_product_id, source_product_id)',
      [
        `CREATE TABLE noted (s INT UNSIGNED, t INT UNSIGNED, CONSTRAINT notes FOREIGN KEY (s, t)
         REFERENCES bound (source_product_id, target_product_id))`,
      ],
      /the foreign key notes of table noted/,
    ],
    kind === 'mysql'
      ? ['a check of its own name', 'CONSTRAINT heavy CHECK (weight > 0)', [], /CONSTRAINT `heavy` CHECK/]
      : ['a history', 'KEY (weight)', ['ALTER TABLE bound ADD SYSTEM VERSIONING'], /it is system-versioned/],
  ];
  test.each(bound)('refuses a table with %s, and nothing is written', async (_, part, statements, reason) => {
    const { root } = schema();
    await root.query('CREATE TABLE IF NOT EXISTS products (id INT UNSIGNED PRIMARY KEY)');
    await root.query('INSERT IGNORE INTO products VALUES (1), (2), (3), (4)');
    onTestFinished(async () => {
      await root.query('DROP TABLE IF EXISTS noted, bound, bound_runs');
    });
    const table = await published('bound', `(${columns}, ${key}, ${part})`);
    for (const statement of statements) {
      await root.query(statement);
    }
    const before = await checksum(schema(), 'bound');
    const failure = {
      kind: 'configuration',
      exitCode: 78,
      message: expect.stringMatching(reason),
      remedy: expect.stringContaining('Leave out --swap'),
    };
    await expect(importInto(table, lines(2), { swap: true })).rejects.toMatchObject(failure);
    expect(await checksum(schema(), 'bound')).toBe(before);
    expect(await runs('bound')).toEqual([['first', 'published', 0]]);
    expect(await leftovers()).toEqual([]);
    await importInto(table, lines(2));
    expect(await tableLines(schema(), table)).toEqual(lines(2));
  });

  test('is refused by a dry run as well', async () => {
    const table = await published('dry', `(${columns}, note TEXT, ${key})`);
    const refused = importInto(table, lines(2), { swap: true, dryRun: true });
    await expect(refused).rejects.toMatchObject({ kind: 'configuration', message: expect.stringContaining('(note)') });
  });

  test('that the gate refuses leaves the table and nothing else', async () => {
    const table = await published('judged');
    const before = await checksum(schema(), 'judged');
    const refused = importInto(table, lines(2), { swap: true, accept: undefined });
    await expect(refused).rejects.toMatchObject({ kind: 'badData', exitCode: 65 });
    expect(await checksum(schema(), 'judged')).toBe(before);
    expect(await leftovers()).toEqual([]);
  });

  /** Rights on the table, its runs and the tables of a swap. */
  async function userWith(
    table: string,
    more: string,
    ofSwap = 'SELECT, INSERT, CREATE, ALTER, DROP',
  ): Promise<string> {
    const { root, name } = schema();
    const user = await schema().user(`SELECT, INSERT, UPDATE, DELETE${more} ON ${name}.${table}`);
    await root.query(`GRANT SELECT, INSERT, UPDATE ON ${name}.${table}_runs TO ${user}@'127.0.0.1'`);
    for (const each of Object.values(swapTables(table))) {
      await root.query(`GRANT ${ofSwap} ON ${name}.${each} TO ${user}@'127.0.0.1'`);
    }
    return user;
  }

  test.each([
    ['to see triggers', ', CREATE, ALTER, DROP', undefined, /without the right TRIGGER/],
    ['to create a table', ', CREATE, ALTER, DROP, TRIGGER', 'INSERT', /DROP command denied/],
    ['to drop the new table', ', CREATE, ALTER, DROP, TRIGGER', 'CREATE, INSERT, SELECT, ALTER', /DROP command denied/],
    ['to exchange it', ', TRIGGER', undefined, /command denied/],
  ])('is refused to a user who lacks the right %s, and nothing is left', async (_, more, ofSwap, reason) => {
    const name = `denied_${more.length}_${ofSwap?.length ?? 0}`;
    const table = await published(name);
    for (const each of Object.values(swapTables(name))) {
      // Rights are given on what exists, unless CREATE is among them.
      await schema().root.query(`CREATE TABLE ${each} (n INT)`);
    }
    const user = await userWith(name, more, ofSwap);
    await schema().root.query(`DROP TABLE ${Object.values(swapTables(name)).join()}`);
    const asUser = { ...table, address: schema().address({ user }), password: 'secret' };
    await expect(importInto(asUser, lines(2), { swap: true })).rejects.toMatchObject({
      kind: 'noPermission',
      exitCode: 77,
      message: expect.stringMatching(reason),
      remedy: expect.stringContaining('also-viewed schema --swap'),
    });
    expect(await tableLines(schema(), table)).toEqual(lines(1));
    expect(await leftovers()).toEqual([]);
    await importInto(asUser, lines(2));
    expect(await tableLines(schema(), table)).toEqual(lines(2));
  });

  test('is made for a user with an @ in the name', async () => {
    const table = await published('at_sign');
    const { root, name } = schema();
    const user = `${name}@shop`;
    const account = `'${user}'@'127.0.0.1'`;
    await root.query(`CREATE USER ${account} IDENTIFIED BY 'secret'`);
    onTestFinished(() => root.query(`DROP USER ${account}`).then(() => {}));
    await root.query(`GRANT ALL ON ${name}.* TO ${account}`);
    const { log, messages } = heard();
    const asUser = { ...table, address: schema().address({ user }), password: 'secret' };
    await importInto(asUser, lines(2), { swap: true }, { log });
    expect(messages).toContain(exchanged('at_sign'));
  });

  test('is taken back when a key of a table that the user may not see refers to the table', async () => {
    const table = await published('seen');
    const { root } = schema();
    await root.query(
      'CREATE TABLE unseen (s INT UNSIGNED, t INT UNSIGNED, FOREIGN KEY (s, t) REFERENCES seen (source_product_id, target_product_id))',
    );
    await root.query('INSERT INTO unseen VALUES (1, 2)');
    const before = await definition('unseen');
    const address = schema().address({ user: await userWith('seen', ', CREATE, ALTER, DROP, TRIGGER') });
    const asUser = { ...table, address, password: 'secret' };
    const swap = importInto(asUser, lines(2), { swap: true, ...run('refused') });
    await expect(swap).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining('Cannot swap table seen: a foreign key ties it to another table'),
    });
    expect(await tableLines(schema(), table)).toEqual(lines(1));
    expect(await definition('unseen')).toBe(before);
    expect(await runs('seen')).toContainEqual(['refused', 'withdrawn', 1]);
    expect(replacing(await publishedRuns(table, defaultEffects()))).toBeUndefined();
    expect(await leftovers()).toEqual([]);
    await root.query('DROP TABLE unseen');
  });

  test('fails a query inside a REPEATABLE READ transaction that was open before, which a merge does not', async () => {
    const table = await published('snapshot');
    await schema().root.query('CREATE TABLE other (n INT)');
    const reader = await connection();
    const query = 'SELECT COUNT(*) FROM snapshot';
    for (const swap of [false, true]) {
      await reader.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      await reader.query('START TRANSACTION');
      await reader.query('SELECT * FROM other');
      await importInto(table, lines(swap ? 2 : 3), { swap });
      if (swap) {
        await expect(reader.query(query)).rejects.toMatchObject({ code: 'ER_TABLE_DEF_CHANGED', errno: 1412 });
      } else {
        expect((await reader.query({ sql: query, rowsAsArray: true }))[0]).toEqual([[12]]);
      }
      await reader.query('COMMIT');
    }
  });

  test('gives way to the merge where a transaction that has read the table stays open, and new readers hardly wait', async () => {
    const table = await published('in_use');
    await readerOf('in_use');
    const other = await connection();
    // Four times as long as the exchange may keep them waiting.
    await other.query('SET SESSION lock_wait_timeout = 4');
    let publishing = true;
    let reads = 0;
    const reading = (async () => {
      for (; publishing; reads++) {
        const [rows] = await other.query<RowDataPacket[]>('SELECT * FROM in_use WHERE source_product_id = 2');
        expect(rows).toHaveLength(3);
      }
    })();
    const { log, messages } = heard();
    await importInto(table, lines(2), { swap: true, ...run('second') }, { log });
    publishing = false;
    await reading;
    expect(reads).toBeGreaterThan(0);
    expect(messages.filter((message) => message.includes('trying again'))).toHaveLength(3);
    expect(messages).toContainEqual(expect.stringContaining('merging the changes into it instead'));
    expect(messages).not.toContain(exchanged('in_use'));
    expect(await tableLines(schema(), table)).toEqual(lines(2));
    expect(await runs('in_use')).toContainEqual(['second', 'published', 0]);
    expect(await leftovers()).toEqual([]);
  });

  test('that is told to stop while it waits for a reader left the table as it was, and its run says so', async () => {
    const table = await published('waiting');
    const reader = await readerOf('waiting');
    const stop = new AbortController();
    const { log } = heard((message) => message.includes('trying again') && stop.abort(new Error('stop')));
    const stopped = importInto(table, lines(2), { swap: true, ...run('stopped') }, { log, signal: stop.signal });
    await expect(stopped).rejects.toThrow('stop');
    expect(await runs('waiting')).toContainEqual(['stopped', 'withdrawn', 1]);
    const rows = await publishedRuns(table, defaultEffects());
    expect([currentOf(rows)?.run, replacing(rows)]).toEqual(['first', undefined]);
    await reader.query('COMMIT');
    await importInto(table, lines(2), { swap: true, ...run('stopped') });
    expect(await runs('waiting')).toContainEqual(['stopped', 'published', 0]);
    expect(await tableLines(schema(), table)).toEqual(lines(2));
  });

  test('is taken back when somebody changed the definition of the table while it waited', async () => {
    const table = await published('altered');
    await expectTakenBack(table, 'ALTER TABLE altered ADD KEY late (target_product_id), ADD CHECK (weight < 1000)');
    expect(await definition('altered')).toContain('KEY `late`');
    await importInto(table, lines(2), { swap: true });
    expect(await definition('altered')).toContain('KEY `late`');
    expect(await tableLines(schema(), table)).toEqual(lines(2));
  });

  test('is taken back when somebody put a trigger on the table while it waited', async () => {
    const table = await published('watched');
    await expectTakenBack(
      table,
      'CREATE TRIGGER late BEFORE INSERT ON watched FOR EACH ROW SET NEW.weight = NEW.weight',
    );
    await expect(importInto(table, lines(2), { swap: true })).rejects.toMatchObject({
      message: 'Cannot swap table watched: its trigger late would be lost',
    });
  });

  test('waits for a transaction that ends meanwhile', async () => {
    const table = await published('ends');
    const reader = await readerOf('ends');
    const { log, messages } = heard((message) => message.includes('trying again') && void reader.query('COMMIT'));
    await importInto(table, lines(2), { swap: true }, { log });
    expect(messages).toContain(exchanged('ends'));
    expect(await tableLines(schema(), table)).toEqual(lines(2));
  });

  test('keeps another publisher away, at once', async () => {
    const table = await published('guarded');
    let other: Promise<unknown> | undefined;
    const { log } = heard((message) => {
      if (message.startsWith('Created table also_viewed_new')) {
        other = importInto(table, lines(3), { swap: true }).catch((error: unknown) => error);
      }
    });
    await importInto(table, lines(2), { swap: true }, { log });
    expect(await other).toMatchObject({ kind: 'tryLater', exitCode: 75 });
    expect(await tableLines(schema(), table)).toEqual(lines(2));
  });

  test('does not happen once the lock of the table is lost', async () => {
    const table = await published('unlocked');
    await schema().root.query(
      'CREATE TRIGGER unlocking BEFORE INSERT ON unlocked_runs FOR EACH ROW SET NEW.added = NEW.added + 0 * RELEASE_ALL_LOCKS()',
    );
    await expect(importInto(table, lines(2), { swap: true })).rejects.toMatchObject({
      kind: 'tryLater',
      message: expect.stringContaining('its lock is lost'),
    });
    expect(await tableLines(schema(), table)).toEqual(lines(1));
    expect(await runs('unlocked')).toEqual([['first', 'published', 0]]);
    expect(await leftovers()).toEqual([]);
  });

  test('of a table that this job has not finished adds the index that it lacks', async () => {
    const table = await published('unfinished');
    const before = await definition('unfinished');
    await schema().root.query(`ALTER TABLE unfinished DROP KEY shown, COMMENT = '${unfinishedComment}'`);
    const { log, messages } = heard();
    await importInto(table, lines(2), { swap: true, ...run('second') }, { log });
    expect(messages).toContain(exchanged('unfinished'));
    expect(await definition('unfinished')).toBe(before.replace('`shown`', '`source_product_id`'));
    expect(await runs('unfinished')).toContainEqual(['second', 'published', 0]);
  });

  test.each(['Created', 'Filled'])(
    'that is told to stop once the new table is there leaves none: %s',
    async (moment) => {
      const table = await published(`stopped_${moment}`);
      const stop = new AbortController();
      const { log } = heard((message) => message.startsWith(`${moment} table also`) && stop.abort(new Error('stop')));
      await expect(importInto(table, lines(2), { swap: true }, { log, signal: stop.signal })).rejects.toThrow('stop');
      expect(await leftovers()).toEqual([]);
      expect(await tableLines(schema(), table)).toEqual(lines(1));
    },
  );

  test('whose connection an administrator ends leaves no new table either', async () => {
    const table = await published('ended');
    const port = await statementProxy(server.port, async (sql, { id }) => {
      if (sql.startsWith('ANALYZE TABLE `also_viewed_new')) {
        await schema().root.query(`KILL ${id}`);
      }
    });
    const through = { ...table, address: schema().address({ port }) };
    await expect(importInto(through, lines(2), { swap: true })).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await leftovers()).toEqual([]);
    expect(await tableLines(schema(), table)).toEqual(lines(1));
  });

  test('that died behind its exchange is found: its old table is dropped and its run is partial', async () => {
    const table = await published('died');
    const { root } = schema();
    const { retired } = swapTables('died');
    await root.query(`CREATE TABLE ${retired} LIKE died`);
    await root.query(
      `INSERT INTO died_runs SELECT 'killed', 'publishing', started_at, NULL, relations, sources, added, changed, removed, sha256, parameters
       FROM died_runs WHERE run_id = 'first'`,
    );
    const { log, messages } = heard();
    await importInto(table, lines(2), run('next'), { log });
    expect(messages).toContainEqual(`Dropped ${retired}, left by a publication that was cut off`);
    expect(await leftovers()).toEqual([]);
    expect(await runs('died')).toEqual(
      expect.arrayContaining([
        ['first', 'published', 0],
        ['killed', 'partial', 1],
        ['next', 'published', 0],
      ]),
    );
  });

  /** Publishes with `--swap` and is killed when it says so. @returns whether it was still alive */
  async function killed(table: MysqlTable, file: string, moment: RegExp): Promise<boolean> {
    const { host, port, user, database } = schema().address();
    const target = ['--target', `mysql://${user}@${host}:${port}/${database}`, '--target-table', table.table];
    const publisher = spawn(
      process.execPath,
      [main, 'import', file, ...target, '--swap', '--verbose', '--accept-changes', 'a test'],
      { env: { ...process.env, ALSO_VIEWED_TARGET_PASSWORD: schema().password }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const ended = once(publisher, 'exit');
    createInterface({ input: publisher.stderr }).on('line', (line) => moment.test(line) && publisher.kill('SIGKILL'));
    const [, signal] = await ended;
    return signal === 'SIGKILL';
  }

  /** Publishes as soon as the server has noticed that the dead publisher's connections are gone. */
  async function publishWhenFree(table: MysqlTable, next: readonly string[], swap: boolean): Promise<void> {
    for (;;) {
      try {
        await importInto(table, next, { swap });
        return;
      } catch (error) {
        if (!(error instanceof ExpectedFailure && error.kind === 'tryLater')) {
          throw error;
        }
      }
    }
  }

  test.each([
    ['created', 'swap', /Created table also_viewed_new/],
    ['filled', 'swap', /Filled table also_viewed_new/],
    ['filled', 'merge', /Filled table also_viewed_new/],
    ['exchanged', 'merge', /Exchanged table/],
  ] as const)(
    'that is killed once the new table is %s leaves a whole table, and the next publication, a %s, nothing else',
    async (what, next, moment) => {
      const table = tableOf(schema(), { table: `killed ${what} ${next}` });
      const states = ([0, 1] as const).map((state) => linesOf([...stateLists(state).values()].flat()));
      const file = relationsFile(stateLines(1));
      let tries = 0;
      do {
        expect(tries++, 'publications that ended before they were killed').toBeLessThan(5);
        await publishWhenFree(table, stateLines(0), false);
      } while (!(await killed(table, file, moment)));
      expect(states).toContainEqual(await tableLines(schema(), table));
      if (what === 'created') {
        expect(await leftovers()).toEqual([[swapTables(table.table).fresh]]);
      }
      await publishWhenFree(table, stateLines(1), next === 'swap');
      expect(await tableLines(schema(), table)).toEqual(states[1]);
      expect(await leftovers()).toEqual([]);
    },
  );
});
