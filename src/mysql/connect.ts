import { readFile } from 'node:fs/promises';
import { connect as openStream, type Socket } from 'node:net';
import {
  type Connection,
  type ConnectionOptions,
  createConnection,
  type RowDataPacket,
  type SslOptions,
} from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode, fileFailure } from '../failure.ts';
import { describeAddress, type MysqlAddress } from './address.ts';
import { mysqlFailure } from './mysql-failure.ts';

/** A server that does not answer within this time, in milliseconds, counts as away. */
const connectTimeout = 10_000;

/** A peer that vanished without a word is noticed after this many milliseconds of silence, plus the probes of the system. */
const keepAliveDelay = 30_000;

/**
 * Connects and sets a strict `sql_mode` (a value that does not fit is an error, never clipped). The time zone stays the server's.
 *
 * When `effects.signal` is aborted the connection breaks, and so does what it is doing, be it connecting.
 *
 * The caller ends the connection: `end()` after success, `destroy()` in the middle of a result.
 *
 * @throws ExpectedFailure when the server is away, refuses the user, has no such database, or fails the TLS checks that were asked for
 */
export async function connect(
  address: MysqlAddress,
  password: string | undefined,
  effects: Effects,
): Promise<Connection> {
  const cannot = `Cannot connect to ${describeAddress(address)}`;
  effects.signal.throwIfAborted();
  const options = connectionOptions(address, password, await sslOptions(address), effects.signal);
  try {
    const connection = await createConnection({ ...options, database: address.database });
    // Without a listener, a connection that dies while nothing is under way would end the process.
    connection.on('error', () => {});
    await connection.query(
      "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
    );
    return connection;
  } catch (error) {
    effects.signal.throwIfAborted();
    throw errorCode(error) === 'ER_BAD_DB_ERROR'
      ? await missingDatabase(cannot, options, error)
      : mysqlFailure(cannot, error);
  }
}

function connectionOptions(
  address: MysqlAddress,
  password: string | undefined,
  ssl: SslOptions | undefined,
  signal: AbortSignal,
): ConnectionOptions {
  return {
    host: address.host,
    port: address.port,
    // Tells mysql2 that a password may be sent as it is.
    ...(address.socket === undefined ? {} : { socketPath: address.socket }),
    stream: () => openSocket(address, signal),
    user: address.user,
    charset: 'utf8mb4_bin',
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    connectTimeout,
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

async function sslOptions(address: MysqlAddress): Promise<SslOptions | undefined> {
  if (address.sslMode === 'disabled') {
    return undefined;
  }
  let ca: Buffer | undefined;
  if (address.sslCa !== undefined) {
    try {
      ca = await readFile(address.sslCa);
    } catch (error) {
      throw fileFailure('read', address.sslCa, error);
    }
  }
  return {
    rejectUnauthorized: address.sslMode !== 'required',
    verifyIdentity: address.sslMode === 'verify-identity',
    ...(ca === undefined ? {} : { ca }),
  };
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
    return result;
  } catch (error) {
    connection.destroy();
    effects.signal.throwIfAborted();
    throw mysqlFailure(`Cannot use ${describeAddress(address)}`, error);
  }
}
