import { type Connection, escapeId, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { messageOf } from '../failure.ts';
import { isDenied } from '../mysql/mysql-failure.ts';
import type { ChangeCounts } from './changes.ts';
import type { CheckedRelations } from './check-relations.ts';
import { runsTable, runsTableDdl } from './create-tables.ts';
import { findRunsTable } from './find-runs-table.ts';
import { timeOf } from './published-runs.ts';

/** The run that an import belongs to. */
export interface ImportRun {
  readonly id: string;
  readonly startedAt: Date;
  /** As JSON. */
  readonly parameters: string;
}

/**
 * Writes the row of a run, inside the transactions that write the relations. Another run whose row says `publishing` has died, since this
 * one holds the lock of the table: what it wrote is `partial`, and when it ended stays unknown.
 */
export interface Provenance {
  record(
    connection: Connection,
    state: 'publishing' | 'published',
    relations: CheckedRelations,
    changes: ChangeCounts,
  ): Promise<void>;
  /**
   * Says that the table holds a part of this run, and no more of it will come.
   *
   * @param state what the row says of it so far; another one stays
   */
  markPartial(connection: Connection, state: 'publishing' | 'published'): Promise<void>;
  /** Takes back that this run is publishing: it has written nothing since that was recorded. */
  withdraw(connection: Connection): Promise<void>;
}

/** Makes sure that there is a table for runs. @returns `undefined`, after a warning, when there is none and the user may not create it */
export async function prepareProvenance(
  connection: Connection,
  table: string,
  run: ImportRun,
  effects: Effects,
): Promise<Provenance | undefined> {
  const runs = runsTable(table);
  if ((await findRunsTable(connection, table)) === undefined) {
    try {
      await connection.query(runsTableDdl(table));
    } catch (error) {
      if (!isDenied(error)) {
        throw error;
      }
      effects.log.warn(`Publishing without a record of the run: cannot create table ${runs}: ${messageOf(error)}`, {
        table: runs,
      });
      return undefined;
    }
  }
  const name = escapeId(runs, true);
  /** Now; where the clock was set back, right after what was published or broke off last: by these times the rows tell which run the table holds. */
  const nowOrLater = async (writer: Connection): Promise<Date> => {
    const [[last]] = await writer.query<RowDataPacket[]>(
      `SELECT CAST(MAX(COALESCE(finished_at, started_at)) AS CHAR) AS at FROM ${name} WHERE run_id <> ?`,
      [run.id],
    );
    const at: unknown = last?.['at'];
    // The zero that a server without strict `sql_mode` takes is before all times.
    const earliest = typeof at === 'string' && !at.startsWith('0000') ? timeOf(at, runs).getTime() + 1 : 0;
    return new Date(Math.max(earliest, effects.now().getTime()));
  };
  /** What the row said before this publication; the job need not have the right to delete one that it adds. */
  let before: 'withdrawn' | 'partial' | undefined;
  const stateBefore = async (writer: Connection): Promise<'withdrawn' | 'partial'> => {
    const [[row]] = await writer.query<RowDataPacket[]>(`SELECT state FROM ${name} WHERE run_id = ?`, [run.id]);
    return row === undefined || row['state'] === 'withdrawn' ? 'withdrawn' : 'partial';
  };
  return {
    record: async (connection, state, relations, { added, changed, removed }) => {
      before ??= await stateBefore(connection);
      const now = utc(await nowOrLater(connection));
      const figures = {
        state,
        // Of a run that is cut off it counts whether it wrote behind the one that was published last, which may have begun later than itself.
        started_at: state === 'published' ? utc(run.startedAt) : now,
        finished_at: state === 'published' ? now : null,
        relations: relations.relations,
        sources: relations.sources,
        changed,
        removed,
        sha256: relations.sha256,
        parameters: run.parameters,
      };
      await connection.query(`UPDATE ${name} SET state = 'partial' WHERE state = 'publishing' AND run_id <> ?`, [
        run.id,
      ]);
      // A run that publishes again has its row already. One that was cut off and had begun with nothing adds all of its relations in the end.
      const [updated] = await connection.query<ResultSetHeader>(
        `UPDATE ${name} SET added = IF(state <> 'published' AND added = relations AND sha256 = ?, added, ?), ? WHERE run_id = ?`,
        [relations.sha256, added, figures, run.id],
      );
      if (updated.affectedRows === 0) {
        await connection.query(`INSERT INTO ${name} SET ?`, [{ run_id: run.id, added, ...figures }]);
      }
    },
    markPartial: async (connection, state) => {
      await connection.query(
        `UPDATE ${name} SET state = 'partial', finished_at = NULL WHERE state = ? AND run_id = ?`,
        [state, run.id],
      );
    },
    withdraw: async (connection) => {
      await connection.query(`UPDATE ${name} SET state = ? WHERE state = 'publishing' AND run_id = ?`, [
        before,
        run.id,
      ]);
    },
  };
}

/** As DATETIME(3) takes it; a Date would be written in the time zone of this machine. */
function utc(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', '');
}
