import { type Connection, escapeId, escape as escapeValue, type RowDataPacket } from 'mysql2/promise';
import { errorCode } from '../failure.ts';
import { type Grant, grantIfMissing, grantSql } from '../importer/schema.ts';
import { columnsOf } from '../mysql/columns.ts';
import { isDenied } from '../mysql/mysql-failure.ts';
import type { Report } from './report.ts';

/** Rights that the job needs on a table, and the columns for which it needs them. */
export interface NeededRights extends Grant {
  readonly columns: readonly string[];
}

/**
 * Statements that need a right and do nothing: a reading of no rows, and plans of writings. The server judges them as it judges those of the
 * job: roles, wildcards, rights on columns and the rights of everybody are its own affair. It looks at the rights before it looks for the table.
 */
const probes: Readonly<Record<string, (table: string, columns: readonly string[]) => string>> = {
  SELECT: (table, columns) => `SELECT ${columns.join(', ')} FROM ${table} LIMIT 0`,
  INSERT: (table, columns) =>
    `EXPLAIN INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => 'NULL').join(', ')})`,
  UPDATE: (table, columns) => `EXPLAIN UPDATE ${table} SET ${columns.at(-1)} = NULL LIMIT 0`,
  DELETE: (table) => `EXPLAIN DELETE FROM ${table} LIMIT 0`,
};

/** What the server says, when the rights are there, of what is not. */
const nothingToProbe: readonly (string | undefined)[] = ['ER_NO_SUCH_TABLE', 'ER_BAD_FIELD_ERROR'];

/** Looks whether the user has these rights, and says which GRANT gives those that are missing. @returns whether none is */
export async function checkRights(
  report: Report,
  connection: Connection,
  database: string,
  needed: readonly NeededRights[],
): Promise<boolean> {
  const granted = await grantedRights(connection, database);
  const found: string[] = [];
  let complete = true;
  for (const { rights, table, columns } of needed) {
    const missing: string[] = [];
    for (const right of rights) {
      const probe = probes[right]?.(
        `${escapeId(database, true)}.${escapeId(table, true)}`,
        columns.map((name) => escapeId(name, true)),
      );
      const has = probe === undefined ? granted(right, table) : await allows(report, connection, probe, right, table);
      if (!has) {
        missing.push(right);
      }
    }
    if (missing.length === 0) {
      found.push(`${rights.join(', ')} on ${table}`);
    } else {
      complete = false;
      const user = await currentUser(connection);
      const isThere = (await columnsOf(connection, table)).length > 0;
      const grant = isThere ? { rights: missing, table } : grantIfMissing({ rights, table }, missing);
      report.failure(
        `${user} has not the ${missing.length === 1 ? 'right' : 'rights'} ${missing.join(', ')} on ${table}`,
        grantSql(grant, database, user),
        'noPermission',
      );
    }
  }
  if (found.length > 0) {
    report.ok(found.join('; '));
  }
  return complete;
}

async function allows(
  report: Report,
  connection: Connection,
  probe: string,
  right: string,
  table: string,
): Promise<boolean> {
  try {
    await connection.query(probe);
    return true;
  } catch (error) {
    if (isDenied(error)) {
      return false;
    }
    if (errorCode(error) === 'ER_VIEW_NO_EXPLAIN') {
      report.warning(`${table} is a view whose tables this user may not see: whether he has ${right} cannot be told`);
      return true;
    }
    if (nothingToProbe.includes(errorCode(error))) {
      return true;
    }
    throw error;
  }
}

/** The user as the server knows him, as SQL writes it: `'job'@'%'`. */
export async function currentUser(connection: Connection): Promise<string> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT CURRENT_USER() AS user');
  const [, user = '', host = ''] = /^(.*)@(.*)$/s.exec(String(row?.['user'])) ?? [];
  return [user, host].map((part) => escapeValue(part)).join('@');
}

/** Rights on whole tables that no plan needs: CREATE, ALTER, DROP, TRIGGER. Those of roles that are active are listed too. */
export async function grantedRights(
  connection: Connection,
  database: string,
): Promise<(right: string, table: string) => boolean> {
  const [rows] = await connection.query<RowDataPacket[]>('SHOW GRANTS');
  const grants = rows.flatMap((row) => parseGrant(String(Object.values(row)[0])) ?? []);
  return (right, table) =>
    grants.some(
      (grant) =>
        (grant.rights.includes(right) || grant.rights.includes('ALL PRIVILEGES')) &&
        (grant.schema === undefined || matches(grant.schema, database, grant.table === undefined)) &&
        (grant.table === undefined || grant.table === table),
    );
}

interface GivenRights {
  readonly rights: readonly string[];
  /** `undefined` for all. */
  readonly schema: string | undefined;
  readonly table: string | undefined;
}

/** A line of SHOW GRANTS; `undefined` when it gives no right on tables. */
export function parseGrant(line: string): GivenRights | undefined {
  const [, rights, schema, table] = /^GRANT (.+?) ON (\*|`(?:[^`]|``)+`)\.(\*|`(?:[^`]|``)+`) TO /s.exec(line) ?? [];
  if (rights === undefined || schema === undefined || table === undefined) {
    return undefined;
  }
  const name = (quoted: string): string | undefined =>
    quoted === '*' ? undefined : quoted.slice(1, -1).replaceAll('``', '`');
  // Rights on columns alone do not count here.
  return { rights: rights.replace(/ \([^)]*\)/g, ' of columns').split(', '), schema: name(schema), table: name(table) };
}

/** Whether a schema is the one of a grant. Where that is for all its tables, `_` and `%` stand for others unless escaped. */
function matches(pattern: string, schema: string, wild: boolean): boolean {
  if (!wild) {
    return pattern === schema;
  }
  const expression = pattern.replace(/\\?[\s\S]/g, (part) =>
    part === '%' ? '.*' : part === '_' ? '.' : part.slice(-1).replace(/[\\^$.*+?()[\]{}|]/, '\\$&'),
  );
  return new RegExp(`^${expression}$`, 's').test(schema);
}
