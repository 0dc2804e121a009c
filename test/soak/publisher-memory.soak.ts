import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { writeNights } from '../../bench/publish-nights.ts';
import { jobProcess } from '../engine/local/relate-process.ts';
import { ownSchema } from '../mysql/own-schema.ts';

const MB = 2 ** 20;

/** The smaller one fills every buffer already; the larger one is not so large that an import stops the test's own process for a minute. */
const sizes = { small: 1_000_000, large: 4_000_000 } as const;
type Size = keyof typeof sizes;

const root = mkdtempSync(path.join(tmpdir(), 'also-viewed-nights-'));
afterAll(() => rmSync(root, { recursive: true }));

const fileOf = (size: Size, night: string): string => path.join(root, size, `${night}.tsv`);

beforeAll(async () => {
  for (const size of ['small', 'large'] as const) {
    mkdirSync(path.join(root, size));
    await writeNights(path.join(root, size), sizes[size]);
    for (const night of ['first', 'calm', 'busy']) {
      const [numbers, text] = [fileOf(size, night), fileOf(size, `${night}-text`)];
      const command = `sed -E 's/^([0-9]+)\\t/SKU-0000-\\1\\tSKU-0000-/' "$0" | LC_ALL=C sort >"$1"`;
      execFileSync('sh', ['-c', command, numbers, text]);
    }
  }
}, 600_000);

describe.each(inject('databases'))('publishing to $kind', (server) => {
  const schema = ownSchema(server);

  /** The most memory that the import of a night takes, in bytes. */
  function peakOf(size: Size, night: string): number {
    const { host, port, user, database } = schema().address();
    vi.stubEnv('ALSO_VIEWED_TARGET_PASSWORD', server.password);
    const kind = night.endsWith('-text') ? 'text' : 'numbers';
    const target = ['--target', `mysql://${user}@${host}:${port}/${database}`, '--target-table', `${size}_${kind}`];
    const { code, stderr, peak } = jobProcess(['import', fileOf(size, night), ...target]);
    vi.unstubAllEnvs();
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return peak;
  }

  test.each([
    ['integers', ''],
    ['text', '-text'],
  ])(
    'four million relations of %s take less than 200 MB in every kind of night, and hardly more than a quarter of them',
    (_, suffix) => {
      for (const night of ['first', 'first', 'calm', 'first', 'busy']) {
        const [small, large] = [peakOf('small', night + suffix), peakOf('large', night + suffix)];
        expect(large).toBeLessThan(200 * MB);
        expect(large - small).toBeLessThan(40 * MB);
      }
    },
    900_000,
  );
});
