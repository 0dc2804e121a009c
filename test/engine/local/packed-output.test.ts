import { createHook } from 'node:async_hooks';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Related, relate } from 'also-viewed';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { readWhole } from '#dist/storage/input.js';
import { onlineRetail, onlineRetailSha256 } from '../../real-data.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const shared = mkdtempSync(path.join(tmpdir(), 'also-viewed-test-'));
afterAll(() => rmSync(shared, { recursive: true, force: true }));
const out = path.join(shared, 'r.tsv.gz');
let related: Related;
beforeAll(async () => {
  related = await relate(onlineRetail, { out });
});

test('a packed file is read by gzip, and its index says where the lists of each source are', () => {
  execFileSync('gzip', ['-t', out]);
  const packed = readFileSync(out);
  expect(createHash('sha256').update(gunzipSync(packed)).digest('hex')).toBe(onlineRetailSha256);
  const lines = readFileSync(`${out}.idx`, 'utf8').trimEnd().split('\n');
  expect(Number(lines.pop())).toBe(packed.length);
  const members = lines.map((line) => line.split('\t'));
  expect(members.length).toBeGreaterThan(10);
  const sources = new Set<string>();
  for (const [at, [offset, first]] of members.entries()) {
    const next = members[at + 1]?.[0] ?? packed.length;
    const content = gunzipSync(packed.subarray(Number(offset), Number(next))).toString('utf8');
    const here = new Set(
      content
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(0, line.indexOf('\t'))),
    );
    expect([...here][0]).toBe(first);
    expect([...here].filter((source) => sources.has(source))).toEqual([]);
    for (const source of here) {
      sources.add(source);
    }
  }
  expect(sources.size).toBe(related.sources);
});

test('a packed file that was cut off is refused wherever it was cut, at the end of a member too', async () => {
  const offsets = readFileSync(`${out}.idx`, 'utf8')
    .split('\n')
    .slice(1, 4)
    .map((line) => Number(line.split('\t')[0]));
  const cut = path.join(temporaryFolder(), 'cut.tsv.gz');
  const whole = readFileSync(out).length;
  for (const length of [...offsets, (offsets[0] ?? 0) + 100, whole - 1, whole - 27]) {
    copyFileSync(out, cut);
    truncateSync(cut, length);
    await expect(readWhole(cut, defaultEffects()), `${length} bytes`).rejects.toMatchObject({
      exitCode: 65,
      message: expect.stringContaining('ends early'),
    });
  }
  expect((await readWhole(out, defaultEffects())).length).toBe(gunzipSync(readFileSync(out)).length);
});

test('a small file has no index, and an old one goes', async () => {
  const folder = temporaryFolder();
  const views = path.join(folder, 'v.tsv');
  const small = path.join(folder, 'r.tsv.gz');
  writeFileSync(views, '1\ta\n1\tb\n');
  writeFileSync(`${small}.idx`, 'old');
  await relate(views, { out: small });
  expect(existsSync(`${small}.idx`)).toBe(false);
  expect(gunzipSync(readFileSync(small)).toString()).toBe('a\tb\t1\nb\ta\t1\n');
  writeFileSync(views, '');
  await relate(views, { out: small });
  expect(gunzipSync(readFileSync(small))).toHaveLength(0);
});

/** How often a thread of Node.js was done with packing while `work` was under way. */
async function packedElsewhere(work: () => Promise<unknown>): Promise<number> {
  const packers = new Set<number>();
  let packed = 0;
  const hook = createHook({
    init: (id, type) => void (type === 'ZLIB' && packers.add(id)),
    before: (id) => {
      packed += packers.has(id) ? 1 : 0;
    },
  }).enable();
  await work().finally(() => hook.disable());
  return packed;
}

test('with one thread relations are packed in that thread, with two in others, to the same bytes', async () => {
  const folder = temporaryFolder();
  const views = path.join(folder, 'v.tsv');
  writeFileSync(views, '1\ta\n1\tb\n');
  const [one, two] = ['1.tsv.gz', '2.tsv.gz'].map((name) => path.join(folder, name));
  expect(await packedElsewhere(() => relate(views, { out: one, threads: 1 }))).toBe(0);
  expect(await packedElsewhere(() => relate(views, { out: two, threads: 2 }))).toBeGreaterThan(0);
  expect(readFileSync(`${one}`)).toEqual(readFileSync(`${two}`));
});
