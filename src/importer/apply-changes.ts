import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { errorCode, messageOf } from '../failure.ts';
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
 * Where a collation takes `a` and `A` for one and the first gives way to the second, the row that has to go may belong to a later source
 * than the row that comes. Only a refused row tells: all changes that are left are then applied in one transaction, deletions first.
 *
 * @param changes reads them from the first one on
 * @param total how many there are
 * @throws the error of the server; the transactions before it are kept
 */
export async function applyChanges(
  connection: Connection,
  table: string,
  columns: RelationColumns,
  changes: () => AsyncIterable<readonly Change[]>,
  total: number,
  options: ApplyOptions,
  effects: Effects,
): Promise<void> {
  const statements = new TableStatements(table, columns, await statementBytes(connection));
  let done = 0;
  const run = async (batch: readonly Change[], ops: readonly Change['op'][]): Promise<void> => {
    for (const op of ops) {
      const rows = batch.filter((change) => change.op === op);
      for (const statement of statements.of(op, rows)) {
        await connection.query(statement);
      }
    }
  };
  const transaction = async (count: number, work: () => Promise<void>): Promise<void> => {
    effects.signal.throwIfAborted();
    const last = done + count === total;
    await inTransaction(connection, effects, async () => {
      if (done === 0 && !last) {
        await options.record('publishing');
      }
      await work();
      if (last) {
        await options.record('published');
      }
    });
    done += count;
    effects.log.debug(`Applied ${done} of ${total} changes`, { done, total });
  };
  if (total === 0) {
    await transaction(0, async () => {});
  }
  try {
    for await (const batch of batchesBySource(changes(), options.batchRows)) {
      await transaction(batch.length, () => run(batch, ['-', '+', '~']));
    }
  } catch (error) {
    if (errorCode(error) !== 'ER_DUP_ENTRY') {
      throw error;
    }
    const from = done;
    await transaction(total - from, async () => {
      for await (const part of skip(changes(), from)) {
        await run(part, ['-']);
      }
      for await (const part of skip(changes(), from)) {
        await run(part, ['+', '~']);
      }
    });
  }
}

async function* skip(changes: AsyncIterable<readonly Change[]>, count: number): AsyncGenerator<readonly Change[]> {
  let before = 0;
  for await (const part of changes) {
    yield part.slice(Math.max(0, count - before));
    before += part.length;
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

async function inTransaction(connection: Connection, effects: Effects, work: () => Promise<void>): Promise<void> {
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
      effects.log.info(`Trying a transaction again, ${attempt} of ${attempts - 1} times: ${messageOf(error)}`, {
        code,
      });
    }
  }
}

async function statementBytes(connection: Connection): Promise<number> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT @@max_allowed_packet AS bytes');
  return Math.min(maxStatementBytes, Math.floor(Number(row?.['bytes']) / 2));
}
