import { copyFile, mkdtemp, rm, writeFile as writeLocalFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Effects } from '../../effects.ts';
import type { IdOrder } from '../../relation/id-order.ts';
import { brokenIdentity, type RelationSums } from '../../relation/identities.ts';
import { type Output, writeFile } from '../../storage/output.ts';
import { escapeId } from '../../tsv/escapes.ts';
import { rejectReasons } from '../../tsv/id-rules.ts';
import { relationFormatter } from '../../tsv/relation-format.ts';
import type { Engine, Related, RelateJob } from '../engine.ts';
import { notAllIntegers, untrustworthy } from '../refusals.ts';
import { ClusterWork, type Finished } from './cluster-work.ts';
import { findHadoop } from './hadoop-command.ts';
import { sortInput } from './hadoop-input.ts';
import { mergeParts } from './merge-parts.ts';
import { pairsPhase, weightsPhase } from './phases.ts';

/** The bundled jobs, beside the compiled program. */
const jobsFolder = fileURLToPath(new URL('../../jobs/', import.meta.url));
const jobNames = ['pairs-mapper.mjs', 'pairs-reducer.mjs', 'weights-reducer.mjs'];

/** Relates on the cluster that the `hadoop` command of this machine talks to, as two Hadoop Streaming jobs. */
export const hadoopEngine: Engine = {
  async relate(job: RelateJob, effects: Effects): Promise<Related> {
    const client = await findHadoop(effects);
    const local = await mkdtemp(path.join(tmpdir(), 'also-viewed-hadoop-'));
    const work = new ClusterWork(client, local, `/tmp/also-viewed-${effects.randomHex(8)}`, effects);
    try {
      return await relateOnCluster(work, job, effects);
    } finally {
      await work.stop();
      await work.remove();
      await rm(local, { recursive: true, force: true });
    }
  },
};

async function relateOnCluster(work: ClusterWork, job: RelateJob, effects: Effects): Promise<Related> {
  const input = await sortInput(job.views.locations, work.local, effects);
  await Promise.all(jobNames.map((name) => copyFile(path.join(jobsFolder, name), path.join(work.local, name))));
  const files = jobNames.map((name) => path.join(work.local, name));
  if (job.targets !== undefined) {
    const targets = path.join(work.local, 'targets');
    await writeLocalFile(targets, job.targets.map((id) => `${escapeId(id)}\n`).join(''));
    files.push(targets);
  }
  await work.fs('-mkdir', '-p', work.remote);
  if (input.local !== undefined) {
    await work.fs('-put', input.local, `${work.remote}/views`);
  }
  const inputs = [...input.remote, ...(input.local === undefined ? [] : [`${work.remote}/views`])];

  let pairs = await work.job(
    'pairs',
    pairsPhase(work.client, { inputs, output: `${work.remote}/pairs`, files }, job, false),
  );
  if (pairs.count('headers with other columns') > 0 && pairs.count('splits') > 0) {
    // Only the first split of a file sees its header; those behind it took the wrong columns.
    await work.fs('-rm', '-r', '-skipTrash', `${work.remote}/pairs`);
    pairs = await work.job(
      'pairs',
      pairsPhase(work.client, { inputs, output: `${work.remote}/pairs`, files }, job, true),
    );
  }
  for (const reason of Object.values(rejectReasons)) {
    job.rejected.tally(reason, pairs.count(`rejected ${reason}`));
  }
  for (const line of pairs.rejections) {
    job.rejected.list(Buffer.from(line));
  }
  job.rejected.throwIfTooMany(job.views.locations.join(', '), pairs.count('rows'));

  const order = idOrder(job.ids, pairs.count('ids that are no integers') === 0);
  const places = { inputs: [`${work.remote}/pairs`], output: `${work.remote}/relations`, files };
  const weights = await work.job('weights', weightsPhase(work.client, places, job, order));
  checkIdentities(weights, pairs.count('path weight'));
  const parts = await work.fetch(`${work.remote}/relations`);
  const { artefact } = await writeFile(job.out, effects, (output) => writeMerged(parts, order, job, output));
  return {
    files: pairs.count('files'),
    rows: pairs.count('rows'),
    rejected: pairs.count('rejected'),
    views: pairs.count('views'),
    paths: pairs.count('paths'),
    products: weights.count('products'),
    leftOut: { paths: pairs.count('left out paths'), pairs: pairs.count('left out pairs') },
    weight: weights.count('weight'),
    relations: weights.count('relations'),
    sources: weights.count('sources'),
    order,
    artefact,
  };
}

function idOrder(wanted: RelateJob['ids'], allIntegers: boolean): IdOrder {
  if (wanted === 'integer' && !allIntegers) {
    throw notAllIntegers();
  }
  return wanted !== 'text' && allIntegers ? 'integer' : 'text';
}

function checkIdentities({ count }: Finished, pathWeight: number): void {
  const sums: RelationSums = {
    weight: count('weight'),
    forward: [count('forward 0') | 0, count('forward 1') | 0],
    backward: [count('backward 0') | 0, count('backward 1') | 0],
  };
  const broken = brokenIdentity(sums, pathWeight);
  if (broken !== undefined) {
    throw untrustworthy(broken);
  }
}

async function writeMerged(parts: readonly string[], order: IdOrder, job: RelateJob, output: Output): Promise<void> {
  const formatter = await relationFormatter(job.format);
  if (formatter.head !== '') {
    await output.write(Buffer.from(formatter.head), 1);
  }
  for await (const { bytes, lines } of mergeParts(parts, order)) {
    await output.write(formatter.format(bytes), lines);
  }
}
