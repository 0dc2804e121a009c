import { expect, test } from 'vitest';
import { parseConfiguration } from '#dist/config/configuration.js';
import { withConnections } from '#dist/config/connections.js';
import { valuesOf } from '#dist/config/stores.js';
import { parseMysqlUri } from '#dist/mysql/address.js';

/** The settings of a file, or of a store of it, as they are applied. */
function settingsOf(yaml: string, store?: string): Record<string, string> {
  const configuration = withConnections(parseConfiguration('av.yml', yaml));
  const values = store === undefined ? configuration.common : valuesOf(configuration, store);
  return Object.fromEntries([...values].map(([name, { texts }]) => [name, texts.join()]));
}

test('a connection may be given part by part', () => {
  const { source = '', ...others } = settingsOf(`
source:
  host: db.example
  port: 3307
  user: a b@c
  database: shop&co
  ssl-mode: verify-identity
  ssl-ca: /etc/ca # YAML has comments
  auth: iam
  connect-timeout: 1m
  table: views
`);
  expect(parseMysqlUri(source)).toEqual({
    host: 'db.example',
    port: 3307,
    user: 'a b@c',
    database: 'shop&co',
    socket: undefined,
    sslMode: 'verify-identity',
    sslCa: '/etc/ca',
    auth: 'iam',
    passwordSecret: undefined,
    connectTimeout: 60_000,
  });
  expect(others).toEqual({ 'source-table': 'views' });
});

test.each([
  ['{ host: "::1", user: u, database: d }', 'mysql://u@[::1]/d'],
  ['{ socket: /run/mysqld/s, user: u, database: d }', 'mysql://u@localhost/d?socket=%2Frun%2Fmysqld%2Fs'],
  ['{ host: h, database: d, password-secret: "a:b" }', 'mysql://h/d?password-secret=a%3Ab'],
  ['{ uri: "mysql://u@h/d", ssl-mode: required }', 'mysql://u@h/d?ssl-mode=required'],
  ['{ uri: "mysql://u@h/d?ssl-ca=f", ssl-mode: required }', 'mysql://u@h/d?ssl-ca=f&ssl-mode=required'],
  ['mysql://u@h/d', 'mysql://u@h/d'],
])('the target %s is %s', (target, uri) => {
  expect(settingsOf(`target: ${target}`)).toEqual({ target: uri });
});

test.each([
  ['{ host: h, user: u }', /database is missing/],
  ['{ user: u, database: d }', /host is missing/],
  ['{ host: h/d, user: u, database: d }', /h\/d is neither a name nor an address/],
  ['{ host: "u:marked-password@h", user: u, database: d }', / host \*\*\*@h is neither a name nor an address/],
  ['{ uri: "mysql://u@h/d", host: h2 }', /host stands beside a uri/],
  ['{ uri: views.tsv, ssl-mode: required }', /beside a mysql:\/\/ uri/],
  ['{ host: h, user: u, database: d, ssl-mode: preferred }', /ssl-mode is preferred/],
  ['{ host: h, user: u, database: d, port: x }', /port is x/],
  ['{ host: h, user: u, database: d, password: marked-password }', /password is not a known setting/],
])('the source %s is refused, with its place', (source, message) => {
  const refused = expect.objectContaining({ kind: 'configuration', message: expect.stringMatching(message) });
  expect(() => settingsOf(`top: 5\nsource: ${source}`)).toThrow(refused);
  expect(() => settingsOf(`top: 5\nsource: ${source}`)).toThrow(/av\.yml:2:\d+/);
});

test('a store adds its parts to those of the top, unless it has a URI of its own', () => {
  const yaml = `
source: { host: db.example, user: reader, ssl-mode: required }
target: mysql://writer@db.example/all
stores:
  uk: { source: { database: uk }, target: { password-secret: uk } }
  de: { source: mysql://u@other/de, target: { uri: mysql://w@other/de } }
`;
  expect(settingsOf(yaml, 'uk')).toEqual({
    source: 'mysql://reader@db.example/uk?ssl-mode=required',
    target: 'mysql://writer@db.example/all?password-secret=uk',
  });
  expect(settingsOf(yaml, 'de')).toEqual({ source: 'mysql://u@other/de', target: 'mysql://w@other/de' });
});
