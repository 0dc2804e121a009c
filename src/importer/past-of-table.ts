import { type Connection, escapeId, type RowDataPacket } from 'mysql2/promise';
import { findRunsTable } from './find-runs-table.ts';

/** What is known of earlier publications to a target. */
export interface TargetPast {
  /**
   * Whether it holds a part of a first load and nothing else: since a run was last published to the end, or changed or removed anything, those
   * that were cut off only added, and the oldest of them all of its relations, so that nothing was there before: the table was new, or somebody
   * had emptied it. What it holds says nothing about the next publication then.
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
  const store = "JSON_UNQUOTE(JSON_EXTRACT(parameters, '$.store'))";
  const [[row]] = await connection.query<RowDataPacket[]>(
    `SELECT
       (SELECT added = relations FROM ${name} WHERE started_at > COALESCE(
          (SELECT MAX(started_at) FROM ${name} WHERE state = 'published' OR changed > 0 OR removed > 0), '1000-01-01')
        ORDER BY started_at, run_id LIMIT 1) AS fromNothing,
       (SELECT ${store} FROM ${name} WHERE ${store} IS NOT NULL ORDER BY finished_at DESC, started_at DESC LIMIT 1) AS store`,
  );
  return {
    isFirst: Number(row?.['fromNothing']) === 1,
    store: row?.['store'] ?? undefined,
  };
}
