import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Connection, escapeId, type RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { checkSwap } from '../importer/check-swap.ts';
import {
  indexColumns,
  type RelationColumns,
  runsColumns,
  runsTable,
  type ServerKind,
} from '../importer/create-tables.ts';
import { findRunsTable } from '../importer/find-runs-table.ts';
import { checkTarget as checkKind, type MysqlTable } from '../importer/import-relations.ts';
import { currentOf, publishedRuns, replacing } from '../importer/published-runs.ts';
import { publisherOf } from '../importer/publisher-of.ts';
import { type Grant, targetGrants } from '../importer/schema.ts';
import { existingTable, serverKind } from '../importer/target-table.ts';
import { lockName } from '../importer/writers.ts';
import type { FormatNumber } from '../report/format-rows.ts';
import { storageOf } from '../storage/storage.ts';
import { relatedProductsSql } from '../storefront/related-products.ts';
import { checkRoom } from './check-room.ts';
import { checkServer } from './check-server.ts';
import { describeAge } from './describe-age.ts';
import { describeBytes } from './describe-bytes.ts';
import type { Check } from './doctor.ts';
import { explain, indexesOf, tableSize } from './explain.ts';
import { probeRows, someId } from './probe-rows.ts';
import type { Report } from './report.ts';
import { checkRights, currentUser, grantedRights } from './rights.ts';
import { withDatabase } from './with-database.ts';

/** A server that takes packets of at least so many bytes is not slowed down by small statements. */
const littlePacket = 4 << 20;

/** The connections of a publication: two that write, one that reads, and one to spare. */
const connections = 4;

/** Below so many rows a server reads a table in any order: what it plans then says nothing. */
const fewRows = 1000;

/** Where relations are published: whether the job may, and what the storefront will read. */
export const checkTarget: Check = async (report, options, effects) => {
  const target = await options.target;
  await checkKind(target, options);
  if (target.kind === 'file') {
    await checkFile(report, target.location, effects);
    return;
  }
  const { table } = target;
  const { address } = table;
  const { number = String } = options;
  const grants = targetGrants(table.table, options.swap === true);
  await withDatabase(report, address, table.password, grants, effects, async (connection) => {
    const kind = await serverKind(connection);
    await report.part('server', effects, async (part, given) => {
      await checkServer(part, connection, address, kind, given);
      await checkVariables(part, connection);
    });
    await report.part('lock', effects, (part) => checkLock(part, connection, table));
    const rights = await report.part('rights', effects, (part) =>
      checkRights(
        part,
        connection,
        address.database,
        grants.map((grant) => ({ ...grant, columns: columnsFor(grant, table) })),
      ),
    );
    const found = await report.part('columns', effects, (part, given) =>
      checkColumns(part, connection, table, kind, number, given),
    );
    const columns = found?.columns;
    if (columns === undefined) {
      return;
    }
    // Without the rights it could not look at what there is.
    if (options.swap === true && rights === true) {
      await report.part('swap', effects, async (part) => {
        await checkSwap(connection, table);
        const { bytes } = await tableSize(connection, kind, table.table);
        part.ok(
          `a new table can take its place; until it does, the server needs room for the table twice, some ${describeBytes(bytes)} more`,
        );
      });
    }
    await report.part('query', effects, (part) => checkList(part, connection, kind, table, columns));
    await report.part('runs', effects, (part, given) => checkRuns(part, table, number, given));
    if (options.probeWrite === true && rights === true) {
      await report.part('probe', effects, (part) => probeRows(part, connection, table.table, columns));
    }
  });
};

/** Whether somebody publishes to the table now. */
async function checkLock(report: Report, connection: Connection, { table, address }: MysqlTable): Promise<void> {
  const name = lockName(address.database, table, 1);
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT IS_USED_LOCK(?) AS id', [name]);
  if (row?.['id'] !== null) {
    const { name: publisher } = await publisherOf(connection, name, table);
    report.warning(
      `${publisher} is publishing to ${table}`,
      'A run that publishes meanwhile ends with 75, or waits with --wait.',
    );
  }
}

async function checkFile(report: Report, location: string, effects: Effects): Promise<void> {
  await (await storageOf(location, effects)).standsInFolder(location);
  if (/^s3:/i.test(location)) {
    const { bucketRegion } = await import('../storage/s3-tree.ts');
    await bucketRegion(location, effects);
    report.ok(`the bucket of ${location} is there`);
  } else {
    report.ok(`${location} can be written`);
    await report.part('disk', effects, async (part) => {
      // It is written beside the one that is there, which it then replaces.
      const before = await stat(location).catch(() => undefined);
      await checkRoom(part, path.dirname(path.resolve(location)), before?.size, 'the published file', 'Make room.');
    });
  }
}

function columnsFor(grant: Grant, { table, sourceColumn, targetColumn, weightColumn }: MysqlTable): readonly string[] {
  return grant.table === runsTable(table) ? runsColumns : [sourceColumn, targetColumn, weightColumn];
}

