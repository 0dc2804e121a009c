import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { checkServer } from '../watch/check-server.ts';
import { parseMetrics } from '../watch/parse-metrics.ts';
import { alsoViewed, type Ended } from './also-viewed.ts';

const paths = (pings: readonly { readonly path: string }[]): string[] => pings.map((ping) => ping.path);

/** A folder with that configuration, and what is done there. */
function shop(yaml: string): { folder: string; told: string; call: (words: string[], env?: object) => Promise<Ended> } {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'av.yml'), yaml);
  return {
    folder,
    told: path.join(folder, 'told'),
    call: (words, env = {}) =>
      alsoViewed([...words, '--config', 'av.yml'], { cwd: folder, env: { PATH: process.env['PATH'], ...env } }),
  };
}

test('all who watch hear of a run whose configuration has a misspelt key, and nobody of another command: 78', async () => {
  const { url, pings } = await checkServer();
  const yaml = `ping: ${url}\nmetrics: av.prom\non-failure: echo "$ALSO_VIEWED_MESSAGE" > told\nmin-wieght: 2\n`;
  const { folder, told, call } = shop(yaml);
  expect(await call(['config'])).toMatchObject({ code: 78 });
  expect(pings).toEqual([]);
  expect(await call(['run'])).toMatchObject({ code: 78, stderr: expect.stringContaining('Did you mean min-weight?') });
  expect(paths(pings)).toEqual(['/secret-check/start', '/secret-check/78']);
  expect(pings[1]?.text).toContain('av.yml:4:1: min-wieght is not a known setting\nDid you mean min-weight?');
  expect(parseMetrics(readFileSync(path.join(folder, 'av.prom'), 'utf8'))).toMatchObject({ also_viewed_exit_code: 78 });
  expect(readFileSync(told, 'utf8')).toContain('min-wieght is not a known setting');
});

test('flags and variables are stronger than what the file says of them, and what has not its form is passed over', async () => {
  const { url, pings } = await checkServer();
  const { told, call } = shop(
    'ping: http://127.0.0.1:1/other\nmetrics: /none.txt\non-failure: echo file > told\ntop: [\n',
  );
  const env = { ALSO_VIEWED_PING: url, ALSO_VIEWED_MIN_WIEGHT: '2' };
  expect(await call(['run', '--on-failure', 'echo flag > told'], env)).toMatchObject({ code: 78 });
  expect(paths(pings)).toEqual(['/secret-check/start', '/secret-check/78']);
  expect(pings[1]?.text).toContain('Cannot use ALSO_VIEWED_MIN_WIEGHT');
  expect(readFileSync(told, 'utf8')).toBe('flag\n');
  expect(existsSync('/none.txt')).toBe(false);
});

test('of several stores, those hear of it that were to run', async () => {
  const { url, pings } = await checkServer();
  const stores = `stores:\n  uk: {target: uk.tsv}\n  de: {target: de.tsv, ping: "${url}/own", tpo: 2}\n`;
  const { call } = shop(`source: views.tsv\nping: ${url}/{store}\n${stores}`);
  expect(await call(['run', '--store', 'uk'])).toMatchObject({ code: 78 });
  expect(paths(pings.splice(0))).toEqual(['/secret-check/uk/start', '/secret-check/uk/78']);
  expect(await call(['run', '--all'])).toMatchObject({ code: 78 });
  const [own, uk] = ['own', 'uk'].map((name) =>
    paths(pings).filter((each) => each.startsWith(`/secret-check/${name}`)),
  );
  expect(own).toEqual(['/secret-check/own/start', '/secret-check/own/78']);
  expect(uk).toEqual(['/secret-check/uk/start', '/secret-check/uk/78']);
});
