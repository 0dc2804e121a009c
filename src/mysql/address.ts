import { ExpectedFailure } from '../failure.ts';

/** How much of TLS is asked for; the names are MySQL's own (`--ssl-mode`). Only `verify-identity` checks the host name. */
export const sslModes = ['disabled', 'required', 'verify-ca', 'verify-identity'] as const;
export type SslMode = (typeof sslModes)[number];

/** Where a database is and who asks; never the password. */
export interface MysqlAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** A Unix socket, used instead of host and port. */
  readonly socket: string | undefined;
  readonly sslMode: SslMode;
  /** A file of certificates to trust instead of the system's. */
  readonly sslCa: string | undefined;
}

const form = 'mysql://user@host:port/database';

/** Whether a URI names a database rather than a file. */
export function isMysqlUri(uri: string): boolean {
  return uri.startsWith('mysql:');
}

/**
 * Parses `mysql://user@host:port/database?ssl-mode=verify-identity&ssl-ca=FILE&socket=FILE`.
 *
 * @throws ExpectedFailure when it has another form or holds a password: the command line is readable by everyone on the machine
 */
export function parseMysqlUri(uri: string): MysqlAddress {
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    // Not shown: what cannot be parsed may hold a password.
    throw new ExpectedFailure('usage', 'Cannot use the database URI: it cannot be parsed', {
      remedy: `Write ${form}.`,
    });
  }
  if (url.password !== '') {
    throw new ExpectedFailure('usage', 'Cannot use the database URI: it holds a password', {
      remedy:
        'Take the password out and set ALSO_VIEWED_SOURCE_PASSWORD or ALSO_VIEWED_TARGET_PASSWORD, or the _FILE form of either.',
    });
  }
  const database = decodeURIComponent(url.pathname.slice(1));
  const wrong = problem(url, database);
  if (wrong !== undefined) {
    throw new ExpectedFailure('usage', `Cannot use ${uri}: ${wrong}`, {
      remedy: `Write ${form}?ssl-mode=verify-identity, with ssl-mode, ssl-ca and socket as you need them.`,
    });
  }
  const sslMode = sslModes.find((mode) => mode === (url.searchParams.get('ssl-mode') ?? 'disabled').toLowerCase());
  return {
    host: url.hostname.replace(/^\[|\]$/g, '') || 'localhost',
    port: url.port === '' ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username),
    database,
    socket: url.searchParams.get('socket') ?? undefined,
    sslMode: sslMode ?? 'disabled',
    sslCa: url.searchParams.get('ssl-ca') ?? undefined,
  };
}

function problem(url: URL, database: string): string | undefined {
  if (url.username === '') {
    return 'it names no user';
  }
  if (database === '' || database.includes('/')) {
    return 'it names no database';
  }
  const known = ['ssl-mode', 'ssl-ca', 'socket'];
  const unknown = [...url.searchParams.keys()].find((key) => !known.includes(key));
  if (unknown !== undefined) {
    return `it has an unknown parameter ${unknown}`;
  }
  const mode = url.searchParams.get('ssl-mode');
  if (mode !== null && !sslModes.some((each) => each === mode.toLowerCase())) {
    return `ssl-mode ${mode} is none of ${sslModes.join(', ')}`;
  }
  return undefined;
}

/** The address for messages: `user@host:port/database`. */
export function describeAddress(address: MysqlAddress): string {
  return `${address.user}@${address.socket ?? `${address.host}:${address.port}`}/${address.database}`;
}
