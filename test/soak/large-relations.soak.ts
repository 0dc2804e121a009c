import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { importRelations } from 'also-viewed';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { alsoViewed } from '../cli/also-viewed.ts';
import { jobProcess } from '../engine/local/relate-process.ts';
import { tableOf } from '../importer/run-import.ts';
import { ownSchema } from '../mysql/own-schema.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Writes the lists of so many sources, each with a hundred targets; 20 bytes a relation. */
function writeRelations(file: string, sources: number, weight: number): void {
  const targets = Array.from({ length: 100 }, (_, at) => `\t${9_000_000 + at}\t${weight}\n`);
  const descriptor = openSync(file, 'w');
  for (let source = 1_000_000; source < 1_000_000 + sources; source++) {
    writeSync(descriptor, targets.map((target) => `${source}${target}`).join(''));
  }
  closeSync(descriptor);
}

const tellReads = `import { readFileSync, writeSync } from 'node:fs';
process.on('exit', () => writeSync(2, readFileSync('/proc/self/io')));`;

/** Bytes that `show` reads, its own code included, and what it prints. */
async function shown(file: string, product: string): Promise<{ read: number; stdout: string }> {
  const { code, stdout, stderr } = await alsoViewed(['show', product, '--relations', file], {
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tellReads)}` },
  });
  expect(code).toBe(0);
  return { read: Number(/^rchar: (\d+)$/m.exec(stderr)?.[1]), stdout };
}

test('of a file of 2 GB show reads hardly more than of one of 2 MB', async () => {
  const folder = temporaryFolder();
  const [small, large] = [path.join(folder, 'small.tsv'), path.join(folder, 'large.tsv')];
  writeRelations(small, 1000, 123);
  writeRelations(large, 1_000_000, 123);
  expect(statSync(large).size).toBeGreaterThanOrEqual(2e9);
  for (const [product, most] of [
    ['1000777', 1e6],
    // Not there: a megabyte or so is read to say which are near.
    ['1000777x', 2e6],
  ] as const) {
    const [ofSmall, ofLarge] = [await shown(small, product), await shown(large, product)];
    expect(ofLarge.stdout).toBe(ofSmall.stdout);
    expect(ofSmall.read).toBeGreaterThan(0);
    expect(ofLarge.read - ofSmall.read).toBeLessThan(most);
  }
  expect((await shown(large, '1999999')).stdout.split('\n')[1]).toBe('1999999\t1\t9000000\t\t123\t');
}, 600_000);

describe.each(inject('databases'))('on $kind', (server) => {
  const [old, next] = [ownSchema(server), ownSchema(server)];
  beforeAll(() => void vi.stubEnv('ALSO_VIEWED_TARGET_PASSWORD', server.password));
  afterAll(() => void vi.unstubAllEnvs());

  test('tables are compared in memory that does not grow with them', async () => {
    // Garbage that nobody has collected yet would count too: 80 MB more of a million relations, when there is room for it.
    vi.stubEnv('NODE_OPTIONS', '--max-old-space-size=48 --max-semi-space-size=4');
    const peaks: number[] = [];
    for (const sources of [1000, 10_000]) {
      const names = { table: `of_${sources}` };
      const uris: string[] = [];
      for (const [weight, schema] of [old, next].entries()) {
        const file = path.join(temporaryFolder(), 'relations.tsv');
        writeRelations(file, sources, 100 + weight);
        await importRelations(file, { kind: 'table', table: tableOf(schema(), names) });
        uris.push(`mysql://${server.user}@${server.host}:${server.port}/${schema().name}`);
      }
      const { code, stderr, peak } = jobProcess([
        'diff',
        ...uris,
        '--target-table',
        names.table,
        '--format',
        'csv',
        '--quiet',
      ]);
      expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
      peaks.push(peak);
    }
    const [small = 0, large = 0] = peaks;
    // A million relations on each side, each with another weight.
    expect(large - small).toBeLessThan(40e6);
  }, 600_000);
});
