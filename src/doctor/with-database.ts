import type { Connection } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode } from '../failure.ts';
import { type Grant, grantSql } from '../importer/schema.ts';
import type { MysqlAddress } from '../mysql/address.ts';
import { withConnection } from '../mysql/connect.ts';
import type { Report } from './report.ts';

/**
 * Does `work` with a connection. A user who may not even enter the database is told what to grant.
 *
 * @throws ExpectedFailure as `withConnection` does
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
    await withConnection(address, password, effects, work);
  } catch (error) {
    if (!(error instanceof ExpectedFailure) || errorCode(error.cause) !== 'ER_DBACCESS_DENIED_ERROR') {
      throw error;
    }
    const [user = `'${address.user}'@'%'`] = /'[^']*'@'[^']*'/.exec(error.message) ?? [];
    const statements = grants.map((grant) => grantSql(grant, address.database, user)).join(' ');
    report.failure(error.message, statements, error.kind);
  }
}
