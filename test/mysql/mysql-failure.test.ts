import { describe, expect, inject, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { withConnection } from '#dist/mysql/connect.js';
import { mysqlFailure } from '#dist/mysql/mysql-failure.js';
import { ownSchema } from './own-schema.ts';

/** An error as mysql2 makes it of what a server sends. */
function serverError(code: string | undefined, sqlState: string): Error {
  return Object.assign(new Error('what the server says'), { code, errno: 9999, sqlState });
}

test.each([
  ['ER_HOST_NOT_PRIVILEGED', 'HY000', 'unavailable'],
  // Before the handshake is over there is no state.
  ['ER_HOST_IS_BLOCKED', '', 'unavailable'],
  ['ER_CON_COUNT_ERROR', '08004', 'unavailable'],
  ['ER_CLIENT_INTERACTION_TIMEOUT', 'HY000', 'unavailable'],
  ['ER_LOCK_TABLE_FULL', 'HY000', 'unavailable'],
  ['ER_TRANS_CACHE_FULL', 'HY000', 'unavailable'],
  ['ER_SERVER_OFFLINE_MODE', 'HY000', 'unavailable'],
  ['ER_TEMP_FILE_WRITE_FAILURE', 'HY000', 'inputOutput'],
  ['ER_NOT_KEYFILE', 'HY000', 'inputOutput'],
  ['ER_INNODB_READ_ONLY', 'HY000', 'noPermission'],
  ['ER_OPEN_AS_READONLY', 'HY000', 'noPermission'],
  ['ER_TABLE_DEF_CHANGED', 'HY000', 'tryLater'],
  ['ER_CHECK_CONSTRAINT_VIOLATED', 'HY000', 'badData'],
  ['ER_TRUNCATED_WRONG_VALUE', '22007', 'badData'],
  [undefined, '08S01', 'unavailable'],
  [undefined, '22032', 'badData'],
  [undefined, '23000', 'badData'],
  [undefined, '28000', 'noPermission'],
  [undefined, '40001', 'tryLater'],
  [undefined, '45000', 'badData'],
  [undefined, '42000', 'configuration'],
  [undefined, 'HY000', 'configuration'],
  [undefined, '', 'configuration'],
])('what a server refuses with %s, %s is %s', (code, sqlState, kind) => {
  const cause = serverError(code, sqlState);
  expect(mysqlFailure('Cannot do it', cause)).toMatchObject({
    name: 'ExpectedFailure',
    kind,
    message: 'Cannot do it: what the server says',
    remedy: expect.any(String),
    cause,
  });
});

test('what is no error of a server or a network stays what it is', () => {
  const bug = new TypeError('undefined is not a function');
  expect(mysqlFailure('Cannot do it', bug)).toBe(bug);
});

test('what MySQL passes on of its own files is a fault of its storage', () => {
  const cause = Object.assign(new Error("Error writing file '/tmp/MYfd=34' (OS errno 28 - No space left on device)"), {
    errno: 3,
    sqlState: 'HY000',
  });
  expect(mysqlFailure('Cannot do it', cause)).toMatchObject({
    kind: 'inputOutput',
    remedy: expect.stringContaining('or is full'),
  });
});

test('a statement for a connection that was lost meanwhile says so', () => {
  const cause = Object.assign(new Error("Can't add new command when connection is in closed state"), { fatal: true });
  expect(mysqlFailure('Cannot do it', cause)).toMatchObject({
    kind: 'unavailable',
    message: 'Cannot do it: the connection is lost',
  });
});

describe.each(inject('databases').map((server) => [server.kind, server] as const))('%s', (_kind, server) => {
  const schema = ownSchema(server);

  test.each([
    ['a value that does not fit its type', "INSERT INTO t (day) VALUES ('yesterday')", 'badData'],
    ['a NULL', 'INSERT INTO t (nr) VALUES (NULL)', 'badData'],
    ['a key to a row that does not exist', 'INSERT INTO t (parent) VALUES (7)', 'badData'],
    ['a CHECK', 'INSERT INTO t (small) VALUES (11)', 'badData'],
    ['a SIGNAL', "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'", 'badData'],
    [
      'two collations in one comparison',
      "SELECT 'a' COLLATE utf8mb4_bin = 'a' COLLATE utf8mb4_general_ci",
      'configuration',
    ],
    ['a function that does not exist', 'SELECT nope(1)', 'configuration'],
  ])('an error is expected for %s', async (_, sql, kind) => {
    await schema().root.query(
      'CREATE TABLE IF NOT EXISTS t (nr INT NOT NULL DEFAULT 1 UNIQUE, day DATE, small INT CHECK (small < 10), parent INT, FOREIGN KEY (parent) REFERENCES t (nr))',
    );
    const work = withConnection(schema().address(), schema().password, defaultEffects(), (connection) =>
      connection.query(sql),
    );
    await expect(work).rejects.toMatchObject({ name: 'ExpectedFailure', kind });
  });
});
