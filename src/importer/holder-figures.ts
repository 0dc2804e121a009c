import type { Connection, RowDataPacket } from 'mysql2/promise';

/** What the holder of a lock says of itself. */
export interface HolderFigures {
  readonly pid: number;
  readonly since: Date;
}

/** Bits of a pid, which Linux keeps below 2^22, and of seconds of Unix time, until 2106. */
const pidBits = 22;
const sinceBits = 32;

/**
 * Says who holds the lock of a table, in the one thing of a session that every server shows to the others: locks. Besides the lock it holds one for
 * each bit that is set, until its connection ends. What a client says when it connects is seen in performance_schema alone, which is switched off by
 * default on MariaDB; and a list of processes shows statements that are under way. A server that does not let it say so may still be published to.
 */
export async function tellHolder(connection: Connection, { pid, since }: HolderFigures): Promise<void> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT CONNECTION_ID() AS id');
  const figures = bitsOf(pid, pidBits) + bitsOf(Math.floor(since.getTime() / 1000), sinceBits);
  const names = bitNames(row?.['id']).filter((_, at) => figures[at] === '1');
  const locks = names.map(() => 'GET_LOCK(?, 0)').join(' + ');
  await connection.query(`DO IF(@@performance_schema, 0, ${locks})`, names).catch(() => {});
}

/** What the connection with this id says of itself; `undefined` where it says nothing. */
export async function holderFigures(connection: Connection, id: unknown): Promise<HolderFigures | undefined> {
  const names = bitNames(id);
  const bits = names.map(() => 'IS_USED_LOCK(?) IS NOT NULL').join(', ');
  const [[row]] = await connection.query<RowDataPacket[]>(`SELECT CONCAT(${bits}) AS figures`, names);
  const figures = String(row?.['figures']);
  const [pid, seconds] = [figures.slice(0, pidBits), figures.slice(pidBits)].map((text) => Number.parseInt(text, 2));
  return pid && seconds ? { pid, since: new Date(1000 * seconds) } : undefined;
}

/** The id of the connection is in the names: another one's locks are never waited for. At most 64 characters, as MySQL asks. */
function bitNames(id: unknown): string[] {
  return Array.from({ length: pidBits + sinceBits }, (_, at) => `also-viewed:holder ${id}:${at}`);
}

function bitsOf(figure: number, width: number): string {
  return figure.toString(2).padStart(width, '0').slice(-width);
}
