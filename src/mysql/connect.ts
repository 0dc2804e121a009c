import { connect as openStream, type Socket } from 'node:net';
import { hostname } from 'node:os';
import process from 'node:process';
import {
  type Connection,
  type ConnectionOptions,
  createConnection,
  type RowDataPacket,
  type SslOptions,
} from 'mysql2/promise';
import pRetry from 'p-retry';
import { duration } from '../duration.ts';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode, messageOf } from '../failure.ts';
import { formatProcess, thisProcess } from '../process-identity.ts';
import { describeAddress, type MysqlAddress } from './address.ts';
import { type Credentials, credentialsFor } from './credentials.ts';
import { deniedTo, isPassing, mysqlFailure } from './mysql-failure.ts';
import { tlsOptions } from './tls-options.ts';

/** A server that does not answer within this time, in milliseconds, counts as away. */
const answerMs = 10_000;

/** How long connecting may take with all its attempts, in milliseconds: a server that is started anew is back by then. */
const defaultTimeout = 15_000;

/** The first attempt that fails is repeated after half a second to a second, each later one after twice as long. */
const backOff = { retries: Number.POSITIVE_INFINITY, minTimeout: 500, maxTimeout: 10_000, factor: 2, randomize: true };

/** The default of `sql_select_limit`: rows that are left out of a result are not told from rows that are not there. */
const noLimit = 2n ** 64n - 1n;

/** A peer that vanished without a word is noticed after this many milliseconds of silence, plus the probes of the system. */
const keepAliveDelay = 30_000;

/**
 * Connects and sets a strict `sql_mode` (a value that does not fit is an error, never clipped, and 0 is an id like others). What a server may set
 * for people's sessions (by `init_connect`, for one) is taken back: another character set, transactions that nobody began or that another one
 * follows, keys that are not checked, results cut off, changes refused that name no key, transactions of MariaDB that end when a slow disk makes
 * them wait. The time zone stays the server's.
 *
 * A server that is away, is starting, or has no connection left is tried again until `address.connectTimeout` is over; nothing has
 * been asked of it by then. What another attempt would not change fails at once.
 *
 * When `effects.signal` is aborted the connection breaks, and so does what it is doing, be it connecting.
 *
 * The caller ends the connection: `end()` after success, `destroy()` in the middle of a result.
 *
 * @param password `undefined` when there is none, or the address says where it is
 * @throws ExpectedFailure when the server is away, refuses the user, has no such database, or fails the TLS checks that were asked for, and when
 *   the password cannot be had
 */
export async function connect(
  address: MysqlAddress,
  password: string | undefined,
  effects: Effects,
): Promise<Connection> {
  const cannot = `Cannot connect to ${describeAddress(address)}`;
  effects.signal.throwIfAborted();
  const ssl = await tlsOptions(address);
  const maxRetryTime = address.connectTimeout ?? defaultTimeout;
  const end = performance.now() + maxRetryTime;
  const left = (): number => end - performance.now();
  const attempt = async (): Promise<Connection> => {
    const credentials = await credentialsFor(address, password, effects);
    const connectTimeout = Math.max(1_000, Math.min(answerMs, left()));
    return await open(address, cannot, {
      ...connectionOptions(address, credentials, ssl, effects),
      connectTimeout,
    });
  };
  try {
    return await pRetry(attempt, {
      ...backOff,
      maxRetryTime,
      signal: effects.signal,
      shouldRetry: ({ error }) => isPassing(error),
      onFailedAttempt: ({ error, attemptNumber }) => {
        const more = left();
        if (isPassing(error) && more > 0 && !effects.signal.aborted) {
          const says = messageOf(error) || errorCode(error);
          effects.log.warn(`${cannot}: ${says}. Trying again, for ${duration(Math.max(1000, more))} at most`, {
            attempt: attemptNumber,
          });
        }
      },
    });
  } catch (error) {
    effects.signal.throwIfAborted();
    throw deniedTo(address, cannot, error) ?? mysqlFailure(cannot, error);
  }
}

