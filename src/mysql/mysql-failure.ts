import { ExpectedFailure, errorCode, type FailureKind, messageOf } from '../failure.ts';
import type { MysqlAddress } from './address.ts';

interface Explanation {
  readonly kind: FailureKind;
  readonly remedy?: string;
}

const unavailable: Explanation = {
  kind: 'unavailable',
  remedy: 'Check that the server is up and reachable, then run the same command again.',
};
const forbidden: Explanation = {
  kind: 'noPermission',
  remedy: 'Grant the user what the message names, or its name is misspelt; docs/nightly.md lists what the job needs.',
};
const noPassword: Explanation = {
  kind: 'noPermission',
  remedy:
    'Check the user, the password in ALSO_VIEWED_SOURCE_PASSWORD or ALSO_VIEWED_TARGET_PASSWORD, or the _FILE form of either, and whether the user must connect with TLS (ssl-mode).',
};
const closedAccount: Explanation = { kind: 'noPermission', remedy: 'Unlock the account, or give it a new password.' };
const tooSlow: Explanation = {
  kind: 'unavailable',
  remedy: 'Raise the limit of the server for this user (max_statement_time, max_execution_time), or ask for less.',
};
const refusedStatement: Explanation = {
  kind: 'configuration',
  remedy: 'Check --where, --products, the names in the configuration and the definition of the table.',
};
const refusedRow: Explanation = {
  kind: 'badData',
  remedy: 'A type, a key to another table, a CHECK or a trigger refuses a row: change that rule, or leave the row out.',
};
const readOnly: Explanation = { kind: 'noPermission', remedy: 'The server is read-only; publish to the primary.' };
const noConnection: Explanation = {
  kind: 'unavailable',
  remedy: 'The server has no free connection; run the same command again later.',
};
const overloaded: Explanation = {
  kind: 'unavailable',
  remedy: 'The server has no memory left for this; run the same command again later, or give the server more.',
};
const brokenStorage: Explanation = {
  kind: 'inputOutput',
  remedy: 'The storage of the server fails, or is full; see its error log.',
};
const misnamed: Explanation = {
  kind: 'configuration',
  remedy: 'Check the names of the database, the table and the columns in the configuration.',
};
const misfit: Explanation = { kind: 'badData', remedy: 'Widen the column of the table; nothing was clipped.' };
const later: Explanation = {
  kind: 'tryLater',
  remedy: 'Something else holds the rows; run the same command again later.',
};

