import { escapeId, type RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { withConnection } from '../mysql/connect.ts';
import { findRunsTable } from './find-runs-table.ts';
import type { MysqlTable } from './import-table.ts';

/** A row of the table of runs. */
export interface PublishedRun {
  readonly run: string;
  /** `published`, `publishing`, `partial` for one that was cut off, or `withdrawn` for a swap that left the table as it was. */
  readonly state: string;
  /** When the run began; of one that is not published, when it began to write, behind whatever was published before that. */
  readonly startedAt: Date;
  readonly finishedAt: Date | undefined;
  readonly relations: number;
  readonly sources: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Of the uncompressed relations file. */
  readonly sha256: string;
}

/**
 * The runs that published to a table, the newest first; none when they were never recorded.
 *
 * @throws ExpectedFailure when the server cannot be reached or refuses, and as `findRunsTable` does
 */
export async function publishedRuns(table: MysqlTable, effects: Effects): Promise<PublishedRun[]> {
  return await withConnection(table.address, table.password, effects, async (connection) => {
    const runs = await findRunsTable(connection, table.table);
    if (runs === undefined) {
      return [];
    }
    // As text: a DATETIME would be taken for one of this machine's time zone.
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT run_id, state, CAST(started_at AS CHAR) AS started, CAST(finished_at AS CHAR) AS finished,
         relations, sources, added, changed, removed, sha256 FROM ${escapeId(runs, true)} ORDER BY started_at DESC, run_id DESC`,
    );
    return rows.map((row) => ({
      run: String(row['run_id']),
      state: String(row['state']),
      startedAt: timeOf(row['started'], runs),
      finishedAt: row['finished'] === null ? undefined : timeOf(row['finished'], runs),
      relations: Number(row['relations']),
      sources: Number(row['sources']),
      added: Number(row['added']),
      changed: Number(row['changed']),
      removed: Number(row['removed']),
      sha256: String(row['sha256']),
    }));
  });
}

/** The run that was published last, whenever it began: the table holds its relations, unless a later one broke off. */
export function currentOf(runs: readonly PublishedRun[]): PublishedRun | undefined {
  const publishedAt = ({ finishedAt }: PublishedRun): number => finishedAt?.getTime() ?? 0;
  return runs.filter(({ state }) => state === 'published').sort((a, b) => publishedAt(b) - publishedAt(a))[0];
}

/** The newest run that has written something since one was published last, if there is any: it is at work, or broke off, and the table holds a part of it. */
export function replacing(runs: readonly PublishedRun[]): PublishedRun | undefined {
  const publishedAt = currentOf(runs)?.finishedAt?.getTime() ?? 0;
  return runs.find(
    ({ state, startedAt }) => state !== 'published' && state !== 'withdrawn' && startedAt.getTime() > publishedAt,
  );
}

/** Behind it a row that is published later would have no time. */
const lastTime = Date.UTC(9999, 0);

/**
 * The time that a DATETIME of the table of runs, as text, stands for.
 *
 * @param runs the name of that table
 * @throws ExpectedFailure `configuration` for what is no time, such as the zero that a server without strict `sql_mode` takes
 */
export function timeOf(datetime: unknown, runs: string): Date {
  const time = new Date(`${String(datetime).replace(' ', 'T')}Z`);
  if (!(time.getTime() < lastTime)) {
    throw new ExpectedFailure(
      'configuration',
      `Cannot use table ${runs}: ${JSON.stringify(datetime)} is no time at which a run began or ended`,
      { remedy: `Delete that row of ${runs}, or give its started_at and finished_at a time in UTC.` },
    );
  }
  return time;
}
