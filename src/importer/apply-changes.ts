import type { ResultSetHeader } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { type ChangeBatch, changeBatches } from './change-batches.ts';
import { type Change, opBytes } from './changes.ts';
import type { RelationColumns } from './create-tables.ts';
import { statementBytes } from './statement-bytes.ts';
import { TableStatements } from './statements.ts';
import { serverKind } from './target-table.ts';
import type { Writer } from './writers.ts';

/** The changes to apply, sorted by source. */
export interface PlannedChanges {
  /** Reads them from the first one on, as lines. */
  readonly read: () => AsyncIterable<Uint8Array>;
  /** How many there are. */
  readonly total: number;
  /**
   * Whether the collation of the table takes some ids for one, such as `a` and `A`: the row that has to go may then belong to a later source
   * than the row that comes in its place.
   */
  readonly collated: boolean;
}

export interface ApplyOptions {
  /** A transaction takes at least so many rows, and then goes on to the end of its last source. */
  readonly batchRows: number;
  /** Called inside the first transaction, and inside the last one, which may be the same. */
  readonly record: (writer: Writer, state: 'publishing' | 'published') => Promise<void>;
  /** Waits until so many rows may be written. */
  readonly pace: (rows: number) => Promise<void>;
}

/**
 * Applies changes in transactions that end where a source ends, so that a reader sees each list as it was or as it will be. The writers take
 * turns; the first transaction comes before and the last one behind all others. Memory: a transaction for each writer, some 200 bytes a row;
 * a source with more changes than a batch makes a transaction of its own.
 *
 * Changes of a collated table are all one transaction, deletions first.
 *
 * @throws the error of the server, and ExpectedFailure `inputOutput` when the table has not the rows any more that it was compared with; the
 *   transactions before it are kept
 */
export async function applyChanges(
  writers: readonly [Writer, ...Writer[]],
  table: string,
  columns: RelationColumns,
  changes: PlannedChanges,
  options: ApplyOptions,
  effects: Effects,
): Promise<void> {
  const { total } = changes;
  const [first] = writers;
  const statements = new TableStatements(
    table,
    columns,
    await serverKind(first.connection),
    await statementBytes(first.connection),
  );
  const run = async (writer: Writer, batch: ChangeBatch, ops: readonly Change['op'][]): Promise<void> => {
    for (const op of ops) {
      let rows = 0;
      for (const statement of statements.of(op, batch)) {
        const [{ affectedRows }] = await writer.connection.query<ResultSetHeader>(statement);
        rows += affectedRows;
      }
      const wanted = batch.ops.reduce((count, each) => count + Number(each === opBytes[op]), 0);
      if (rows !== wanted) {
        throw otherRows(table, op, rows, wanted, effects);
      }
    }
  };
  let done = 0;
  const advance = (rows: number): void => {
    done += rows;
    effects.progress({ stage: 'Publishing', done, total, unit: 'relations' });
  };
  advance(0);
  if (total === 0 || changes.collated) {
    await first.transaction(async () => {
      // Again when the transaction is.
      done = 0;
      for (const ops of [['-'], ['+', '~']] as const) {
        for await (const batch of changeBatches(changes.read(), options.batchRows)) {
          await run(first, batch, ops);
          // Each is read twice.
          advance(batch.rows.length / 2);
          effects.alive();
        }
      }
      await options.record(first, 'published');
    });
    return;
  }
  const apply = async (writer: Writer, batch: ChangeBatch, state?: 'publishing' | 'published'): Promise<void> => {
    effects.signal.throwIfAborted();
    await options.pace(batch.rows.length);
    await writer.transaction(async () => {
      await run(writer, batch, ['-', '+', '~']);
      if (state !== undefined) {
        await options.record(writer, state);
      }
    });
    advance(batch.rows.length);
    effects.alive();
    effects.log.debug(`Applied ${done} of ${total} changes`, { done, total });
  };
  const batches = new Batches(changes.read(), options.batchRows, total);
  try {
    const begin = await batches.next();
    if (begin !== undefined) {
      await apply(first, begin, 'publishing');
    }
    await together(writers, async (writer, goesOn) => {
      for (let batch = await batches.next(); batch !== undefined && goesOn(); batch = await batches.next()) {
        await apply(writer, batch);
      }
    });
    await apply(first, batches.last(), 'published');
  } finally {
    await batches.close();
  }
}

/** Changes did not find the rows that the table was compared with. */
function otherRows(
  table: string,
  op: Change['op'],
  rows: number,
  wanted: number,
  { number }: Effects,
): ExpectedFailure {
  const change = { '+': 'add', '~': 'change', '-': 'remove' }[op];
  return new ExpectedFailure(
    'inputOutput',
    `Cannot publish to table ${table}: of ${number(wanted)} rows to ${change}, the server found ${number(rows)}`,
    {
      remedy:
        'Something else writes to the table: stop that and run the same command again. Or its ids have a character set without a way back for some of its characters: give them utf8mb4.',
    },
  );
}

/** Runs `work` with every writer; when one fails, the others end what they are at, and then its error is thrown. */
async function together(
  writers: readonly Writer[],
  work: (writer: Writer, goesOn: () => boolean) => Promise<void>,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  await Promise.all(
    writers.map((writer) =>
      work(writer, () => failure === undefined).catch((error: unknown) => {
        failure ??= { error };
      }),
    ),
  );
  if (failure !== undefined) {
    throw failure.error;
  }
}

/** Batches of changes that end with a source. The last one is kept back. */
class Batches {
  readonly #batches: AsyncGenerator<ChangeBatch>;
  readonly #total: number;
  #given = 0;
  #last: ChangeBatch | undefined;

  constructor(changes: AsyncIterable<Uint8Array>, rows: number, total: number) {
    this.#batches = changeBatches(changes, rows);
    this.#total = total;
  }

  /** The next batch, unless it is the last; several may be asked for at once. */
  async next(): Promise<ChangeBatch | undefined> {
    const { value } = await this.#batches.next();
    const batch: ChangeBatch | undefined = value;
    this.#given += batch?.rows.length ?? 0;
    if (batch !== undefined && this.#given === this.#total) {
      this.#last = batch;
      return undefined;
    }
    return batch;
  }

  last(): ChangeBatch {
    if (this.#last === undefined) {
      throw new Error(`There are ${this.#given} changes and not ${this.#total}`);
    }
    return this.#last;
  }

  async close(): Promise<void> {
    await this.#batches.return(undefined);
  }
}
