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

/** Rights on a table, as GRANT names both. */
export interface Grant {
  readonly rights: readonly string[];
  readonly table: string;
}

/** The least rights of the job on the tables of its target. */
export function targetGrants(table: string, swap: boolean): Grant[] {
  const { fresh, retired } = swapTables(table);
  return [
    { rights: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'], table },
    { rights: ['SELECT', 'INSERT', 'UPDATE'], table: runsTable(table) },
    ...(swap
      ? [
          // MySQL shows triggers, which would be lost, to those with TRIGGER alone.
          { rights: ['CREATE', 'ALTER', 'DROP', 'TRIGGER'], table },
          ...[fresh, retired].map((each) => ({ rights: ['SELECT', 'INSERT', 'CREATE', 'ALTER', 'DROP'], table: each })),
        ]
      : []),
  ];
}

/** @param user as SQL writes it, with its host */
export function grantSql({ rights, table }: Grant, database: string, user: string): string {
  return `GRANT ${rights.join(', ')} ON ${escapeId(database, true)}.${escapeId(table, true)} TO ${user};`;
}

/**
 * A grant that also works on a table that is missing, if the job writes to it: without CREATE the server refuses one on a table that does not
 * exist (error 1146).
 *
 * @param missing those of the rights that are to be granted
 */
export function grantIfMissing({ rights, table }: Grant, missing = rights): Grant {
  return { rights: rights.includes('INSERT') ? [...new Set([...missing, 'CREATE'])] : missing, table };
}

/**
 * The DDL of all tables that publishing writes to, and the least grants for the job and for a reader, as SQL that can be run as it is once the
 * two users exist.
 */
export function schemaSql({ server, ids, database, sourceTable, job, swap, replica, ...names }: SchemaOptions): string {
  const columns = newColumns(names, undefined, { integers: ids === 'integer', longest: 1 }, server);
  const user = `${quoted(job)}@'%'`;
  const grants = [{ rights: ['SELECT'], table: sourceTable }, ...targetGrants(names.table, swap === true)];
  return [
    `USE ${escapeId(database, true)};`,
    `${tableDdl(names.table, columns)};`,
    `${runsTableDdl(names.table)};`,
    [
      ...grants.map((grant) => grantSql(grant, database, user)),
      ...(replica === true ? [replicaGrant(server, user)] : []),
      `${grantSql({ rights: ['SELECT'], table: names.table }, database, "'storefront'@'%'")}\n`,
    ].join('\n'),
  ].join('\n\n');
}

/** What lets a user ask how far a replica lags; it can be given on everything only. */
const replicaRight: Readonly<Record<ServerKind, string>> = {
  mysql: 'REPLICATION CLIENT',
  mariadb: 'REPLICA MONITOR',
};

/** @param user as SQL writes it, with its host */
export function replicaGrant(server: ServerKind, user: string): string {
  return `GRANT ${replicaRight[server]} ON *.* TO ${user};`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
