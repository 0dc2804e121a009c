import { parseMs } from '../duration.ts';
import { ExpectedFailure } from '../failure.ts';
import { redact } from '../redact.ts';
import { hasAmazonCertificate } from './amazon-rds.ts';

/** How much of TLS is asked for; the names are MySQL's own (`--ssl-mode`). Only `verify-identity` checks the host name. */
export const sslModes = ['disabled', 'required', 'verify-ca', 'verify-identity'] as const;
export type SslMode = (typeof sslModes)[number];

/** Where a database is and who asks; never the password. */
export interface MysqlAddress {
  readonly host: string;
  readonly port: number;
  /** Empty when the secret names the user. */
  readonly user: string;
  readonly database: string;
  /** A Unix socket, used instead of host and port. */
  readonly socket: string | undefined;
  readonly sslMode: SslMode;
  /** A file of certificates to trust instead of the system's, or of Amazon's for a host of RDS. */
  readonly sslCa: string | undefined;
  /** `iam`: an IAM token of the user takes the place of a password. */
  readonly auth?: 'iam' | undefined;
  /** Name or ARN of the secret of AWS Secrets Manager that holds the password, and maybe the user. */
  readonly passwordSecret?: string | undefined;
  /** How long connecting may take with all its attempts, in milliseconds. */
  readonly connectTimeout?: number | undefined;
}

const form = 'mysql://user@host:port/database';

/** What a URI may say behind its question mark. */
export const parameters = ['ssl-mode', 'ssl-ca', 'socket', 'auth', 'password-secret', 'connect-timeout'] as const;

/** Whether a URI names a database rather than a file. */
export function isMysqlUri(uri: string): boolean {
  return uri.startsWith('mysql:');
}

/**
 * Parses `mysql://user@host:port/database?ssl-mode=verify-identity&ssl-ca=FILE&socket=FILE`; the other parameters are
 * `auth=iam`, `password-secret=NAME` and `connect-timeout=DURATION`.
 *
 * Without `ssl-mode` a host of Amazon RDS is connected to with `verify-identity`, since its certificates are at hand, and every other one
 * without TLS.
 *
 * @throws ExpectedFailure when it has another form or holds a password: the command line is readable by everyone on the machine
 */
export function parseMysqlUri(uri: string): MysqlAddress {
  let url: URL;
  let user: string;
  let database: string;
  try {
    // Of `mysql:u:secret@host` all is path.
    url = new URL(/^mysql:\/\//i.test(uri) ? uri : '');
    user = decodeURIComponent(url.username);
    database = decodeURIComponent(url.pathname.slice(1));
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
  const given = (name: string): string | undefined => url.searchParams.get(name) ?? undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '') || 'localhost';
  const usual = hasAmazonCertificate(host) && given('socket') === undefined ? 'verify-identity' : 'disabled';
  const sslMode = sslModes.find((mode) => mode === (given('ssl-mode') ?? usual).toLowerCase());
  const wrong = problem(url, database) ?? (sslMode === 'disabled' ? withoutTls(url) : undefined);
  if (wrong !== undefined) {
    // What is behind it may be a password under a name of its own.
    const shown = redact(uri).replace(/[?#].*/s, '');
    throw new ExpectedFailure('usage', `Cannot use ${shown}: ${wrong}`, {
      remedy: `Write ${form}?ssl-mode=verify-identity, with ${parameters.join(', ')} as you need them.`,
    });
  }
  const timeout = given('connect-timeout');
  return {
    host,
    port: url.port === '' ? 3306 : Number(url.port),
    user,
    database,
    socket: given('socket'),
    sslMode: sslMode ?? 'disabled',
    sslCa: given('ssl-ca'),
    auth: given('auth') === 'iam' ? 'iam' : undefined,
    passwordSecret: given('password-secret'),
    connectTimeout: timeout === undefined ? undefined : parseMs(timeout),
  };
}

function problem(url: URL, database: string): string | undefined {
  const { searchParams } = url;
  if (url.username === '' && !searchParams.has('password-secret')) {
    return 'it names no user';
  }
  if (database === '' || database.includes('/')) {
    return 'it names no database';
  }
  if (url.port === '0') {
    return 'its port is 0';
  }
  if (url.hash !== '') {
    return 'a # in it must be written %23';
  }
  const names = [...searchParams.keys()];
  const unknown = names.find((name) => !parameters.some((known) => known === name));
  if (unknown !== undefined) {
    return `it has an unknown parameter ${unknown}`;
  }
  const odd = names.find((name) => searchParams.getAll(name).join('') === '' || searchParams.getAll(name).length > 1);
  if (odd !== undefined) {
    return `it must give ${odd} one value`;
  }
  const mode = searchParams.get('ssl-mode');
  if (mode !== null && !sslModes.some((each) => each === mode.toLowerCase())) {
    return `ssl-mode ${mode} is none of ${sslModes.join(', ')}`;
  }
  if (searchParams.has('auth') && searchParams.get('auth') !== 'iam') {
    return 'auth can only be iam; without it there is a password';
  }
  if (searchParams.has('auth') && searchParams.has('password-secret')) {
    return 'auth=iam needs no password-secret';
  }
  const timeout = searchParams.get('connect-timeout');
  if (timeout !== null && !parseMs(timeout)) {
    return `connect-timeout ${timeout} is no duration such as 30s or 5m`;
  }
  return undefined;
}

/** What must not go through a connection that others can read: a token is as good as a password for a quarter of an hour. */
function withoutTls(url: URL): string | undefined {
  return url.searchParams.has('auth') ? 'auth=iam needs TLS: add ssl-mode=verify-identity' : undefined;
}

/** The address for messages: `user@host:port/database`. */
export function describeAddress(address: MysqlAddress): string {
  const user = address.user === '' ? '' : `${address.user}@`;
  return `${user}${address.socket ?? `${address.host}:${address.port}`}/${address.database}`;
}
