import type { Connection, RowDataPacket } from 'mysql2/promise';
import { ExpectedFailure } from '../failure.ts';
import { columnsOf } from '../mysql/columns.ts';
import type { TableNames } from './create-tables.ts';

/**
 * Makes sure that nothing would be lost when another table takes the place of this one. Keys of tables that the user may not see show when
 * the old table is dropped.
 *
 * @throws ExpectedFailure `configuration` when something would be, `noPermission` when that cannot be told
 */
export async function checkSwap(connection: Connection, names: TableNames): Promise<void> {
  const { table, sourceColumn, targetColumn, weightColumn } = names;
  const written = [sourceColumn, targetColumn, weightColumn].map((name) => name.toLowerCase());
  const others = (await columnsOf(connection, table)).filter(({ name }) => !written.includes(name.toLowerCase()));
  if (others.length > 0) {
    const columns = others.map(({ name }) => name).join(', ');
    throw cannotSwap(table, `it has columns that this job does not write (${columns}), whose values would be lost`);
  }
  const [[versioned]] = await connection.query<RowDataPacket[]>(
    "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND TABLE_TYPE = 'SYSTEM VERSIONED'",
    [table],
  );
  if (versioned !== undefined) {
    throw cannotSwap(table, 'it is system-versioned, and its history would be lost');
  }
  const [[key]] = await connection.query<RowDataPacket[]>(
    `SELECT CONSTRAINT_NAME AS name, TABLE_NAME AS holder FROM information_schema.KEY_COLUMN_USAGE
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND REFERENCED_TABLE_NAME IS NOT NULL
       OR REFERENCED_TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME = ?`,
    [table, table],
  );
  if (key !== undefined) {
    throw cannotSwap(table, `the foreign key ${key['name']} of table ${key['holder']} ties it to another table`);
  }
  const trigger = await triggerOf(connection, table);
  if (trigger !== undefined) {
    throw cannotSwap(table, `its trigger ${trigger} would be lost`);
  }
  if (!(await seesTriggers(connection, table))) {
    throw lacksRights(table, 'without the right TRIGGER on it, triggers that would be lost are not seen');
  }
}

/** The name of a trigger on a table, as far as the user may see it; `undefined` when there is none. */
export async function triggerOf(connection: Connection, table: string): Promise<string | undefined> {
  const [[trigger]] = await connection.query<RowDataPacket[]>(
    'SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE = ?',
    [table],
  );
  return trigger && String(trigger['name']);
}

/** MySQL shows triggers to users with this right alone. Rights that come with a role are not listed to the user. */
async function seesTriggers(connection: Connection, table: string): Promise<boolean> {
  // Without the quotes in the middle, because the name of a user may have an @ of its own.
  const mine = `PRIVILEGE_TYPE = 'TRIGGER' AND REPLACE(GRANTEE, "'@'", '@') = CONCAT("'", CURRENT_USER(), "'")`;
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE ${mine}
     UNION ALL SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES WHERE ${mine} AND DATABASE() LIKE TABLE_SCHEMA
     UNION ALL SELECT 1 FROM information_schema.TABLE_PRIVILEGES WHERE ${mine} AND TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?`,
    [table],
  );
  return rows.length > 0;
}

/** A table that no other one may take the place of. */
export function cannotSwap(table: string, reason: string, cause?: unknown): ExpectedFailure {
  return new ExpectedFailure('configuration', `Cannot swap table ${table}: ${reason}`, {
    remedy: 'Leave out --swap: the changes are then merged into the table. Nothing was published.',
    cause,
  });
}

/** A user who may publish and not swap. */
export function lacksRights(table: string, reason: string, cause?: unknown): ExpectedFailure {
  return new ExpectedFailure('noPermission', `Cannot swap table ${table}: ${reason}`, {
    remedy:
      'Grant the user itself what `also-viewed schema --swap` prints, or leave out --swap. Nothing was published.',
    cause,
  });
}
