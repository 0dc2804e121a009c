import type { Connection, RowDataPacket } from 'mysql2/promise';
import { nearest } from '../config/nearest.ts';
import { ExpectedFailure } from '../failure.ts';

/**
 * How the ids of a column travel and sort. What is `other` (DOUBLE, DATE, DECIMAL, ENUM …) has a text for every value, but not a value for
 * every text: ids can be read from there, and not be stored.
 */
export type ColumnKind = 'integer' | 'text' | 'binary' | 'other';

/** A column of a table, as information_schema describes it. */
export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  /** The type as DDL writes it: `bigint(20) unsigned`, `varchar(64)`. */
  readonly type: string;
  /** The type's name alone: `bigint`, `varchar`. */
  readonly dataType: string;
  readonly unsigned: boolean;
  /** Characters or bytes that it holds; `undefined` for numbers. */
  readonly length: number | undefined;
  readonly collation: string | undefined;
  readonly nullable: boolean;
}

const typesOf: Readonly<Record<Exclude<ColumnKind, 'other'>, readonly string[]>> = {
  integer: ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'],
  text: ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'uuid'],
  binary: ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'],
};

function kindOf(dataType: string): ColumnKind {
  const kinds = ['integer', 'text', 'binary'] as const;
  return kinds.find((kind) => typesOf[kind].includes(dataType)) ?? 'other';
}

/**
 * The columns of a table of the connection's database, in order.
 *
 * @returns no columns when there is no such table, or none that the user may see
 */
export async function columnsOf(connection: Connection, table: string): Promise<Column[]> {
  // Aliases, because MySQL 8 returns the names of information_schema in capitals and MariaDB does not.
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT COLUMN_NAME AS name, DATA_TYPE AS dataType, COLUMN_TYPE AS type, IS_NULLABLE AS nullable,
       CAST(COALESCE(CHARACTER_MAXIMUM_LENGTH, -1) AS CHAR) AS length, COLLATION_NAME AS collation
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
    [table],
  );
  return rows.map((row) => {
    const dataType = String(row['dataType']).toLowerCase();
    const length = Number(row['length']);
    return {
      name: String(row['name']),
      kind: kindOf(dataType),
      type: String(row['type']),
      dataType,
      unsigned: / unsigned/i.test(String(row['type'])),
      length: length < 0 ? undefined : length,
      collation: row['collation'] === null ? undefined : String(row['collation']),
      nullable: row['nullable'] === 'YES',
    };
  });
}

/**
 * The named column of `columns`; names are compared as MySQL does, without regard to case.
 *
 * @throws ExpectedFailure when the table has no such column
 */
export function columnNamed(columns: readonly Column[], table: string, name: string): Column {
  const column = columns.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (column === undefined) {
    const names = columns.map((each) => each.name);
    const near = nearest(name, names);
    throw new ExpectedFailure(
      'configuration',
      `Cannot use table ${table}: it has no column ${name}, only ${names.join(', ')}`,
      {
        remedy: `Name the columns in the configuration or with the column options.${near === undefined ? '' : ` Did you mean ${near}?`}`,
      },
    );
  }
  return column;
}
