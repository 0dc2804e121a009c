import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { relate } from 'also-viewed';
import { beforeAll, expect, test } from 'vitest';
import { onlineRetail, onlineRetailSha256 } from '../real-data.ts';
import { hadoopEnvironment } from '../services/hadoop.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const header = 'path_id\tproduct_id\n';
let rows: string[] = [];

beforeAll(() => {
  rows = gunzipSync(readFileSync(onlineRetail)).toString('latin1').slice(header.length).trimEnd().split('\n');
});

/** The views in their order, or in one that tears paths apart. */
function content(shuffled: boolean): Buffer {
  const step = shuffled ? 7919 : 1;
  const order = Uint32Array.from(rows, (_, at) => (at * step) % rows.length);
  expect(new Set(order).size).toBe(rows.length);
  return Buffer.from(`${header}${Array.from(order, (at) => rows[at]).join('\n')}\n`, 'latin1');
}

const forms = [
  ['plain', 'views.tsv', () => content(false)],
  ['gzip', 'views.tsv.gz', () => gzipSync(content(false))],
  ['shuffled', 'views.tsv', () => content(true)],
  ['shuffled gzip', 'views.tsv.gz', () => gzipSync(content(true))],
] as const;

test.each([1, 2, 5].flatMap((reducers) => forms.map((form) => [reducers, ...form] as const)))(
  '%i reducers give the bytes and the figures of the local engine from %s views',
  async (reducers, _, name, bytes) => {
    const folder = temporaryFolder();
    const views = path.join(folder, name);
    writeFileSync(views, bytes());
    const figures = async (engine: 'local' | 'hadoop'): Promise<unknown> => {
      const env = { ...process.env, ...hadoopEnvironment() };
      const { artefact, ...counts } = await relate(
        views,
        { engine, reducers, out: path.join(folder, engine) },
        { env },
      );
      return { ...counts, sha256: artefact.sha256 };
    };
    const onHadoop = await figures('hadoop');
    expect(onHadoop).toEqual(await figures('local'));
    expect(onHadoop).toMatchObject({ sha256: onlineRetailSha256, rejected: 0 });
  },
  600_000,
);
