import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { readRelations } from '../tsv/relation-rows.ts';
import { misfit } from './check-fit.ts';
import type { CheckedRelations } from './check-relations.ts';
import { charsetOf, type RelationColumns } from './create-tables.ts';
import { isCollated } from './table-order.ts';

/** Ids that one statement asks about: at most 256 KB. */
const batchIds = 250;

/**
 * Asks the server whether the collations of the id columns take two ids of a file for one: they could not both be in a unique key. What the
 * server compares are the weight strings of the ids, so equal ones are found by those. Memory: some 200 bytes for each distinct id; ids are
 * few beside relations.
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

/** Which two of these distinct ids a collation takes for one, as a problem; `undefined` when it takes none. */
export async function collision(
  connection: Connection,
  ids: readonly string[],
  collation: string,
): Promise<string | undefined> {
  const seen = new Map<string, string>();
  const weight = await weightSql(connection, collation);
  for (let from = 0; from < ids.length; from += batchIds) {
    const asked = ids.slice(from, from + batchIds);
    const weights = await weightsOf(connection, asked, weight);
    for (const [at, id] of asked.entries()) {
      const compared = weights[at] ?? '';
      const other = seen.get(compared);
      if (other !== undefined) {
        return `its collation ${collation} takes the ids ${JSON.stringify(other)} and ${JSON.stringify(id)} for one`;
      }
      seen.set(compared, id);
    }
  }
  return undefined;
}

async function distinctIds(relations: CheckedRelations, effects: Effects): Promise<string[]> {
  const ids = new Set<string>();
  for await (const batch of readRelations(relations.location, effects)) {
    for (let at = 0; at < batch.length; at++) {
      ids.add(batch.target(at));
    }
    for (let from = 0; from < batch.length; from = batch.listEnd(from)) {
      ids.add(batch.source(from));
    }
  }
  return [...ids];
}

/** Digests of what the server compares of each id. */
async function weightsOf(connection: Connection, ids: readonly string[], weight: string): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    ids.map((_, at) => `SELECT ${at} AS place, ${weight} AS weight`).join(' UNION ALL '),
    [...ids],
  );
  const weights: string[] = [];
  for (const row of rows) {
    weights[Number(row['place'])] = String(row['weight']);
  }
  return weights;
}

/** What digests an id in SQL. A collation that pads compares as if all ids were filled up with spaces; others tell `a` from `a `. */
async function weightSql(connection: Connection, collation: string): Promise<string> {
  const inCollation = (text: string): string => `CONVERT(${text} USING ${charsetOf(collation)}) COLLATE ${collation}`;
  const [[row]] = await connection.query<RowDataPacket[]>(
    `SELECT ${inCollation("'a'")} = ${inCollation("'a '")} AS pads`,
  );
  return `SHA2(WEIGHT_STRING(${inCollation('?')}${Number(row?.['pads']) === 1 ? ' AS CHAR(255)' : ''}), 256)`;
}
