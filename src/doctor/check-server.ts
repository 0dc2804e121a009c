import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import type { ServerKind } from '../importer/create-tables.ts';
import { describeAddress, type MysqlAddress } from '../mysql/address.ts';
import { isOlder } from './check-machine.ts';
import type { Report } from './report.ts';

/** A clock that is off by more, in milliseconds, moves what `--since` and the lists of runs say. */
export const mostSkew = 60_000;

/** The first version whose statements are those of the job: table value constructors as a derived table. */
const oldest: Readonly<Record<ServerKind, string>> = { mysql: '8.0.19', mariadb: '10.3.3' };

const names: Readonly<Record<ServerKind, string>> = { mysql: 'MySQL', mariadb: 'MariaDB' };

/** Which server it is, whether the way there is encrypted, and its clock. */
export async function checkServer(
  report: Report,
  connection: Connection,
  address: MysqlAddress,
  kind: ServerKind,
  effects: Effects,
): Promise<void> {
  const [[row]] = await connection.query<RowDataPacket[]>(
    'SELECT VERSION() AS version, CAST(UTC_TIMESTAMP(3) AS CHAR) AS utc',
  );
  const version = String(row?.['version']);
  const product = `${names[kind]} ${version.replace(/-mariadb.*/i, '')}`;
  if (isOlder(version, oldest[kind])) {
    report.failure(`${product} is too old: the job's statements need ${oldest[kind]}`, 'Use a newer server.');
  }
  const [[tls]] = await connection.query<RowDataPacket[]>("SHOW SESSION STATUS LIKE 'Ssl_version'");
  const encrypted = String(tls?.['Value'] ?? '');
  const where = describeAddress(address);
  if (encrypted === '' && !isOfThisMachine(address)) {
    report.warning(
      `${where}: ${product}, and everything goes to it in the clear, the views too`,
      'Add ?ssl-mode=verify-identity to the URI, with ssl-ca where the certificate is not a public one.',
    );
  } else {
    const checked = address.sslMode === 'required' ? ', whose certificate is not checked' : '';
    report.ok(`${where}: ${product}, ${encrypted === '' ? 'on this machine, without TLS' : `${encrypted}${checked}`}`);
  }
  const skew = Date.parse(`${String(row?.['utc']).replace(' ', 'T')}Z`) - effects.now().getTime();
  if (Math.abs(skew) > mostSkew) {
    report.warning(
      `its clock is ${Math.round(Math.abs(skew) / 1000)} s ${skew > 0 ? 'ahead of' : 'behind'} the one of this machine`,
      'Let both machines take the time from the network (NTP).',
    );
  }
}

function isOfThisMachine({ host, socket }: MysqlAddress): boolean {
  return socket !== undefined || /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
}
