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
  };
}
