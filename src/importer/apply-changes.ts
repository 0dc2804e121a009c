import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { errorCode } from '../failure.ts';
import type { Change } from './changes.ts';
import type { RelationColumns } from './create-tables.ts';
import { TableStatements } from './statements.ts';

/** Bytes of a statement, far below the smallest `max_allowed_packet` that is a default somewhere (1 MiB). */
const maxStatementBytes = 512 << 10;

/** How often a transaction is tried that lost a deadlock or waited too long for a lock (50 s by default). */
const attempts = 5;

export interface ApplyOptions {
  /** A transaction takes at least so many rows, and then goes on to the end of its last source. */
  readonly batchRows: number;
  /** Called inside the first transaction, and inside the last one, which may be the same. */
  readonly record: (state: 'publishing' | 'published') => Promise<void>;
}

/**
 * Applies changes, sorted by source, in transactions that end where a source ends, so that a reader sees each list as it was or as it
 * will be. Memory: one transaction, some 200 bytes a row; a source with more changes than a batch makes a transaction of its own.
 *
 * @param total how many changes there are
 * @throws the error of the server; the transactions before it are kept
 */
export async function applyChanges(
  connection: Connection,
  table: string,
  columns: RelationColumns,
  changes: AsyncIterable<readonly Change[]>,
  total: number,
  options: ApplyOptions,
  effects: Effects,
): Promise<void> {
  const statements = new TableStatements(table, columns, await statementBytes(connection));
  let done = 0;
  const apply = async (batch: readonly Change[]): Promise<void> => {
    effects.signal.throwIfAborted();
    const last = done + batch.length === total;
    await inTransaction(connection, async () => {
      if (done === 0 && !last) {
        await options.record('publishing');
      }
      for (const statement of statementsOf(statements, batch)) {
        await connection.query(statement);
      }
      if (last) {
        await options.record('published');
      }
    });
    done += batch.length;
    effects.log.debug(`Applied ${done} of ${total} changes`, { done, total });
  };
  if (total === 0) {
    await apply([]);
  }
  for await (const batch of batchesBySource(changes, options.batchRows)) {
    await apply(batch);
  }
}

async function* batchesBySource(changes: AsyncIterable<readonly Change[]>, rows: number): AsyncGenerator<Change[]> {
  let batch: Change[] = [];
  for await (const part of changes) {
    for (const change of part) {
      if (batch.length >= rows && change.source !== batch.at(-1)?.source) {
        yield batch;
        batch = [];
      }
      batch.push(change);
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}

/** Deletions come first: under a collation that takes both for one, `a` may have to go before `A` can come. */
function* statementsOf(statements: TableStatements, batch: readonly Change[]): Generator<string> {
  const only = (op: Change['op']): Change[] => batch.filter((change) => change.op === op);
  yield* statements.deletes(only('-'));
  yield* statements.inserts(only('+'));
  yield* statements.updates(only('~'));
}

async function inTransaction(connection: Connection, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await connection.query('START TRANSACTION');
      await work();
      await connection.query('COMMIT');
      return;
    } catch (error) {
      // After a lost connection this fails as well, and the server has rolled back by itself.
      await connection.query('ROLLBACK').catch(() => {});
      const code = errorCode(error);
      if (attempt === attempts || (code !== 'ER_LOCK_DEADLOCK' && code !== 'ER_LOCK_WAIT_TIMEOUT')) {
        throw error;
      }
    }
  }
}

async function statementBytes(connection: Connection): Promise<number> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT @@max_allowed_packet AS bytes');
  return Math.min(maxStatementBytes, Math.floor(Number(row?.['bytes']) / 2));
}
