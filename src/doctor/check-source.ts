import path from 'node:path';
import { type Connection, escapeId, type RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import type { MysqlViews } from '../exporter/export-views.ts';
import { selectViews, type ViewSelection } from '../exporter/select-views.ts';
import { sinceOf } from '../exporter/window.ts';
import { ExpectedFailure, errorCode } from '../failure.ts';
import type { ServerKind } from '../importer/create-tables.ts';
import { replicaGrant } from '../importer/schema.ts';
import { serverKind } from '../importer/target-table.ts';
import { type ReplicaLag, replicaLag } from '../mysql/replica-lag.ts';
import type { FormatNumber } from '../report/format-rows.ts';
import { freeBytes } from '../storage/free-bytes.ts';
import { storageOf } from '../storage/storage.ts';
import { isQuery } from '../tsv/catalogue.ts';
import { checkServer } from './check-server.ts';
import { existing } from './check-work.ts';
import { describeBytes } from './describe-bytes.ts';
import type { Check } from './doctor.ts';
import { explain, indexesOf, tableSize } from './explain.ts';
import type { Report } from './report.ts';
import { checkRights, currentUser } from './rights.ts';
import { withDatabase } from './with-database.ts';

/** Where the views come from: whether it can be read, and at what cost. */
export const checkSource: Check = async (report, options, effects) => {
  const source = await options.source;
  const { number = String } = options;
  if (source.kind === 'files') {
    await checkFiles(report, source.locations, number, effects);
    return;
  }
  const { views } = source;
  const { address, table } = views;
  const grants = [{ rights: ['SELECT'], table }];
  await withDatabase(report, address, views.password, grants, effects, async (connection) => {
    const kind = await serverKind(connection);
    await report.part('server', effects, async (part, given) => {
      await checkServer(part, connection, address, kind, given);
      await checkPatience(part, connection, kind);
    });
    await report.part('replica', effects, (part) => checkLag(part, connection, kind, views.maxReplicaLag));
    await report.part('rights', effects, (part) => {
      const columns = [
        views.pathColumn,
        views.productColumn,
        ...(views.timeColumn === undefined ? [] : [views.timeColumn]),
      ];
      return checkRights(part, connection, address.database, [{ rights: ['SELECT'], table, columns }]);
    });
    const selection = await report.part('columns', effects, async (part) => {
      const found = await selectViews(connection, views, sinceOf(views));
      // The condition is the user's own SQL: the server is to read it once.
      await connection.query(`${found.sql} LIMIT 0`);
      part.ok(`${table}: ${found.productColumn.name} is ${found.productColumn.type}`);
      return found;
    });
    const { products } = options;
    if (products !== undefined && isQuery(products)) {
      await report.part('products', effects, async (part) => {
        await (await connection.prepare(products)).close();
        part.ok('the server takes the query of --products');
      });
    }
    if (selection !== undefined) {
      await report.part('query', effects, (part) => checkQuery(part, connection, kind, views, selection, number));
      await report.part('size', effects, (part) => checkSize(part, connection, kind, table, options.work, number));
    }
  });
};

/** Whether there are files, and the first of each place may be read; not of pipes, from which that would take something. */
async function checkFiles(
  report: Report,
  locations: readonly string[],
  number: FormatNumber,
  effects: Effects,
): Promise<void> {
  let count = 0;
  for (const location of locations) {
    const storage = await storageOf(location, effects);
    const found = await storage.list(location);
    count += found.length;
    await (await storage.seek?.(found[0] ?? location))?.close();
  }
  report.ok(`${number(count)} ${count === 1 ? 'file' : 'files'} in ${locations.join(', ')}`);
}

/** A server may end statements that take long, as an export does. */
async function checkPatience(report: Report, connection: Connection, kind: ServerKind): Promise<void> {
  const name = kind === 'mariadb' ? 'max_statement_time' : 'max_execution_time';
  const [[row]] = await connection.query<RowDataPacket[]>(`SELECT CAST(@@${name} AS DOUBLE) AS patience`);
  const seconds = Number(row?.['patience']) / (kind === 'mariadb' ? 1 : 1000);
  if (seconds > 0) {
    report.warning(
      `it ends a statement after ${seconds} s (${name}), an export too`,
      `Raise ${name} for this user, or export from a replica that has no such limit.`,
    );
  }
}

/** How far the server is behind its source, if it has one. Who need not know may not be able to. */
async function checkLag(
  report: Report,
  connection: Connection,
  kind: ServerKind,
  most: number | undefined,
): Promise<void> {
  let lag: ReplicaLag | undefined;
  try {
    lag = await replicaLag(connection);
  } catch (error) {
    if (!(error instanceof ExpectedFailure) || error.kind !== 'noPermission') {
      throw error;
    }
    if (most !== undefined) {
      report.failure(error.message, replicaGrant(kind, await currentUser(connection)), error.kind);
    }
    return;
  }
  if (lag === undefined) {
    return;
  }
  const { seconds, stopped } = lag;
  const says =
    seconds === undefined ? `its replication stands still (${stopped})` : `it is ${seconds} s behind its source`;
  if (seconds !== undefined && seconds * 1000 <= (most ?? Number.POSITIVE_INFINITY)) {
    report.ok(says);
  } else if (most === undefined) {
    report.warning(says, 'Start the replication, or let --max-replica-lag keep the job from old views.');
  } else {
    report.failure(says, 'Run later, or start the replication; a run would end with 75.', 'tryLater');
  }
}

/** The views go to the work folder, packed: there is room enough where the whole table would fit. */
async function checkSize(
  report: Report,
  connection: Connection,
  kind: ServerKind,
  table: string,
  work: string,
  number: FormatNumber,
): Promise<void> {
  const { rows, dataBytes } = await tableSize(connection, kind, table);
  const size = `some ${number(rows)} rows, ${describeBytes(dataBytes)}`;
  const free = /^s3:/i.test(work) ? undefined : await freeBytes(await existing(path.resolve(work)));
  if (free !== undefined && free < dataBytes) {
    report.warning(
      `${size}, and only ${describeBytes(free)} are free for the work folder`,
      'Make room, or see what a run takes that exports less: --since, --where.',
    );
  } else {
    report.ok(size);
  }
}

async function checkQuery(
  report: Report,
  connection: Connection,
  kind: ServerKind,
  { table, pathColumn, productColumn, timeColumn, since, where }: MysqlViews,
  { sql }: ViewSelection,
  number: FormatNumber,
): Promise<void> {
  const plan = await explain(connection, kind, sql).catch((error: unknown) => {
    if (errorCode(error) !== 'ER_VIEW_NO_EXPLAIN') {
      throw error;
    }
    report.warning(`${table} is a view whose tables this user may not see: how it is read cannot be told`);
    return undefined;
  });
  if (plan === undefined) {
    return;
  }
  const reads = `some ${number(plan.rows)} rows`;
  const window = timeColumn !== undefined && since !== undefined ? timeColumn : undefined;
  const indexes = await indexesOf(connection, table);
  if (plan.sorts) {
    report.warning(
      `the server sorts the views before the first one comes, which the export does not ask for: ${reads}`,
      'Look at the condition of --where, and at the definition when it is a view.',
    );
  }
  if (!plan.fullScan) {
    report.ok(`the export reads by an index ${reads}`);
  } else if (window === undefined && where !== undefined) {
    report.warning(
      `the export reads the whole table for the views of --where: ${reads}`,
      `Where these are few of all, CREATE INDEX also_viewed_where ON ${escapeId(table, true)} (the columns of --where), or ANALYZE TABLE when there is one.`,
    );
  } else if (window === undefined || indexes.some(([first]) => first === window.toLowerCase())) {
    report.ok(`the export reads the whole table: ${reads}`);
  } else {
    const columns = [window, pathColumn, productColumn].map((name) => escapeId(name, true)).join(', ');
    report.warning(
      `the export reads the whole table for the views since ${since}: ${reads}`,
      `CREATE INDEX also_viewed_since ON ${escapeId(table, true)} (${columns});`,
    );
  }
}