/** What the errors of the server, of mysql2 and of the network mean for the operator. */
const explanations: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: unavailable,
  ECONNRESET: unavailable,
  EPIPE: unavailable,
  ENOTFOUND: { kind: 'unavailable', remedy: 'Check the host name.' },
  EAI_AGAIN: { kind: 'unavailable', remedy: 'Check the host name and the name server.' },
  ENOENT: { kind: 'unavailable', remedy: 'Check the path of the socket.' },
  ETIMEDOUT: unavailable,
  EHOSTUNREACH: unavailable,
  ENETUNREACH: unavailable,
  PROTOCOL_CONNECTION_LOST: unavailable,
  ER_SERVER_SHUTDOWN: unavailable,
  ER_SERVER_OFFLINE_MODE: unavailable,
  ER_CON_COUNT_ERROR: noConnection,
  ER_TOO_MANY_USER_CONNECTIONS: noConnection,
  ER_USER_LIMIT_REACHED: {
    kind: 'unavailable',
    remedy: "Raise the user's limit that the message names, or run the same command again later.",
  },
  ER_HOST_IS_BLOCKED: {
    kind: 'unavailable',
    remedy: 'Too many connections from this machine broke off: FLUSH HOSTS on the server lets it in again.',
  },
  ER_HOST_NOT_PRIVILEGED: {
    kind: 'unavailable',
    remedy: "Create the user for this machine (CREATE USER 'user'@'host'), or run the job on one that may connect.",
  },
  ER_CONNECTION_KILLED: unavailable,
  ER_CLIENT_INTERACTION_TIMEOUT: {
    kind: 'unavailable',
    remedy: 'This machine was silent for longer than the server waits (wait_timeout); run the same command again.',
  },
  ER_QUERY_INTERRUPTED: unavailable,
  ER_QUERY_TIMEOUT: tooSlow,
  ER_MAX_PREPARED_STMT_COUNT_REACHED: {
    kind: 'unavailable',
    remedy: 'Raise max_prepared_stmt_count on the server, or run the same command again later.',
  },
  ER_NET_PACKET_TOO_LARGE: { kind: 'configuration', remedy: 'Raise max_allowed_packet on the server.' },
  ER_ACCESS_DENIED_ERROR: noPassword,
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: noPassword,
  ER_ACCOUNT_HAS_BEEN_LOCKED: closedAccount,
  ER_MUST_CHANGE_PASSWORD: closedAccount,
  ER_MUST_CHANGE_PASSWORD_LOGIN: closedAccount,
  ER_DBACCESS_DENIED_ERROR: forbidden,
  ER_TABLEACCESS_DENIED_ERROR: forbidden,
  ER_COLUMNACCESS_DENIED_ERROR: forbidden,
  ER_SPECIFIC_ACCESS_DENIED_ERROR: forbidden,
  ER_OPTION_PREVENTS_STATEMENT: readOnly,
  ER_READ_ONLY_MODE: readOnly,
  ER_INNODB_READ_ONLY: readOnly,
  ER_OPEN_AS_READONLY: readOnly,
  ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: readOnly,
  ER_BAD_DB_ERROR: misnamed,
  ER_NO_SUCH_TABLE: misnamed,
  ER_BAD_FIELD_ERROR: misnamed,
  ER_WARN_DATA_OUT_OF_RANGE: misfit,
  ER_DATA_TOO_LONG: misfit,
  ER_TRUNCATED_WRONG_VALUE_FOR_FIELD: misfit,
  WARN_DATA_TRUNCATED: misfit,
  ER_CHECK_CONSTRAINT_VIOLATED: refusedRow,
  ER_NO_PARTITION_FOR_GIVEN_VALUE: refusedRow,
  ER_DUP_ENTRY: {
    kind: 'badData',
    remedy:
      'Either the collation of the table takes two ids for one: give its id columns a binary collation; or the key that the message names is unique on other columns than the ids: drop it.',
  },
  ER_NO_DEFAULT_FOR_FIELD: {
    kind: 'configuration',
    remedy: 'Give the other columns of the table a default value, or name a table of its own.',
  },
  ER_LOCK_WAIT_TIMEOUT: later,
  ER_LOCK_DEADLOCK: later,
  ER_TABLE_DEF_CHANGED: later,
  ER_LOCK_TABLE_FULL: overloaded,
  ER_TRANS_CACHE_FULL: {
    kind: 'unavailable',
    remedy:
      'All of this is one transaction: raise max_binlog_cache_size on the server, then run the same command again.',
  },
  ER_OUT_OF_RESOURCES: overloaded,
  ER_OUTOFMEMORY: overloaded,
  ER_OUT_OF_SORTMEMORY: overloaded,
  ER_ENGINE_OUT_OF_MEMORY: overloaded,
  ER_GET_ERRNO: brokenStorage,
  ER_ERROR_ON_READ: brokenStorage,
  ER_ERROR_ON_WRITE: brokenStorage,
  ER_TEMP_FILE_WRITE_FAILURE: brokenStorage,
  ER_NOT_KEYFILE: brokenStorage,
  ER_RECORD_FILE_FULL: { kind: 'inputOutput', remedy: 'Make room on the server, then run the same command again.' },
  ER_DISK_FULL: { kind: 'inputOutput', remedy: 'Make room on the server, then run the same command again.' },
  HANDSHAKE_NO_SSL_SUPPORT: {
    kind: 'configuration',
    remedy: 'The server offers no TLS; set ssl-mode=disabled or enable it there.',
  },
  ER_SECURE_TRANSPORT_REQUIRED: {
    kind: 'configuration',
    remedy: 'The server wants TLS; set ssl-mode=verify-identity.',
  },
  // mysql2 gives every failure of TLS this code; what Node found is in the message.
  HANDSHAKE_SSL_ERROR: {
    kind: 'noPermission',
    remedy: 'Give ssl-ca the certificate that signed that of the server; ssl-mode=required does not check it.',
  },
  MYSQL_CLEAR_PASSWORD_NOT_ENABLED: {
    kind: 'configuration',
    remedy:
      'On Amazon RDS, set auth=iam; elsewhere let the account authenticate with caching_sha2_password or mysql_native_password.',
  },
  AUTH_SWITCH_PLUGIN_ERROR: {
    kind: 'configuration',
    remedy: 'Let the account authenticate with caching_sha2_password (MySQL) or mysql_native_password (MariaDB).',
  },
};

/** What Node.js says of a certificate that is from the right authority. */
const certificates: readonly (readonly [RegExp, Explanation])[] = [
  [
    /expired|not yet valid/,
    {
      kind: 'noPermission',
      remedy: "Renew the server's certificate, or set this machine's clock if that is wrong.",
    },
  ],
  [
    /does not match/,
    {
      kind: 'noPermission',
      remedy: 'Connect by a host name that is in the certificate; ssl-mode=verify-ca does not check the name.',
    },
  ],
];

