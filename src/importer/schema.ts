import { escapeId, escape as escapeValue } from 'mysql2/promise';
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
  /** The table of the views, and who exports them; without it there is no grant for that. */
  readonly source: { readonly database: string; readonly table: string; readonly user: string } | undefined;
  /** The user who publishes. */
  readonly job: string;
  /** Whether it swaps tables. */
  readonly swap?: boolean | undefined;
  /** Whether the export asks how far a replica lags. */
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
export function schemaSql({ server, ids, database, source, job, swap, replica, ...names }: SchemaOptions): string {
  const columns = newColumns(names, undefined, { integers: ids === 'integer', longest: 1 }, server);
  const user = anywhere(job);
  const reader = source === undefined ? user : anywhere(source.user);
  return [
    `USE ${escapeId(database, true)};`,
    `${tableDdl(names.table, columns)};`,
    `${runsTableDdl(names.table)};`,
    [
      ...(source === undefined ? [] : [grantSql({ rights: ['SELECT'], table: source.table }, source.database, reader)]),
      ...targetGrants(names.table, swap === true).map((grant) => grantSql(grant, database, user)),
      ...(replica === true ? [replicaGrant(server, reader)] : []),
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

/** A user, whatever host he comes from, as SQL writes it. */
function anywhere(user: string): string {
  return `${escapeValue(user)}@'%'`;
}
