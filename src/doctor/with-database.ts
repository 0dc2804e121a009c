import type { Connection } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode } from '../failure.ts';
import { type Grant, grantIfMissing, grantSql } from '../importer/schema.ts';
import type { MysqlAddress } from '../mysql/address.ts';
import { withConnection } from '../mysql/connect.ts';
import type { Report } from './report.ts';

/** A server that takes longer to let us in, in milliseconds, with all attempts, is away: what is asked of it takes time too. */
const connectMs = 4000;

/** Does `work` with a connection that is there soon or never; each attempt that fails is no finding of its own. */
export async function withSwiftConnection<T>(
  address: MysqlAddress,
  password: string | undefined,
  effects: Effects,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const swift = { ...address, connectTimeout: Math.min(address.connectTimeout ?? connectMs, connectMs) };
  const log = { ...effects.log, warn: effects.log.debug };
  return await withConnection(swift, password, { ...effects, log }, work);
}

/**
 * Does `work` with a connection. A user who may not even enter the database is told what to grant.
 *
 * @throws ExpectedFailure as `withSwiftConnection` does
 */
export async function withDatabase(
  report: Report,
  address: MysqlAddress,
  password: string | undefined,
  grants: readonly Grant[],
  effects: Effects,
  work: (connection: Connection) => Promise<void>,
): Promise<void> {
  try {
    await withSwiftConnection(address, password, effects, work);
  } catch (error) {
    if (!(error instanceof ExpectedFailure) || errorCode(error.cause) !== 'ER_DBACCESS_DENIED_ERROR') {
      throw error;
    }
    const [user = `'${address.user}'@'%'`] = /'[^']*'@'[^']*'/.exec(error.message) ?? [];
    const statements = grants.map((grant) => grantSql(grantIfMissing(grant), address.database, user)).join(' ');
    report.failure(error.message, statements, error.kind);
  }
}
