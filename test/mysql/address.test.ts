import { expect, test } from 'vitest';
import { describeAddress, parseMysqlUri } from '#dist/mysql/address.js';

test('an address has usual parts, and says where it is without its parameters', () => {
  const address = parseMysqlUri('mysql://reader@db/shop?connect-timeout=2m');
  expect(address).toMatchObject({ host: 'db', port: 3306, user: 'reader', database: 'shop', connectTimeout: 120_000 });
  expect(describeAddress(address)).toBe('reader@db:3306/shop');
});

test.each([
  ['db.example', 'disabled'],
  ['shop.c9akciq32.eu-west-1.rds.amazonaws.com', 'verify-identity'],
  ['shop.proxy-c9akciq32.us-east-1.rds.amazonaws.com', 'verify-identity'],
  ['shop.c9akciq32.us-gov-west-1.rds.amazonaws.com', 'disabled'],
  ['shop.c9akciq32.cn-north-1.rds.amazonaws.com.cn', 'disabled'],
  ['shop.eu-west-1.rds.amazonaws.com.example', 'disabled'],
])('without ssl-mode, %s has %s', (host, sslMode) => {
  expect(parseMysqlUri(`mysql://u@${host}/shop`).sslMode).toBe(sslMode);
  expect(parseMysqlUri(`mysql://u@${host}/shop?ssl-mode=verify-ca`).sslMode).toBe('verify-ca');
});

test('a secret may name the user', () => {
  const address = parseMysqlUri('mysql://db/shop?password-secret=arn:aws:secretsmanager:eu-west-1:1:secret:shop-a1');
  expect(address).toMatchObject({ user: '', passwordSecret: 'arn:aws:secretsmanager:eu-west-1:1:secret:shop-a1' });
  expect(describeAddress(address)).toBe('db:3306/shop');
});

test.each([
  ['mysql://db/shop', /names no user/],
  ['mysql://u@db', /names no database/],
  ['mysql://u@db:0/shop', /port is 0/],
  ['mysql://u@db:99999/shop', /cannot be parsed/],
  ['mysql://%zz@db/shop', /cannot be parsed/],
  ['mysql://u@db/%zz', /cannot be parsed/],
  ['mysql://u@db/shop#1', /%23/],
  ['mysql://u@db/shop?ssl=1', /unknown parameter ssl/],
  ['mysql://u@db/shop?ssl-mode=preferred', /none of disabled, required, verify-ca, verify-identity/],
  ['mysql://u@db/shop?ssl-mode=required&ssl-mode=disabled', /give ssl-mode one value/],
  ['mysql://u@db/shop?ssl-ca=', /give ssl-ca one value/],
  ['mysql://u@db/shop?auth=iam', /auth=iam needs TLS/],
  ['mysql://u@x.eu-west-1.rds.amazonaws.com/shop?auth=iam&ssl-mode=disabled', /auth=iam needs TLS/],
  ['mysql://u@db/shop?auth=kerberos', /auth can only be iam/],
  ['mysql://u@db/shop?auth=iam&ssl-mode=required&password-secret=s', /needs no password-secret/],
  ['mysql://u@db/shop?connect-timeout=5', /no duration/],
  ['mysql://u@db/shop?connect-timeout=0s', /no duration/],
])('%s is refused', (uri, message) => {
  expect(() => parseMysqlUri(uri)).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringMatching(message) }),
  );
});
