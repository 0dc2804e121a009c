import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const openssl = (...args: string[]): Promise<unknown> => promisify(execFile)('openssl', args);

export interface Certificates {
  /** The file of the authority's certificate. */
  readonly ca: string;
  /** Makes a server certificate for `subject` (`DNS:localhost`, `IP:127.0.0.1`); returns the arguments that give it to a server. */
  serverArguments(name: string, subject: string): Promise<string[]>;
  /** Replaces that certificate by one of the same key that is valid no more. */
  expire(name: string): Promise<void>;
}

/** A certificate authority in `folder`. */
export async function certificates(folder: string): Promise<Certificates> {
  const file = (name: string): string => path.join(folder, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    '/CN=authority',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
  );
  return {
    ca: file('ca.pem'),
    serverArguments: async (name, subject) => {
      const [key, request, certificate, extensions] = ['key', 'csr', 'pem', 'ext'].map((end) => file(`${name}.${end}`));
      await openssl('req', ...newKey, '-subj', '/CN=server', '-keyout', `${key}`, '-out', `${request}`);
      await writeFile(`${extensions}`, `subjectAltName=${subject}\n`);
      await openssl(
        ...['x509', '-req', '-days', '2', '-in', `${request}`, '-out', `${certificate}`, '-extfile', `${extensions}`],
        ...['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'],
      );
      return [`--ssl-ca=${file('ca.pem')}`, `--ssl-cert=${certificate}`, `--ssl-key=${key}`];
    },
    expire: async (name) => {
      // Only this command of OpenSSL 3.0 takes a date in the past; it keeps a register.
      const register = file('register');
      await writeFile(register, '');
      await writeFile(
        file('ca.conf'),
        `[ca]\ndefault_ca=own\n[own]\ndatabase=${register}\nnew_certs_dir=${folder}\ndefault_md=sha256\npolicy=any\nrand_serial=yes\n[any]\ncommonName=supplied\n`,
      );
      await openssl(
        ...['ca', '-batch', '-notext', '-config', file('ca.conf'), '-cert', file('ca.pem'), '-keyfile', file('ca.key')],
        ...['-startdate', '20240101000000Z', '-enddate', '20240102000000Z', '-extfile', file(`${name}.ext`)],
        ...['-in', file(`${name}.csr`), '-out', file(`${name}.pem`)],
      );
    },
  };
}