async function checkVariables(report: Report, connection: Connection): Promise<void> {
  const [[row]] = await connection.query<RowDataPacket[]>(
    `SELECT @@global.read_only AS readOnly, @@global.innodb_read_only AS storageReadOnly, @@local_infile AS localInfile,
       @@max_allowed_packet AS packet, @@max_user_connections AS connections`,
  );
  const figure = (name: string): number => Number(row?.[name]);
  if (figure('readOnly') !== 0 || figure('storageReadOnly') !== 0) {
    report.failure('it is read-only', 'Publish to the primary.', 'noPermission');
  }
  if (figure('packet') < littlePacket) {
    report.warning(
      `it takes packets of ${describeBytes(figure('packet'))} (max_allowed_packet), which makes statements small and many`,
      'SET GLOBAL max_allowed_packet = 16777216;',
    );
  }
  if (figure('connections') > 0 && figure('connections') < connections) {
    report.warning(
      `the user may have ${figure('connections')} connections at once (max_user_connections), and a publication needs ${connections}`,
      `Let the user have ${connections}.`,
    );
  }
  report.ok(
    figure('localInfile') === 1
      ? 'an empty table is filled by LOAD DATA (local_infile is on)'
      : 'an empty table is filled by INSERT, which takes longer: local_infile is off',
  );
}

async function checkColumns(
  report: Report,
  connection: Connection,
  table: MysqlTable,
  kind: ServerKind,
  number: FormatNumber,
  effects: Effects,
): Promise<{ readonly columns: RelationColumns | undefined }> {
  const columns = await existingTable(connection, table, effects);
  const granted = await grantedRights(connection, table.address.database);
  const user = await currentUser(connection);
  const mayCreate = (name: string): boolean => granted('CREATE', name);
  const remedy = (name: string): string =>
    `Run what \`also-viewed schema --server ${kind}\` prints, or GRANT CREATE ON ${escapeId(table.address.database, true)}.${escapeId(name, true)} TO ${user};`;
  if (columns !== undefined) {
    const { rows, bytes } = await tableSize(connection, kind, table.table);
    report.ok(`${table.table}: ${columns.source.type}, some ${number(rows)} rows, ${describeBytes(bytes)}`);
  } else if (mayCreate(table.table)) {
    report.ok(`${table.table} does not exist: the first run creates it`);
  } else {
    report.failure(`${table.table} does not exist, and ${user} may not create it`, remedy(table.table));
  }
  const runs = runsTable(table.table);
  if ((await findRunsTable(connection, table.table)) === undefined && !mayCreate(runs)) {
    report.warning(
      `${runs} does not exist, and ${user} may not create it: runs are published without a record`,
      remedy(runs),
    );
  }
  return { columns };
}

/** How the server will answer the storefront. */
async function checkList(
  report: Report,
  connection: Connection,
  kind: ServerKind,
  table: MysqlTable,
  columns: RelationColumns,
): Promise<void> {
  const plan = await explain(connection, kind, relatedProductsSql(table), [someId(columns.source), 10]);
  const [source, weight, target] = [columns.source, columns.weight, columns.target].map(({ name }) =>
    name.toLowerCase(),
  );
  const wanted = [source, `${weight} desc`, target];
  const indexes = await indexesOf(connection, table.table);
  const indexed = indexes.some((index) => wanted.every((name, at) => index[at] === name));
  const { rows } = await tableSize(connection, kind, table.table);
  const name = escapeId(table.table, true);
  if (!plan.sorts && !plan.fullScan) {
    report.ok("the storefront's query is answered by an index");
  } else if (indexed && rows < fewRows) {
    report.ok("an index answers the storefront's query once the table has more rows");
  } else {
    const how = plan.fullScan ? 'the whole table is read for each list' : 'each list is sorted when it is read';
    report.warning(
      indexed ? `${how}, though there is an index for it` : how,
      indexed ? `ANALYZE TABLE ${name};` : `CREATE INDEX also_viewed_list ON ${name} ${indexColumns(columns)};`,
    );
  }
}

async function checkRuns(report: Report, table: MysqlTable, number: FormatNumber, effects: Effects): Promise<void> {
  const runs = await publishedRuns(table, effects);
  const published = currentOf(runs);
  const unfinished = replacing(runs);
  if (runs.length === 0) {
    report.ok('no run has published to it yet');
  } else if (unfinished !== undefined) {
    report.warning(
      `run ${unfinished.run} is ${unfinished.state}: every list is the old one or the new one`,
      unfinished.state === 'publishing'
        ? 'It is at work, or was cut off: the next run completes it.'
        : 'The next run completes it.',
    );
  }
  if (published !== undefined) {
    const age = describeAge(published.finishedAt ?? published.startedAt, effects.now());
    report.ok(`run ${published.run} published ${number(published.relations)} relations ${age}`);
  }
}
