import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../test/services/cache-folder.ts';
import { shapes } from './generate.ts';
import { type Cost, measure, printCosts } from './measure.ts';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const rounds = Number(process.env['ROUNDS'] ?? 3);
/** At most so many views, for a shorter run. */
const rows = process.env['ROWS'];

/**
 * The generated views related here, in DuckDB in both forms, and multiplied in SciPy. Outputs go to a memory file system, since a disk would
 * take a good part of the time; all digests must be equal.
 */
export async function benchPeers(names: readonly string[]): Promise<void> {
  const peers = path.join(cacheFolder(), 'bench');
  const relate = `${process.execPath} ${main} relate --quiet`;
  const duckdb = `${process.execPath} ${here('peers/duckdb.mjs')} ${peers}/duckdb`;
  const scipy = `${peers}/scipy/bin/python ${here('peers/scipy_product.py')}`;
  for (const name of names) {
    const folder = await mkdtemp('/dev/shm/also-viewed-bench-');
    try {
      const count = Math.min(Number(rows ?? Number.POSITIVE_INFINITY), shapes[name]?.rows ?? 0);
      const generate = `${process.execPath} --import tsx ${here('generate.ts')} ${name} ${count}`;
      await measure(`cd ${here('..')} && ${generate} > ${folder}/views.tsv`, folder);
      await measure(`cd ${here('..')} && ${generate} text > ${folder}/text.tsv`, folder);
      await measure(`${scipy} prepare views.tsv arrays.npz`, folder);
      const commands = new Map([
        ['DuckDB, plain join', `${duckdb} plain integer views.tsv r.tsv`],
        ['DuckDB, half join', `${duckdb} half integer views.tsv r.tsv`],
        ['SciPy, product only', `${scipy} product arrays.npz`],
        ['also-viewed', `${relate} views.tsv --out r.tsv`],
        ['also-viewed, one thread', `${relate} views.tsv --out r.tsv --threads 1`],
        ['also-viewed, 128M', `${relate} views.tsv --out r.tsv --memory 128M`],
        ['also-viewed, to .gz', `${relate} views.tsv --out r.tsv.gz`],
        ['also-viewed, text ids', `${relate} text.tsv --out t.tsv`],
      ]);
      const costs = new Map([...commands.keys()].map((command) => [command, [] as Cost[]]));
      const digests = new Set<string>();
      for (let round = 0; round < rounds; round++) {
        for (const [command, line] of commands) {
          costs.get(command)?.push(await measure(line, folder));
          if (line.includes('r.tsv') && !line.includes('.gz')) {
            digests.add(await digestOf(path.join(folder, 'r.tsv')));
          }
          await Promise.all(['r.tsv', 't.tsv', 'r.tsv.gz'].map((file) => rm(path.join(folder, file), { force: true })));
        }
      }
      if (digests.size !== 1) {
        throw new Error(`${name}: the outputs differ`);
      }
      console.log(
        `${name}, ${count} views, the same bytes by all; medians of ${rounds}, ratios to DuckDB's half join\n`,
      );
      printCosts(costs, (command) => command === 'DuckDB, half join');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** `huge` is streamed from the generator, under a large and a small limit of memory. */
export async function benchHuge(): Promise<void> {
  const folder = await mkdtemp(path.join(process.env['BENCH_DIR'] ?? '/tmp', 'also-viewed-bench-'));
  const generate = `${process.execPath} --import tsx ${here('generate.ts')} huge ${rows ?? ''}`;
  const costs = new Map<string, Cost[]>();
  try {
    for (const memory of ['2G', '512M']) {
      const relate = `${process.execPath} ${main} relate - --memory ${memory} --temp-dir ${folder} --out /dev/null --quiet`;
      costs.set(`huge, --memory ${memory}`, [
        await measure(`cd ${here('..')} && bash -o pipefail -c '${generate} | ${relate}'`, folder),
      ]);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  console.log('huge, streamed from its generator (whose time is in it); ratios to 2G\n');
  printCosts(costs, (name) => name.endsWith('2G'));
}

async function digestOf(file: string): Promise<string> {
  const digest = createHash('sha256');
  await once(createReadStream(file, { highWaterMark: 1 << 20 }).pipe(digest), 'finish');
  return digest.digest('hex');
}
