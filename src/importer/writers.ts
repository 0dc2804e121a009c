import { createHash } from 'node:crypto';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode, messageOf } from '../failure.ts';
import type { MysqlAddress } from '../mysql/address.ts';
import { withConnection } from '../mysql/connect.ts';
import { tellHolder } from './holder-figures.ts';
import { publisherOf } from './publisher-of.ts';

/** Connections that write at once. A second one pays where the server has a core for it; on a loaded machine it neither paid nor harmed. */
const writerCount = 2;

/** How long, in seconds, the server keeps a silent connection and with it its lock: the next publisher is not to wait for a host that is gone. */
const idleTimeout = 45;

/**
 * How long, in seconds, a statement waits at most for a row that another transaction has locked. The server does not look after a connection
 * meanwhile: this and the silence afterwards, together, are less than a minute.
 */
const rowLockTimeout = 10;

/**
 * How long, in seconds, the server waits for the next bytes of rows that it is being given (LOAD DATA LOCAL): twice, and nothing else ends
 * such a statement of a host that is gone.
 */
const rowsTimeout = 20;

/** How long the server waits for a share before it answers, in milliseconds: then it is asked again, if there is patience. */
const waitMs = 1000;

/** How long a process that was killed is waited for without any patience, in milliseconds: its server ends the statement that it was at first. */
const noticedMs = 5000;

/** How often a connection says that it is there, in milliseconds. */
const keepAlive = 15_000;

/** How often a transaction is tried that lost a deadlock or waited too long for a lock: two minutes in all. */
export const attempts = 12;

/** A connection that writes to a table. */
export interface Writer {
  readonly connection: Connection;
  /**
   * Runs `work` in a transaction, again if it lost a deadlock or waited too long for a lock. Commits only while this connection holds its
   * share of the table's lock.
   *
   * @throws ExpectedFailure `tryLater` when the lock is lost; the error of the server
   */
  transaction(work: () => Promise<void>): Promise<void>;
  /**
   * Commits the transaction that the connection is in.
   *
   * @throws ExpectedFailure `tryLater`, without committing, when the lock is lost
   */
  commit(): Promise<void>;
}

/**
 * Runs `work` with the connections that write to a table. Each holds its share of the table's lock, so that no two imports write at once
 * and no connection goes on writing once its share is lost. Every publisher takes all shares, in the same order.
 *
 * @param patience milliseconds to wait for a share that another connection holds
 * @throws ExpectedFailure `tryLater`, with who holds a share, at once unless there is patience or the holder is known to have been killed;
 *   whatever `work` throws
 */
export async function withWriters<T>(
  address: MysqlAddress,
  password: string | undefined,
  table: string,
  effects: Effects,
  work: (writers: readonly [Writer, ...Writer[]]) => Promise<T>,
  patience = 0,
): Promise<T> {
  const open = async (writers: readonly Writer[]): Promise<T> => {
    const [first, ...others] = writers;
    if (first !== undefined && writers.length === writerCount) {
      return await work([first, ...others]);
    }
    return await withConnection(address, password, effects, (connection) => {
      const lock = lockName(address.database, table, writers.length + 1);
      return withLock(connection, lock, table, patience, effects, () =>
        open([...writers, new LockedWriter(connection, lock, table, effects)]),
      );
    });
  };
  return await open([]);
}

async function withLock<T>(
  connection: Connection,
  name: string,
  table: string,
  patience: number,
  effects: Effects,
  work: () => Promise<T>,
): Promise<T> {
  let left = patience;
  let wait = 0;
  while (!(await isGranted(connection, name, wait))) {
    left -= wait;
    if (wait === 0) {
      const publisher = await publisherOf(connection, name, table);
      if (publisher.hasEnded) {
        left = Math.max(left, noticedMs);
        effects.log.info(`The server has not yet noticed that ${publisher.name} was killed: giving it some seconds`);
      } else if (left > 0) {
        effects.log.info(`Waiting for ${publisher.name}, which is publishing to table ${table}`);
      }
    }
    if (left <= 0) {
      const publisher = await publisherOf(connection, name, table);
      throw new ExpectedFailure('tryLater', `Cannot publish to table ${table}: ${publisher.name} is publishing to it`, {
        remedy: 'Run the same command again once the other import has ended, or let it wait: --wait 10m.',
      });
    }
    wait = Math.min(waitMs, left);
    // Who waits does not hang.
    effects.alive();
  }
  let asking = false;
  const timer = setInterval(() => {
    if (!asking) {
      asking = true;
      // A connection that is lost says so to the next statement of the work.
      const answered = (): void => {
        asking = false;
      };
      connection.query('DO 1').then(answered, answered);
    }
  }, keepAlive);
  try {
    await connection.query(
      `SET SESSION wait_timeout = ${idleTimeout}, net_read_timeout = ${rowsTimeout}, innodb_lock_wait_timeout = CAST(LEAST(@@innodb_lock_wait_timeout, ${rowLockTimeout}) AS UNSIGNED)`,
    );
    await tellHolder(connection, { pid: process.pid, since: effects.now() });
    return await work();
  } finally {
    clearInterval(timer);
    // The server would release it a moment after the end of the connection: too late for an import that starts at once.
    await connection.query('DO RELEASE_LOCK(?)', [name]).catch(() => {});
  }
}

async function isGranted(connection: Connection, name: string, ms: number): Promise<boolean> {
  const [[lock]] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS granted', [name, ms / 1000]);
  return Number(lock?.['granted']) === 1;
}

/** Whether a transaction lost a deadlock or waited too long for a lock: the same again may well succeed. */
export function isPassingLock(error: unknown): boolean {
  return ['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT'].includes(errorCode(error) ?? '');
}

/** At most 64 characters, as MySQL asks. Letter case is left out, because some servers take two spellings for one table. */
export function lockName(database: string, table: string, share: number): string {
  const digest = createHash('sha256').update(`${database}.${table}`.toLowerCase()).digest('hex');
  return `also-viewed:${digest.slice(0, 40)}:${share}`;
}

class LockedWriter implements Writer {
  readonly connection: Connection;
  readonly #lock: string;
  readonly #table: string;
  readonly #effects: Effects;

  constructor(connection: Connection, lock: string, table: string, effects: Effects) {
    this.connection = connection;
    this.#lock = lock;
    this.#table = table;
    this.#effects = effects;
  }

  async transaction(work: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.connection.query('START TRANSACTION');
        await work();
        await this.commit();
        return;
      } catch (error) {
        // After a lost connection this fails as well, and the server has rolled back by itself.
        await this.connection.query('ROLLBACK').catch(() => {});
        if (attempt === attempts || !isPassingLock(error)) {
          throw error;
        }
        this.#effects.log.info(`Trying a transaction again, ${attempt} of ${attempts - 1} times: ${messageOf(error)}`, {
          code: errorCode(error),
        });
      }
    }
  }

  async commit(): Promise<void> {
    await this.#checkLock();
    await this.connection.query('COMMIT');
  }

  /** A proxy may give a session another connection, and an administrator may take a lock away. */
  async #checkLock(): Promise<void> {
    const [[row]] = await this.connection.query<RowDataPacket[]>('SELECT IS_USED_LOCK(?) = CONNECTION_ID() AS held', [
      this.#lock,
    ]);
    if (Number(row?.['held']) !== 1) {
      throw new ExpectedFailure('tryLater', `Cannot go on publishing to table ${this.#table}: its lock is lost`, {
        remedy: 'Each list is the old or the new one. Run the same command again to finish.',
      });
    }
  }
}