/** One attempt. */
async function open(address: MysqlAddress, cannot: string, options: ConnectionOptions): Promise<Connection> {
  let connection: Connection;
  try {
    connection = await createConnection({ ...options, database: address.database });
  } catch (error) {
    throw errorCode(error) === 'ER_BAD_DB_ERROR' ? await missingDatabase(cannot, options, error) : error;
  }
  // Without a listener, a connection that dies while nothing is under way would end the process.
  connection.on('error', () => {});
  try {
    await connection.query(
      `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
        character_set_client = utf8mb4, character_set_results = utf8mb4, collation_connection = utf8mb4_bin,
        autocommit = 1, completion_type = 0, foreign_key_checks = 1, unique_checks = 1,
        sql_safe_updates = 0, sql_select_limit = ${noLimit}, sql_big_selects = 1
        /*M!100300 , idle_transaction_timeout = 0, idle_readonly_transaction_timeout = 0, idle_write_transaction_timeout = 0 */`,
    );
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

function connectionOptions(
  address: MysqlAddress,
  { user, password }: Credentials,
  ssl: SslOptions | undefined,
  { signal, now }: Effects,
): ConnectionOptions {
  return {
    host: address.host,
    port: address.port,
    // Tells mysql2 that a password may be sent as it is.
    ...(address.socket === undefined ? {} : { socketPath: address.socket }),
    stream: () => openSocket(address, signal),
    user,
    charset: 'utf8mb4_bin',
    // For whoever meets this connection on the server (publisher-of.ts).
    connectAttributes: {
      program_name: 'also-viewed',
      client_host: hostname(),
      client_pid: `${process.pid}`,
      client_since: now().toISOString(),
      client_process: formatProcess(thisProcess()),
    },
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    // RDS reads a token as it is; an address with one has TLS.
    enableCleartextPlugin: address.auth === 'iam',
    ...(password === undefined ? {} : { password }),
    ...(ssl === undefined ? {} : { ssl }),
  };
}

/** Our own socket, because `destroy()` of mysql2 only says goodbye: a statement under way would then never settle. */
function openSocket(address: MysqlAddress, signal: AbortSignal): Socket {
  const socket = openStream({
    ...(address.socket === undefined ? { host: address.host, port: address.port } : { path: address.socket }),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveDelay,
  });
  // Nothing more is said then, and nothing that is still to come is wanted.
  socket.once('finish', () => socket.destroy());
  // Not the socket's own `signal` option: Node 20 never takes that listener away again.
  const stop = (): void => {
    socket.destroy(new Error('The job was told to stop'));
  };
  if (signal.aborted) {
    stop();
  }
  signal.addEventListener('abort', stop);
  socket.once('close', () => signal.removeEventListener('abort', stop));
  // mysql2 gives TLS no name to check when the host is an IP address, and Node then takes this one, or else "localhost": any server with
  // a certificate for its own localhost would pass, and the right one would not.
  return Object.assign(socket, { _host: address.host });
}

/** The failure that names the databases that there are. */
async function missingDatabase(cannot: string, options: ConnectionOptions, error: unknown): Promise<unknown> {
  const connection = await createConnection(options).catch(() => undefined);
  if (connection === undefined) {
    return mysqlFailure(cannot, error);
  }
  try {
    const [rows] = await connection.query<RowDataPacket[]>('SHOW DATABASES');
    const names = rows.map((row) => Object.values(row).join()).join(', ');
    return new ExpectedFailure('configuration', `${cannot}: there is no such database, only ${names}`, {
      remedy: 'Name the database in the URI or the configuration.',
      cause: error,
    });
  } finally {
    connection.destroy();
  }
}

/** Runs `work` with a connection of its own, which is closed whatever happens. */
export async function withConnection<T>(
  address: MysqlAddress,
  password: string | undefined,
  effects: Effects,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connect(address, password, effects);
  try {
    const result = await work(connection);
    await connection.end();
    // Said goodbye, it is left to the server to close, which one that has fallen silent never does.
    connection.destroy();
    return result;
  } catch (error) {
    connection.destroy();
    effects.signal.throwIfAborted();
    throw mysqlFailure(`Cannot use ${describeAddress(address)}`, error);
  }
}
