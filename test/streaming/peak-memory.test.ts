import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';

const MB = 2 ** 20;
const soak = process.env['SOAK'] !== undefined;

/** Writes pieces of text, many at a time. */
function write(pieces: Iterable<string>): string {
  const file = path.join(temporaryFolder(), 'input');
  const descriptor = openSync(file, 'w');
  let waiting: string[] = [];
  let length = 0;
  const flush = (): void => {
    writeSync(descriptor, waiting.join(''));
    waiting = [];
    length = 0;
  };
  for (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length > MB) {
      flush();
    }
  }
  flush();
  closeSync(descriptor);
  return file;
}

interface JobEnd {
  readonly peak: number;
  readonly sha256: string;
  readonly stderr: string;
}

/** Runs a job in a process of its own: its peak, as the operating system counts it, and a digest of what it wrote, and its counters. */
async function run(job: string, args: readonly string[], input: string): Promise<JobEnd> {
  const folder = temporaryFolder();
  const peak = path.join(folder, 'peak');
  const tell = path.join(folder, 'tell.cjs');
  const output = path.join(folder, 'output');
  writeFileSync(
    tell,
    `process.once('exit', () => require('node:fs').writeFileSync(${JSON.stringify(peak)}, String(1024 * process.resourceUsage().maxRSS)));`,
  );
  const program = fileURLToPath(new URL(`../../dist/jobs/${job}.mjs`, import.meta.url));
  const descriptors = [openSync(input, 'r'), openSync(output, 'w')] as const;
  const { status, stderr } = spawnSync(process.execPath, [`--require=${tell}`, program, ...args], {
    stdio: [...descriptors, 'pipe'],
    encoding: 'utf8',
  });
  descriptors.forEach(closeSync);
  expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('reporter:counter:') });
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(output)) {
    hash.update(chunk);
  }
  return { peak: Number(readFileSync(peak, 'utf8')), sha256: hash.digest('hex'), stderr };
}

const id = (number: number, length: number): string => `p${String(number).padStart(length - 1, '0')}`;

/** Stripes of one product with so many targets, in no order, each twice; then those of a few others. */
function* hotProduct(targets: number, idLength: number, stripes: number): Generator<string> {
  for (let at = 0; at < 2 * targets; at++) {
    yield at % (targets / stripes) === 0 ? `${at > 0 ? '\n' : ''}hot` : '';
    yield `\t${id((at * 7919) % targets, idLength)}\t${1 + (at % 5)}`;
  }
  yield '\n';
  for (let at = 0; at < 1000; at++) {
    yield `${id(at, idLength)}\thot\t${2 + (at % 5)}\n`;
  }
}

/** Beyond the bound of the reducers. */
const stripeMB = soak ? 40 : 20;

describe('the weights reducer holds its bound and 100 MB, with the same bytes as in much memory', () => {
  test.each([
    ['a product with more than a million targets', 1_002_000, 8, 100, '16M', 16, ['--top', '300000']],
    ['one with a quarter of them in the least memory', 252_000, 8, 100, '1M', 1, []],
    [`ids of 1 KB in stripes of ${stripeMB} MB`, stripeMB * 1_000, 1000, 1, '16M', 16, []],
  ])(
    'for %s',
    async (_, targets, idLength, stripes, memory, bound, options) => {
      const input = write(hotProduct(targets, idLength, stripes));
      const { peak, sha256 } = await run('weights-reducer', ['--memory', memory, ...options], input);
      expect(peak).toBeLessThan((bound + 100) * MB);
      expect(sha256).toBe((await run('weights-reducer', ['--memory', '1G', ...options], input)).sha256);
    },
    180_000,
  );
});

/** Rows of paths of two products each. */
const shortRows = 20_000;

/** Rows of a path, with some products twice, and of many short ones. */
function* longPath(products: number, idLength: number): Generator<string> {
  for (let at = 0; at < products; at++) {
    yield `1\t${id((at * 7919) % products, idLength)}\n`;
    yield at % 10 === 0 ? `1\t${id(at, idLength)}\n` : '';
  }
  for (let at = 0; at < shortRows; at++) {
    yield `2${at >> 1}\t${id((at * 31) % products, idLength)}\n`;
  }
}

describe('the pairs reducer holds its bound and 100 MB', () => {
  test.each([
    [
      '100,000 products, with ids of 1 KB, that is left out',
      100_000,
      1000,
      ['--max-path-products', '1000'],
      'left out pairs',
    ],
    ['400 products, with ids of 1 KB', 400, 1000, [], 'path weight'],
    ['4,000 products', 4_000, 8, [], 'path weight'],
  ])(
    'for a path of %s',
    async (_, products, idLength, options, counter) => {
      const input = write(longPath(products, idLength));
      const { peak, stderr } = await run('pairs-reducer', ['--memory', '16M', ...options], input);
      expect(peak).toBeLessThan(116 * MB);
      const pairs = products * (products - 1) + (counter === 'path weight' ? shortRows : 0);
      expect(stderr).toContain(`,${counter},${pairs}\n`);
    },
    180_000,
  );
});

test('the pairs mapper takes no more for a row of 200 MB and ids of 1 KB than for others', async () => {
  const rows = ['1\ta\n', ...Array.from({ length: 200 }, () => 'x'.repeat(MB)), '\n'];
  const ids = Array.from({ length: 20_000 }, (_, at) => `${at}\t${'é'.repeat(255)}\n`);
  const { peak } = await run('pairs-mapper', [], write([...rows, ...ids]));
  expect(peak).toBeLessThan(100 * MB);
});
