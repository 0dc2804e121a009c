import { type Connection, escape as escapeValue, type RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { IdTable } from '../relation/id-table.ts';
import { readRelations } from '../tsv/relation-rows.ts';
import { misfit } from './check-fit.ts';
import type { CheckedRelations } from './check-relations.ts';
import { charsetOf, type RelationColumns } from './create-tables.ts';
import { statementBytes } from './statement-bytes.ts';
import { isCollated } from './table-order.ts';

/** Ids that one statement asks about at most. */
const batchIds = 250;

/** Bytes of the longest id in a statement: 255 characters, and what is asked of it. */
const idBytes = 1_300;

/**
 * Asks the server whether the collations of the id columns take two ids of a file for one: they could not both be in a unique key. What the
 * server compares are the weight strings of the ids, so equal ones are found by those. Memory: measured 130 MB for a million distinct ids of 11
 * bytes; ids are few beside relations.
 *
 * @throws ExpectedFailure `badData` with the two ids
 */
export async function checkCollisions(
  connection: Connection,
  relations: CheckedRelations,
  table: string,
  { source, target }: RelationColumns,
  effects: Effects,
): Promise<void> {
  const columns = [source, target].filter(isCollated);
  const [first] = columns;
  if (first === undefined) {
    return;
  }
  const ids = await distinctIds(relations, effects);
  for (const column of columns.filter(({ collation }, at) => at === 0 || collation !== first.collation)) {
    const problem = await collision(connection, ids, column.collation ?? '');
    if (problem !== undefined) {
      throw misfit(relations, table, column, problem);
    }
  }
}

/** Ids by their places, as an array has them. */
type Ids = Pick<readonly string[], 'length' | 'at'>;

/** Which two of these distinct ids a collation takes for one, as a problem; `undefined` when it takes none. */
export async function collision(connection: Connection, ids: Ids, collation: string): Promise<string | undefined> {
  const digests = new IdTable();
  const weight = await weightSql(connection, collation);
  const most = Math.max(1, Math.min(batchIds, Math.floor((await statementBytes(connection)) / idBytes)));
  for (let from = 0; from < ids.length; from += most) {
    const length = Math.min(most, ids.length - from);
    const asked = Array.from({ length }, (_, at) => ids.at(from + at) ?? '');
    for (const [at, digest] of (await digestsOf(connection, asked, weight)).entries()) {
      const place = digests.intern(digest, 0, digest.length);
      if (place !== from + at) {
        return `its collation ${collation} takes the ids ${JSON.stringify(ids.at(place))} and ${JSON.stringify(asked[at])} for one`;
      }
    }
  }
  return undefined;
}

async function distinctIds(relations: CheckedRelations, effects: Effects): Promise<Ids> {
  const table = new IdTable();
  for await (const batch of readRelations(relations.location, effects)) {
    const { bytes, length, sourceStarts, sourceEnds, targetStarts, targetEnds } = batch.asText();
    for (let at = 0; at < length; at++) {
      table.intern(bytes, sourceStarts[at]!, sourceEnds[at]!);
      table.intern(bytes, targetStarts[at]!, targetEnds[at]!);
    }
  }
  return {
    length: table.size,
    at: (place) => Buffer.from(table.arena.subarray(table.start(place), table.end(place))).toString(),
  };
}

/** Digests of what the server compares of each id. */
async function digestsOf(connection: Connection, ids: readonly string[], weight: string): Promise<Buffer[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    ids.map((_, at) => `SELECT ${at} AS place, UNHEX(${weight}) AS weight`).join(' UNION ALL '),
    [...ids],
  );
  const digests: Buffer[] = [];
  for (const row of rows) {
    digests[Number(row['place'])] = Buffer.from(row['weight']);
  }
  return digests;
}

/**
 * What digests an id in SQL. A collation that pads compares as if all ids were filled up with spaces; others tell `a` from `a `. MySQL fills up by
 * characters and not by weights, of which some letters have several and some have none (`ß` and a zero-width space in utf8mb4_unicode_ci), so that
 * the filling is taken away again.
 */
async function weightSql(connection: Connection, collation: string): Promise<string> {
  const inCollation = (text: string): string => `CONVERT(${text} USING ${charsetOf(collation)}) COLLATE ${collation}`;
  const [[row]] = await connection.query<RowDataPacket[]>(
    `SELECT ${inCollation("'a'")} = ${inCollation("'a '")} AS pads, HEX(WEIGHT_STRING(${inCollation("' '")})) AS space`,
  );
  const id = inCollation('?');
  return Number(row?.['pads']) === 1
    ? `SHA2(TRIM(TRAILING ${escapeValue(String(row?.['space']))} FROM HEX(WEIGHT_STRING(${id} AS CHAR(255)))), 256)`
    : `SHA2(WEIGHT_STRING(${id}), 256)`;
}
