import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onlineRetail, onlineRetailSha256 } from '../test/real-data.ts';
import { hadoopHome } from '../test/services/hadoop.ts';
import { measure, printCosts } from './measure.ts';

const jobs = fileURLToPath(new URL('../dist/jobs/', import.meta.url));
const literal = fileURLToPath(new URL('./literal/', import.meta.url));

/** Two jobs of real Hadoop Streaming (LocalJobRunner, two tasks at a time), ours and the literal ones, on the real views. */
export async function benchHadoop(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'also-viewed-bench-'));
  const home = hadoopHome();
  const two = 'mapreduce.job.reduces=2 mapreduce.local.map.tasks.maximum=2 mapreduce.local.reduce.tasks.maximum=2';
  const streaming = (more: string): string =>
    `${home}/bin/hadoop jar ${home}/share/hadoop-streaming-3.4.2.jar ${two.replaceAll(/\S+=/g, '-D $&')} -D hadoop.tmp.dir=${folder}/tmp ${more}`;
  const ours = [
    streaming(
      `-files ${jobs}pairs-mapper.mjs,${jobs}pairs-reducer.mjs -input ${onlineRetail} -output ours-pairs -mapper "node pairs-mapper.mjs" -reducer "node pairs-reducer.mjs"`,
    ),
    streaming(
      `-files ${jobs}weights-reducer.mjs -inputformat org.apache.hadoop.mapred.KeyValueTextInputFormat -input ours-pairs -output ours -mapper org.apache.hadoop.mapred.lib.IdentityMapper -reducer "node weights-reducer.mjs"`,
    ),
  ];
  const theirs = [
    streaming(
      `-files ${literal}pairs.mjs -input views.tsv -output literal-pairs -mapper cat -reducer "node pairs.mjs"`,
    ),
    streaming(
      `-D stream.num.map.output.key.fields=2 -files ${literal}sum.mjs -input literal-pairs -output literal -mapper cat -reducer "node sum.mjs"`,
    ),
  ];
  const shell = (script: string): string =>
    execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' }).trim();
  try {
    shell(`zcat ${onlineRetail} | tail -n +2 > views.tsv`);
    const costs = new Map();
    for (const [name, commands] of [
      ['literal jobs', theirs],
      ['also-viewed jobs', ours],
    ] as const) {
      costs.set(name, [await measure(commands.map((command) => `${command} > log 2>&1`).join(' && '), folder)]);
    }
    for (const output of ['ours', 'literal']) {
      const digest = shell(`LC_ALL=C sort -m ${output}/part-* | sha256sum | cut -d' ' -f1`);
      if (digest !== onlineRetailSha256) {
        throw new Error(`The relations of ${output} have the digest ${digest}`);
      }
    }
    console.log('online_retail on Hadoop Streaming, one round; ratios to the literal jobs\n');
    printCosts(costs, (name) => name.startsWith('literal'));
    const bytes = (output: string): number => Number(shell(`cat ${output}/part-* | wc -c`));
    const ratio = (bytes('ours-pairs') / bytes('literal-pairs')).toFixed(2);
    console.log(`bytes between the phases: ${bytes('ours-pairs')} against ${bytes('literal-pairs')}, ratio ${ratio}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
