import { type Connection, escapeId, type RowDataPacket } from 'mysql2/promise';
import { findRunsTable } from './find-runs-table.ts';

/** What is known of earlier publications to a target. */
export interface TargetPast {
  /**
   * Whether it holds a part of a first load: of the runs that were cut off since one was last published to the end, one had all of its relations
   * to add, and nothing to change or remove. The table was new, or somebody had emptied it, and what it holds says nothing about the next
   * publication.
   */
  readonly isFirst: boolean;
  /** The store that published last, of those that have a name. */
  readonly store: string | undefined;
}

/** The past of a table, by its table of runs. Throws as `findRunsTable` does. */
export async function pastOf(connection: Connection, table: string): Promise<TargetPast> {
  const runs = await findRunsTable(connection, table);
  if (runs === undefined) {
    return { isFirst: false, store: undefined };
  }
  const name = escapeId(runs, true);
  // Where somebody has made the column a text, it may hold anything.
  const store = "IF(JSON_VALID(parameters), JSON_UNQUOTE(JSON_EXTRACT(parameters, '$.store')), NULL)";
  const wrote = "state <> 'withdrawn'";
  const [[row]] = await connection.query<RowDataPacket[]>(
    `SELECT
       (SELECT COUNT(*) FROM ${name} WHERE ${wrote} AND state <> 'published' AND added = relations AND changed = 0 AND removed = 0
          AND started_at > COALESCE((SELECT MAX(finished_at) FROM ${name} WHERE state = 'published'), '1000-01-01')) AS firstLoads,
       (SELECT ${store} FROM ${name} WHERE ${wrote} AND ${store} IS NOT NULL ORDER BY finished_at DESC, started_at DESC LIMIT 1) AS store`,
  );
  return {
    isFirst: Number(row?.['firstLoads']) > 0,
    store: row?.['store'] ?? undefined,
  };
}
