import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import type { Effects } from '#dist/effects.js';
import {
  type Imported,
  type ImportOptions,
  importRelations,
  type MysqlTable,
} from '#dist/importer/import-relations.js';
import type { OwnSchema } from '../mysql/own-schema.ts';
import { temporaryFolder } from '../temporary-folder.ts';

export type Relation = readonly [source: string, target: string, weight: number];

/** The relations as lines, in the order of the numbers or of the bytes. */
export function linesOf(rows: readonly Relation[], order: 'integer' | 'text' = 'text'): string[] {
  const compare = (a: string, b: string): number =>
    order === 'integer' ? Number(BigInt(a) - BigInt(b) > 0n) * 2 - 1 : Buffer.compare(Buffer.from(a), Buffer.from(b));
  const escaped = (id: string): string => id.replaceAll('\\', '\\\\');
  return [...rows]
    .sort((a, b) => (a[0] === b[0] ? compare(a[1], b[1]) : compare(a[0], b[0])))
    .map(([source, target, weight]) => `${escaped(source)}\t${escaped(target)}\t${weight}`);
}

/** Every id related to every other one; the weight differs from pair to pair. */
export function allPairs(ids: readonly string[]): Relation[] {
  return ids.flatMap((source, i) =>
    ids.flatMap((target, j): Relation[] => (i === j ? [] : [[source, target, 1 + ((7 * i + 3 * j) % 11)]])),
  );
}

/** A file of the test's own that holds `lines`. */
export function relationsFile(lines: readonly string[] | string, name = 'relations.tsv'): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, typeof lines === 'string' ? lines : lines.map((line) => `${line}\n`).join(''));
  return file;
}

/** The target table, as it is named unless a test says otherwise. */
export function tableOf(
  schema: Pick<OwnSchema, 'address' | 'password'>,
  changes: Partial<MysqlTable> = {},
): MysqlTable {
  return {
    address: schema.address(),
    password: schema.password,
    table: 'related_products',
    sourceColumn: 'source_product_id',
    targetColumn: 'target_product_id',
    weightColumn: 'weight',
    ...changes,
  };
}

export async function importInto(
  table: MysqlTable,
  lines: readonly string[] | string,
  options: ImportOptions = {},
  effects: Partial<Effects> = {},
): Promise<Imported> {
  // Small tables change a lot; what the gate does has tests of its own.
  const accepted = { accept: 'a test', ...options };
  return await importRelations(relationsFile(lines), { kind: 'table', table }, accepted, effects);
}

/** What a table holds, as sorted lines of a relations file in text order. */
export async function tableLines(
  schema: Pick<OwnSchema, 'root'>,
  table: MysqlTable,
  binary = false,
): Promise<string[]> {
  const id = (name: string): string => (binary ? `LOWER(HEX(\`${name}\`))` : `CAST(\`${name}\` AS CHAR)`);
  const [rows] = await schema.root.query<RowDataPacket[]>(
    `SELECT ${id(table.sourceColumn)} s, ${id(table.targetColumn)} t, \`${table.weightColumn}\` w FROM \`${table.table}\``,
  );
  return linesOf(rows.map((row): Relation => [String(row['s']), String(row['t']), Number(row['w'])]));
}

/** The checksum that the server makes of all rows of a table. */
export async function checksum(schema: OwnSchema, table: string): Promise<unknown> {
  const [[row]] = await schema.root.query<RowDataPacket[]>(`CHECKSUM TABLE \`${table}\``);
  return row?.['Checksum'];
}
