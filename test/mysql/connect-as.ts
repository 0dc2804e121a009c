import { type Connection, createConnection } from 'mysql2/promise';
import type { MysqlAddress } from '#dist/mysql/address.js';

/** A plain connection, as any other program would make it. */
export async function connectAs({ host, port, user, database }: MysqlAddress, password: string): Promise<Connection> {
  return await createConnection({ host, port, user, database, password, charset: 'utf8mb4_bin' });
}
