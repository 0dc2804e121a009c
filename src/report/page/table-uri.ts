import type { MysqlAddress } from '../../mysql/address.ts';

/** Where a table is, as `--target` takes it; what connecting needs besides is the reader's own. */
export function tableUri({ user, host, port, database, socket }: MysqlAddress): string {
  const name = user === '' ? '' : `${encodeURIComponent(user)}@`;
  const server = socket === undefined ? `${host.includes(':') ? `[${host}]` : host}:${port}` : 'localhost';
  const through = socket === undefined ? '' : `?socket=${encodeURIComponent(socket)}`;
  return `mysql://${name}${server}/${encodeURIComponent(database)}${through}`;
}
