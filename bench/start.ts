import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onlineRetail } from '../test/real-data.ts';
import { benchFolder } from './folders.ts';
import { type Cost, measure, printCosts } from './measure.ts';

const rounds = 5;
/** GNU time counts in hundredths of a second, of which one start takes few. */
const starts = 10;
const cli = `${process.execPath} ${fileURLToPath(new URL('../dist/cli/main.cjs', import.meta.url))}`;

/** Whole processes beside an empty Node.js program. */
export async function benchStart(): Promise<void> {
  const folder = await mkdtemp(path.join(await benchFolder(), 'also-viewed-bench-'));
  const commands = new Map([
    ['node -e 0', `${process.execPath} -e 0`],
    ['also-viewed --help', `${cli} --help > help.txt`],
    ['relate, 100 rows', `${cli} relate small.tsv --out small-r.tsv --quiet`],
    ['show, 110 MB of relations', `${cli} show 84879 --relations r.tsv > list.tsv`],
    ['show, packed with index', `${cli} show 84879 --relations r.tsv.gz > list.tsv`],
    ['explain, 540,000 views', `${cli} explain 84879 22423 --views ${onlineRetail} > why.txt`],
  ]);
  try {
    await measure(`zcat ${onlineRetail} | head -n 101 > small.tsv`, folder);
    await measure(`for out in r.tsv r.tsv.gz; do ${cli} relate ${onlineRetail} --out $out --quiet; done`, folder);
    const costs = new Map([...commands.keys()].map((name) => [name, [] as Cost[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, command] of commands) {
        costs.get(name)?.push(await measure(`for _ in $(seq ${starts}); do ${command}; done`, folder));
      }
    }
    console.log(`${starts} starts, medians of ${rounds} rounds; ratios to node -e 0\n`);
    printCosts(costs, (name) => name.startsWith('node'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
