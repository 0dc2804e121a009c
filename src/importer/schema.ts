import { escapeId } from 'mysql2/promise';
import type { IdOrder } from '../relation/id-order.ts';
import {
  newColumns,
  runsTable,
  runsTableDdl,
  type ServerKind,
  swapTables,
  type TableNames,
  tableDdl,
} from './create-tables.ts';

/** What the tables are made for. */
export interface SchemaOptions extends TableNames {
  readonly server: ServerKind;
  /** What the ids of products are. */
  readonly ids: IdOrder;
  readonly database: string;
  /** The table of the views, which is in the same database unless the job's source says otherwise. */
  readonly sourceTable: string;
  /** The user of the job. */
  readonly job: string;
  /** Whether it swaps tables. */
  readonly swap?: boolean | undefined;
  /** Whether it asks how far a replica lags. */
  readonly replica?: boolean | undefined;
}

/**
 * The DDL of all tables that publishing writes to, and the least grants for the job and for a reader, as SQL that can be run as it is once the
 * two users exist.
 */
export function schemaSql({ server, ids, database, sourceTable, job, swap, replica, ...names }: SchemaOptions): string {
  const columns = newColumns(names, undefined, { integers: ids === 'integer', longest: 1 }, server);
  const on = (table: string): string => `${escapeId(database, true)}.${escapeId(table, true)}`;
  const user = `${quoted(job)}@'%'`;
  const runs = runsTable(names.table);
  const { fresh, retired } = swapTables(names.table);
  // MySQL shows triggers, which would be lost, to those with TRIGGER alone.
  const ofSwap = [
    `GRANT CREATE, ALTER, DROP, TRIGGER ON ${on(names.table)} TO ${user};`,
    ...[fresh, retired].map((table) => `GRANT SELECT, INSERT, CREATE, ALTER, DROP ON ${on(table)} TO ${user};`),
  ];
  return [
    `USE ${escapeId(database, true)};`,
    `${tableDdl(names.table, columns)};`,
    `${runsTableDdl(names.table)};`,
    [
      `GRANT SELECT ON ${on(sourceTable)} TO ${user};`,
      ...(replica === true ? [`GRANT ${replicaRight[server]} ON *.* TO ${user};`] : []),
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${on(names.table)} TO ${user};`,
      `GRANT SELECT, INSERT, UPDATE ON ${on(runs)} TO ${user};`,
      ...(swap === true ? ofSwap : []),
      `GRANT SELECT ON ${on(names.table)} TO 'storefront'@'%';\n`,
    ].join('\n'),
  ].join('\n\n');
}

/** What lets a user ask how far a replica lags; it can be given on everything only. */
const replicaRight: Readonly<Record<ServerKind, string>> = {
  mysql: 'REPLICATION CLIENT',
  mariadb: 'REPLICA MONITOR',
};

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
