import { mkdtemp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { onlineRetail } from '../test/real-data.ts';
import { type Cost, measure, printCosts } from './measure.ts';

const rounds = 5;
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** Start-up beside an empty Node.js program, and the real views related from end to end, the start of the process included. */
export async function benchRelate(): Promise<void> {
  const folder = await mkdtemp('/dev/shm/also-viewed-bench-');
  const cli = `${process.execPath} ${main}`;
  const commands = new Map([
    ['node -e 0', `${process.execPath} -e 0`],
    ['also-viewed --help', `${cli} --help > help.txt`],
    ['relate, 100 rows', `${cli} relate small.tsv --out small-r.tsv --quiet`],
    ['relate online_retail', `${cli} relate ${onlineRetail} --out r.tsv --quiet`],
    ['relate, one thread', `${cli} relate ${onlineRetail} --out r.tsv --threads 1 --quiet`],
    ['relate --top 50', `${cli} relate ${onlineRetail} --out r50.tsv --top 50 --quiet`],
    ['relate to .gz', `${cli} relate ${onlineRetail} --out r.tsv.gz --quiet`],
  ]);
  try {
    await measure(`zcat ${onlineRetail} | head -n 101 > small.tsv`, folder);
    const costs = new Map([...commands.keys()].map((name) => [name, [] as Cost[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, command] of commands) {
        costs.get(name)?.push(await measure(command, folder));
      }
    }
    console.log(
      `online_retail (541,909 rows, 7,503,152 relations), medians of ${rounds} rounds; ratios to node -e 0\n`,
    );
    printCosts(costs, (name) => name.startsWith('node'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
