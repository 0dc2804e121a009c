import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onlineRetail } from '../test/real-data.ts';
import { benchFolder } from './folders.ts';
import { type Cost, measure, printCosts } from './measure.ts';

const rounds = 5;
const main = fileURLToPath(new URL('../dist/cli/main.cjs', import.meta.url));

/** The real views related from end to end, the start of the process included. */
export async function benchRelate(): Promise<void> {
  const folder = await mkdtemp(path.join(await benchFolder(), 'also-viewed-bench-'));
  const cli = `${process.execPath} ${main}`;
  const commands = new Map([
    ['relate online_retail', `${cli} relate ${onlineRetail} --out r.tsv --quiet`],
    ['relate, one thread', `${cli} relate ${onlineRetail} --out r.tsv --threads 1 --quiet`],
    ['relate --top 50', `${cli} relate ${onlineRetail} --out r50.tsv --top 50 --quiet`],
    ['relate to .gz', `${cli} relate ${onlineRetail} --out r.tsv.gz --quiet`],
  ]);
  try {
    const costs = new Map([...commands.keys()].map((name) => [name, [] as Cost[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, command] of commands) {
        costs.get(name)?.push(await measure(command, folder));
      }
    }
    console.log(
      `online_retail (541,909 rows, 7,503,152 relations), medians of ${rounds} rounds; ratios to all threads\n`,
    );
    printCosts(costs, (name) => name.endsWith('online_retail'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
