import { createHash } from 'node:crypto';
import { escapeId } from 'mysql2/promise';
import type { Column, ColumnKind } from '../mysql/columns.ts';
import { maxIdCharacters } from '../tsv/id-rules.ts';
import type { IdFacts } from './id-facts.ts';

export type ServerKind = 'mariadb' | 'mysql';

/** A column that can hold every id that fits it, and gives it back as it was. */
export interface IdColumn extends Column {
  readonly kind: Exclude<ColumnKind, 'other'>;
}

/** The three columns of relations. */
export interface RelationColumns {
  readonly source: IdColumn;
  readonly target: IdColumn;
  readonly weight: Column;
}

/** The names of a target table. */
export interface TableNames {
  readonly table: string;
  readonly sourceColumn: string;
  readonly targetColumn: string;
  readonly weightColumn: string;
}

/** Collations that sort by bytes and take `a` and `a ` for two ids; `utf8mb4_bin` is the same on both servers but pads. */
const textCollations: Readonly<Record<ServerKind, string>> = {
  mariadb: 'utf8mb4_nopad_bin',
  mysql: 'utf8mb4_0900_bin',
};

/** What must be known of ids when their column is new. */
type NewIds = Pick<IdFacts, 'integers' | 'longest'>;

/**
 * The columns of a table that is to be created.
 *
 * @param product the source's product column, whose type ids take; without it the ids decide
 */
export function newColumns(
  names: TableNames,
  product: Column | undefined,
  ids: NewIds,
  server: ServerKind,
): RelationColumns {
  const id = idColumn(product, ids, server);
  return {
    source: { ...id, name: names.sourceColumn },
    target: { ...id, name: names.targetColumn },
    weight: integerColumn(names.weightColumn, 'int', true),
  };
}

function idColumn(product: Column | undefined, ids: NewIds, server: ServerKind): IdColumn {
  switch (product?.kind) {
    case 'integer':
      return integerColumn('', product.dataType, product.unsigned);
    case 'binary':
      return product.dataType === 'binary' || product.dataType === 'varbinary'
        ? sizedColumn('binary', product.dataType, product.length, Math.floor(maxIdCharacters / 2), undefined)
        : sizedColumn('binary', 'varbinary', undefined, Math.floor(maxIdCharacters / 2), undefined);
    case 'text':
    case 'other': {
      const sized = product.dataType === 'char' || product.dataType === 'varchar';
      const length = sized ? product.length : undefined;
      return sizedColumn('text', sized ? product.dataType : 'varchar', length, maxIdCharacters, textCollations[server]);
    }
    case undefined:
      return ids.integers && ids.longest > 0
        ? integerColumn('', 'bigint', true)
        : sizedColumn('text', 'varchar', undefined, maxIdCharacters, textCollations[server]);
  }
}

function integerColumn(name: string, dataType: string, unsigned: boolean): IdColumn {
  const type = unsigned ? `${dataType} unsigned` : dataType;
  return { name, kind: 'integer', type, dataType, unsigned, length: undefined, collation: undefined, nullable: false };
}

/** No id has more than 255 characters, and two longer columns would not fit an index of InnoDB (3,072 bytes). */
function sizedColumn(
  kind: 'text' | 'binary',
  dataType: string,
  wanted: number | undefined,
  most: number,
  collation: string | undefined,
): IdColumn {
  const length = Math.min(wanted ?? most, most);
  return {
    name: '',
    kind,
    type: `${dataType}(${length})`,
    dataType,
    unsigned: false,
    length,
    collation,
    nullable: false,
  };
}

/** A column of text as it was, but for a collation that takes no two ids for one, as DDL has it. */
export function exactTextDdl(column: Column, server: ServerKind): string {
  return columnDdl({ ...column, collation: textCollations[server] });
}

/** The type of a column that is not to hold NULL, as DDL has it. */
function columnDdl(column: Column): string {
  const charset =
    column.collation === undefined ? '' : ` CHARACTER SET ${charsetOf(column.collation)} COLLATE ${column.collation}`;
  return `${escapeId(column.name, true)} ${column.type.toUpperCase()}${charset} NOT NULL`;
}

/** A collation begins with the name of its character set; `binary` is both. */
export function charsetOf(collation: string): string {
  return collation.replace(/_.*$/s, '');
}

/** The DDL of a target table: the primary key serves the comparison, the second key the storefront's query. */
export function tableDdl(table: string, columns: RelationColumns): string {
  return createDdl(table, columns, [`KEY ${indexColumns(columns)}`], '');
}

/** A table with this comment was created by this job, which has not yet added the index that the storefront reads. */
export const unfinishedComment = 'also-viewed: the index comes when the rows are there';

/** The DDL of a target table without the second key, which is built several times as fast once the rows are there. */
export function unfinishedTableDdl(table: string, columns: RelationColumns): string {
  return createDdl(table, columns, [], ` COMMENT='${unfinishedComment}'`);
}

/** The DDL that finishes such a table. */
export function indexDdl(table: string, columns: RelationColumns): string {
  return `ALTER TABLE ${escapeId(table, true)} ADD KEY ${indexColumns(columns)}, COMMENT=''`;
}

/** The columns of the index that the storefront reads. */
export function indexColumns({ source, target, weight }: RelationColumns): string {
  return `(${escapeId(source.name, true)}, ${escapeId(weight.name, true)} DESC, ${escapeId(target.name, true)})`;
}

function createDdl(table: string, columns: RelationColumns, keys: readonly string[], options: string): string {
  const { source, target, weight } = columns;
  const parts = [
    ...[source, target, weight].map(columnDdl),
    `PRIMARY KEY (${escapeId(source.name, true)}, ${escapeId(target.name, true)})`,
    ...keys,
  ];
  return `CREATE TABLE ${escapeId(table, true)} (\n  ${parts.join(',\n  ')}\n) ENGINE=InnoDB${options}`;
}

/** The table of the runs that published to `table`. */
export function runsTable(table: string): string {
  return `${table}_runs`;
}

/** Its columns. */
export const runsColumns = [
  'run_id',
  'state',
  'started_at',
  'finished_at',
  'relations',
  'sources',
  'added',
  'changed',
  'removed',
  'sha256',
  'parameters',
] as const;

/** Its DDL. Times are UTC; `sha256` is that of the uncompressed relations file. */
export function runsTableDdl(table: string): string {
  return `CREATE TABLE ${escapeId(runsTable(table), true)} (
  run_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  started_at DATETIME(3) NOT NULL,
  finished_at DATETIME(3) NULL,
  relations BIGINT UNSIGNED NOT NULL,
  sources BIGINT UNSIGNED NOT NULL,
  added BIGINT UNSIGNED NOT NULL,
  changed BIGINT UNSIGNED NOT NULL,
  removed BIGINT UNSIGNED NOT NULL,
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  parameters JSON NOT NULL,
  PRIMARY KEY (run_id)
) ENGINE=InnoDB`;
}

/**
 * The tables of a swap: the one that is filled, and the old one under another name until it is dropped. One length for every table, since 64
 * characters are the most, and MySQL makes the names of constraints from that of their table.
 */
export function swapTables(table: string): { readonly fresh: string; readonly retired: string } {
  // Without letter case, as the lock that guards them.
  const digest = createHash('sha256').update(table.toLowerCase()).digest('hex').slice(0, 32);
  return { fresh: `also_viewed_new_${digest}`, retired: `also_viewed_old_${digest}` };
}
