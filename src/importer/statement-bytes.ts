import type { Connection, RowDataPacket } from 'mysql2/promise';

/** Bytes of a statement, far below the smallest `max_allowed_packet` that is a default somewhere (1 MiB). */
const maxStatementBytes = 512 << 10;

/** How many bytes a statement may have that the server is sure to take. */
export async function statementBytes(connection: Connection): Promise<number> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT @@max_allowed_packet AS bytes');
  return Math.min(maxStatementBytes, Math.floor(Number(row?.['bytes']) / 2));
}
