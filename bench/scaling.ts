import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { estimateCluster } from '../src/engine/cluster/estimate.ts';
import { onlineRetail } from '../test/real-data.ts';
import { hadoopHome } from '../test/services/hadoop.ts';
import { measure } from './measure.ts';
import { writeSessions } from './sessions.ts';

const job = (name: string): string =>
  `${process.execPath} ${fileURLToPath(new URL(`../dist/jobs/${name}.mjs`, import.meta.url))}`;

/** What one core does in each part of the two phases, and the peak memory of the reducers beside their bound: the figures of docs/scaling.md. */
export async function benchScaling(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'also-viewed-bench-'));
  const shell = (script: string): string =>
    execFileSync('bash', ['-o', 'pipefail', '-c', script], { cwd: folder, encoding: 'utf8' }).trim();
  const file = (name: string): string => path.join(folder, name);
  const shop = { paths: 400_000, products: 200_000, meanViews: 5 };
  const sets = new Map([
    ['online_retail', async () => void shell(`zcat ${onlineRetail} > views.tsv`)],
    ['sessions', () => writeSessions(file('views.tsv'), { ...shop, skewed: false })],
    ['skewed', () => writeSessions(file('views.tsv'), { ...shop, products: 1_000_000, skewed: true })],
  ]);
  try {
    const idle = await shuffle('/dev/null');
    for (const [set, write] of sets) {
      await write();
      await rates(set, idle.cpu);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }

  printEstimates();

  /** Hadoop's own work on lines, which become keys and values at their first TAB: split, sort, merge, and two pipes. */
  function shuffle(input: string): ReturnType<typeof measure> {
    const home = hadoopHome();
    const streaming = `${home}/bin/hadoop jar ${home}/share/hadoop-streaming-3.4.2.jar -D hadoop.tmp.dir=${folder}/tmp`;
    const steps = '-mapper cat -reducer "sh -c \'cat > /dev/null\'"';
    return measure(`rm -rf shuffled; ${streaming} -input ${input} -output shuffled ${steps} > log 2>&1`, folder);
  }

  async function rates(set: string, idle: number): Promise<void> {
    console.log(`${set}\n`);
    const count = (name: string): number =>
      Number(new RegExp(`,${name},(\\d+)$`, 'm').exec(readFileSync(file('log'), 'utf8'))?.[1]);
    const bytes = (name: string): number => Number(shell(`wc -c < ${name}`));
    const say = (what: string, ...figures: string[]): void =>
      console.log(what.padEnd(28) + figures.map((figure) => figure.padStart(28)).join(''));
    const millions = (figure: number): string => (figure / 1e6).toPrecision(3);

    const mapping = await measure(`${job('pairs-mapper')} < views.tsv > mapped.tsv 2> log`, folder);
    say('pairs mapper', `${millions(count('rows') / mapping.cpu)} M rows/s`);
    const views = await shuffle('mapped.tsv');
    const perByte = (cpu: number, name: string): string => `${((cpu - idle) / (bytes(name) / 1e9)).toFixed(0)} s/GB`;
    say('shuffle of the views', perByte(views.cpu, 'mapped.tsv'));
    shell('LC_ALL=C sort mapped.tsv > sorted.tsv');
    for (const memory of ['1M', '16M', '256M']) {
      const pairing = await measure(
        `${job('pairs-reducer')} --memory ${memory} < sorted.tsv > stripes.tsv 2> log`,
        folder,
      );
      const pairs = count('path weight');
      say(
        `pairs reducer, ${memory}`,
        `${millions(pairs / pairing.cpu)} M pairs/s`,
        `${(bytes('stripes.tsv') / pairs).toFixed(2)} bytes a pair`,
        `peak ${pairing.rss.toFixed(0)} MB`,
      );
    }
    const stripes = await shuffle('stripes.tsv');
    say('shuffle of the stripes', perByte(stripes.cpu, 'stripes.tsv'));
    shell('LC_ALL=C sort stripes.tsv > sorted.tsv');
    for (const memory of ['1M', '16M', '256M']) {
      const adding = await measure(
        `${job('weights-reducer')} --memory ${memory} < sorted.tsv > relations.tsv 2> log`,
        folder,
      );
      say(
        `weights reducer, ${memory}`,
        `${millions(bytes('sorted.tsv') / adding.cpu)} MB/s of stripes`,
        `${millions(count('relations') / adding.cpu)} M relations/s`,
        `peak ${adding.rss.toFixed(0)} MB`,
      );
    }
    console.log();
  }
}

/** The model's answer for large shops; core nodes of 8 vCPUs. */
function printEstimates(): void {
  console.log('views     pairs a view     nodes      wall   shuffle bytes   node hours');
  for (const views of [1e9, 1e10]) {
    for (const pairsPerView of [8, 100]) {
      for (const nodes of [10, 40]) {
        const { wallSeconds, shuffleBytes } = estimateCluster({ views, pairs: pairsPerView * views, cores: 8 * nodes });
        const figures = [
          `${(wallSeconds / 60).toFixed(0)} min`.padStart(10),
          `${(shuffleBytes / 1e12).toFixed(2)} TB`.padStart(16),
          ((nodes * wallSeconds) / 3600).toFixed(1).padStart(13),
        ];
        console.log(
          views.toExponential(0).padEnd(10) +
            `${pairsPerView}`.padStart(12) +
            `${nodes}`.padStart(10) +
            figures.join(''),
        );
      }
    }
  }
  console.log();
}