/** Errors of MariaDB that mysql2 has no name for, or MySQL's name for another error, by their number. */
const mariaDbExplanations: Readonly<Record<number, Explanation>> = {
  1969: tooSlow, // ER_STATEMENT_TIMEOUT
  4151: closedAccount, // ER_ACCOUNT_HAS_BEEN_LOCKED
};

/** What an error of the server that stands in no table means, by the class of its SQLSTATE: a server has thousands. */
const classes: Readonly<Record<string, Explanation>> = {
  '08': unavailable, // connection
  22: refusedRow, // data
  23: refusedRow, // constraint
  28: noPassword, // authorization
  40: later, // rollback
  44: refusedRow, // WITH CHECK OPTION of a view
  45: refusedRow, // SIGNAL of a trigger
  70: unavailable, // interrupted
};

/**
 * Turns an error of mysql2 into the failure that an operator can act on.
 *
 * @param cannot what was being done and where: `Cannot export app@db:3306/shop`
 * @returns an `ExpectedFailure`, or the error itself when it is neither the server's, nor the network's
 */
export function mysqlFailure(cannot: string, error: unknown): unknown {
  const explanation = explain(error);
  if (error instanceof ExpectedFailure || explanation === undefined) {
    return error;
  }
  const says = isUseOfLostConnection(error) ? 'the connection is lost' : messageOf(error) || errorCode(error);
  return new ExpectedFailure(explanation.kind, `${cannot}: ${says}`, {
    remedy: explanation.remedy,
    cause: error,
  });
}

/** What is over in a moment: a server that is being started, that has no connection left, or that the network did not reach. */
const passing = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  // The socket of a server that is being started.
  'ENOENT',
  'PROTOCOL_CONNECTION_LOST',
  'ER_SERVER_SHUTDOWN',
  'ER_SERVER_OFFLINE_MODE',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
]);

/** Whether another attempt to connect may succeed after this one failed. */
export function isPassing(error: unknown): boolean {
  const code = errorCode(error) ?? '';
  return (
    !(error instanceof ExpectedFailure) &&
    (passing.has(code) || (code === 'HANDSHAKE_SSL_ERROR' && isLostHandshake(error)))
  );
}

/** The failure of a user whom the server refused in spite of a token or a secret; `undefined` for every other error. */
export function deniedTo({ auth, passwordSecret }: MysqlAddress, cannot: string, error: unknown): unknown {
  if (explain(error) !== noPassword || (auth === undefined && passwordSecret === undefined)) {
    return undefined;
  }
  return new ExpectedFailure('noPermission', `${cannot}: ${messageOf(error)}`, {
    remedy:
      auth === 'iam'
        ? 'Allow rds-db:connect to the role for this user, and create the user with AWSAuthenticationPlugin; docs/connections.md shows both.'
        : `Check the password and the user in the secret ${passwordSecret}.`,
    cause: error,
  });
}

/** Whether the server says that the user lacks a right. */
export function isDenied(error: unknown): boolean {
  return explain(error) === forbidden;
}

function explain(error: unknown): Explanation | undefined {
  const code = errorCode(error);
  const isServers = error instanceof Error && 'sqlState' in error;
  if (code === 'HANDSHAKE_SSL_ERROR' ? isLostHandshake(error) : !isServers && isUseOfLostConnection(error)) {
    return unavailable;
  }
  const certificate =
    code === 'HANDSHAKE_SSL_ERROR' ? certificates.find(([says]) => says.test(messageOf(error))) : undefined;
  if (certificate !== undefined) {
    return certificate[1];
  }
  const number = error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? error.errno : 0;
  // MySQL passes on what its own layer for files says, of a full disk for temporary files, say.
  const known =
    mariaDbExplanations[number] ??
    explanations[code ?? ''] ??
    (isServers && number > 0 && number < 1000 ? brokenStorage : undefined);
  return known ?? (isServers ? (classes[String(error.sqlState).slice(0, 2)] ?? refusedStatement) : undefined);
}

/** A connection that was lost while nothing was under way refuses the next statement with an error that has no code. */
function isUseOfLostConnection(error: unknown): boolean {
  return error instanceof Error && 'fatal' in error && /in closed state$/.test(error.message);
}

/** mysql2 gives its code also to a connection that broke in the middle of the handshake: the rest is the system's error, or Node's. */
function isLostHandshake(error: unknown): boolean {
  return error instanceof Error && ('syscall' in error || /socket disconnected before/.test(error.message));
}
