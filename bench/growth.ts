import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchFolder } from './folders.ts';
import { measure } from './measure.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const largest = Number(process.env['GROWTH'] ?? 100_000_000);
const sizes = [1e6, 3e6, 10e6, 30e6, 100e6].filter((views) => views <= largest);
const barCharacters = 20;

/** `huge` at several sizes, as a table in docs/growth.md: time and memory beside the views and beside the pairs, Σ n(n−1). */
export async function benchGrowth(): Promise<void> {
  const folder = await mkdtemp(path.join(await benchFolder(), 'also-viewed-bench-'));
  const found: { views: number; pairs: number; relations: number; cpu: number; wall: number; rss: number }[] = [];
  try {
    for (const views of sizes) {
      const generate = `${process.execPath} --import tsx ${here('generate.ts')} huge ${views}`;
      await measure(`cd ${here('..')} && ${generate} > ${folder}/views.tsv`, folder);
      const relate = `${process.execPath} ${here('../dist/cli/main.cjs')} relate views.tsv --out /dev/null --log-format json`;
      const cost = await measure(`${relate} 2> log.jsonl`, folder);
      const log = await readFile(path.join(folder, 'log.jsonl'), 'utf8');
      const number = (name: string): number => Number(new RegExp(`"${name}":(\\d+)`).exec(log)?.[1]);
      found.push({ views, pairs: number('weight'), relations: number('relations'), ...cost });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const bar = (of: 'cpu' | 'rss', figure: number): string => {
    const most = Math.max(...found.map((each) => each[of]));
    return '█'.repeat(Math.max(1, Math.round((barCharacters * figure) / most))).padEnd(barCharacters);
  };
  const lines = found.map(({ views, pairs, relations, cpu, wall, rss }) =>
    [
      `${views / 1e6} M`.padStart(5),
      (pairs / 1e6).toFixed(0).padStart(10),
      (relations / 1e6).toFixed(1).padStart(11),
      wall.toFixed(1).padStart(6),
      ((cpu * 1e9) / pairs).toFixed(1).padStart(11),
      cpu.toFixed(1).padStart(6),
      bar('cpu', cpu),
      rss.toFixed(0).padStart(6),
      bar('rss', rss).trimEnd(),
    ].join('  '),
  );
  const head = 'views  Σ n(n−1) M  relations M  wall s  cpu ns/pair   cpu s';
  const text = [`${head}${' '.repeat(barCharacters + 4)}    MB`, ...lines].join('\n');
  console.log(`${text}\n`);
  await writeFile(
    here('../docs/growth.md'),
    `# How time and memory grow\n\nWritten by \`npx tsx bench/main.ts growth\` (\`GROWTH=10000000\` for the smaller sizes): \`huge\` of bench/generate.ts from a file, all threads, output
to /dev/null. Bars of the processor time and of the peak of the memory.\n\n\`\`\`\n${text}\n\`\`\`\n`,
  );
}
