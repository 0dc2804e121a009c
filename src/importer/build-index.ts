import type { Writer } from './writers.ts';

/** Memory of the server for building an index. */
const indexBufferBytes = 64 << 20;

/** Runs an ALTER TABLE that builds indexes. */
export async function buildIndex({ connection }: Writer, ddl: string): Promise<void> {
  // MySQL builds an index in pieces of this size, by default 1 MiB; MariaDB has no such variable.
  await connection.query(`SET SESSION innodb_ddl_buffer_size = ${indexBufferBytes}`).catch(() => {});
  await connection.query(ddl);
}
