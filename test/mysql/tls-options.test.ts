import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseMysqlUri } from '#dist/mysql/address.js';
import { tlsOptions } from '#dist/mysql/tls-options.js';

async function authorities(uri: string): Promise<string> {
  const ca = (await tlsOptions(parseMysqlUri(uri)))?.ca;
  return Array.isArray(ca) ? ca.map((each) => new X509Certificate(each).subject).join('\n') : String(ca);
}

test("a host of Amazon RDS is trusted by Amazon's authorities, without a word about TLS", async () => {
  const names = await authorities('mysql://u@shop.c9akciq32.eu-west-1.rds.amazonaws.com/shop');
  expect(names).toContain('CN=Amazon RDS eu-west-1 Root CA RSA2048 G1');
  // RDS Proxy has certificates of ACM.
  expect(names).toContain('CN=Amazon Root CA 1');
});

test('every other host is trusted by those of Node.js', async () => {
  expect(await authorities('mysql://u@db.example/shop?ssl-mode=verify-identity')).toBe('undefined');
});
