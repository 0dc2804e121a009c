import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../test/services/cache-folder.ts';
import { benchFolder, diskFolder } from './folders.ts';
import { shapes } from './generate.ts';
import { type Cost, digestOf, measure, printCosts } from './measure.ts';

const main = fileURLToPath(new URL('../dist/cli/main.cjs', import.meta.url));
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const rounds = Number(process.env['ROUNDS'] ?? 3);
/** At most so many views, for a shorter run. */
const rows = process.env['ROWS'];
/** 1, 2, 4 and so on, up to what the machine has. */
const threads = Array.from({ length: 1 + Math.floor(Math.log2(availableParallelism())) }, (_, power) => 2 ** power);

/**
 * The generated views related here, in DuckDB in both forms, and multiplied in SciPy. Outputs go to memory, where there is room, and once to
 * the disk; all digests must be equal.
 */
export async function benchPeers(names: readonly string[]): Promise<void> {
  const peers = path.join(cacheFolder(), 'bench');
  const relate = `${process.execPath} ${main} relate --quiet`;
  const duckdb = `${process.execPath} ${here('peers/duckdb.mjs')} ${peers}/duckdb`;
  const scipy = `${peers}/scipy/bin/python ${here('peers/scipy_product.py')}`;
  for (const name of names) {
    const folder = await mkdtemp(path.join(await benchFolder(), 'also-viewed-bench-'));
    const disk = await mkdtemp(path.join(diskFolder, 'also-viewed-bench-'));
    try {
      const count = Math.min(Number(rows ?? Number.POSITIVE_INFINITY), shapes[name]?.rows ?? 0);
      const generate = `${process.execPath} --import tsx ${here('generate.ts')} ${name} ${count}`;
      await measure(`cd ${here('..')} && ${generate} > ${folder}/views.tsv`, folder);
      await measure(`cd ${here('..')} && ${generate} text > ${folder}/text.tsv`, folder);
      await measure(`${scipy} prepare views.tsv arrays.npz`, folder);
      const commands = new Map([
        ['DuckDB, plain join', `${duckdb} plain integer views.tsv r.tsv`],
        ['DuckDB, half join', `${duckdb} half integer views.tsv r.tsv`],
        ['SciPy, product only', `${scipy} product arrays.npz > scipy.json`],
        ['also-viewed', `${relate.replace('--quiet', '--log-format json')} views.tsv --out r.tsv 2> log.jsonl`],
        ...threads.map(
          (each) => [`also-viewed, --threads ${each}`, `${relate} views.tsv --out r.tsv --threads ${each}`] as const,
        ),
        ['also-viewed, 192M', `${relate} views.tsv --out r.tsv --memory 192M`],
        ['also-viewed, to .gz', `${relate} views.tsv --out r.tsv.gz`],
        ['also-viewed, text ids', `${relate} text.tsv --out t.tsv`],
        ['DuckDB, half join, to disk', `${duckdb} half integer views.tsv ${disk}/r.tsv`],
        ['also-viewed, to disk', `${relate} views.tsv --out ${disk}/r.tsv`],
      ]);
      const costs = new Map([...commands.keys()].map((command) => [command, [] as Cost[]]));
      const digests = new Set<string>();
      for (let round = 0; round < rounds; round++) {
        for (const [command, line] of commands) {
          await warmMemory(folder, count);
          const cost = await measure(line, folder);
          costs.get(command)?.push(command.startsWith('SciPy') ? await productOf(folder, cost) : cost);
          if (line.includes('r.tsv') && !line.includes('.gz')) {
            digests.add(await digestOf(path.join(line.includes(disk) ? disk : folder, 'r.tsv')));
          }
          await rm(path.join(disk, 'r.tsv'), { force: true });
          await Promise.all(['r.tsv', 't.tsv', 'r.tsv.gz'].map((file) => rm(path.join(folder, file), { force: true })));
        }
      }
      if (digests.size !== 1) {
        throw new Error(`${name}: the outputs differ`);
      }
      await checkProduct(folder);
      console.log(
        `${name}, ${count} views, the same bytes in each r.tsv; medians of ${rounds}, ratios to DuckDB's half join\n`,
      );
      printCosts(costs, (command) => command.startsWith('DuckDB, half join'));
    } finally {
      await rm(disk, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/**
 * Takes and gives back as much memory as a command may need. A virtual machine gets memory that it has not used for a while from its host,
 * page by page: here a GB took 2.4 s to write to a memory file system the first time and 1.2 s the second, and whoever came first paid.
 */
async function warmMemory(folder: string, views: number): Promise<void> {
  await measure(`head -c ${600 * views} /dev/zero > memory; rm memory`, folder);
}

/** What SciPy's product alone took. */
async function productOf(folder: string, whole: Cost): Promise<Cost> {
  const { wall, cpu } = JSON.parse(await readFile(path.join(folder, 'scipy.json'), 'utf8'));
  return { ...whole, wall, cpu };
}

/** SciPy writes no relations: how many there are, and their weights in all, must do. */
async function checkProduct(folder: string): Promise<void> {
  const log = await readFile(path.join(folder, 'log.jsonl'), 'utf8');
  const { relations, weight } = JSON.parse(await readFile(path.join(folder, 'scipy.json'), 'utf8'));
  for (const [name, figure] of Object.entries({ relations, weight })) {
    if (!log.includes(`"${name}":${figure}`)) {
      throw new Error(`SciPy's product has ${figure} ${name}, this job others`);
    }
  }
}

/** `huge` is streamed from the generator, under a large and a small limit of memory. */
export async function benchHuge(): Promise<void> {
  const folder = await mkdtemp(path.join(process.env['BENCH_DIR'] ?? diskFolder, 'also-viewed-bench-'));
  const generate = `${process.execPath} --import tsx ${here('generate.ts')} huge ${rows ?? ''}`;
  const costs = new Map<string, Cost[]>();
  const digests = new Set<string | undefined>();
  try {
    for (const memory of ['2G', '512M']) {
      const relate = `${process.execPath} ${main} relate - --memory ${memory} --temp-dir ${folder} --out /dev/null --log-format json 2> log.jsonl`;
      costs.set(`huge, --memory ${memory}`, [
        await measure(`bash -o pipefail -c 'cd ${here('..')} && ${generate} | (cd ${folder} && ${relate})'`, folder),
      ]);
      digests.add(/"sha256":"(\w+)"/.exec(await readFile(path.join(folder, 'log.jsonl'), 'utf8'))?.[1]);
    }
    if (digests.size !== 1 || digests.has(undefined)) {
      throw new Error('huge: the outputs differ');
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  console.log('huge, streamed from its generator (whose time is in it); ratios to 2G\n');
  printCosts(costs, (name) => name.endsWith('2G'));
}
