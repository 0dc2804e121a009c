import type { Effects } from '../../effects.ts';
import type { IdOrder } from '../../relation/id-order.ts';
import { brokenIdentity, type RelationSums } from '../../relation/identities.ts';
import { type Output, writeFile } from '../../storage/output.ts';
import { readBlocks } from '../../storage/read-blocks.ts';
import { rejectReasons } from '../../tsv/id-rules.ts';
import { mergeParts } from '../../tsv/merge-parts.ts';
import { relationFormatter } from '../../tsv/relation-format.ts';
import type { Related, RelateJob } from '../engine.ts';
import { notAllIntegers, untrustworthy } from '../refusals.ts';
import type { Cluster, Finished } from './cluster.ts';
import { pairsPhase, weightsPhase } from './phases.ts';

/** Bytes that are read of a part at once. */
const partBytes = 1 << 18;

/**
 * The two phases on a cluster: views to stripes, stripes to sorted parts of relations, which are merged into one file on this machine.
 *
 * @throws ExpectedFailure when a phase fails, when too many rows are rejected, when an identity does not hold
 */
export async function relateOnCluster(cluster: Cluster, job: RelateJob, effects: Effects): Promise<Related> {
  const { phase, pairs } = await runPairs(cluster, job);
  const guessed = pairs.count('headers with guessed columns');
  if (guessed > 0) {
    effects.log.info(
      `The columns of ${guessed} files are taken by common names for paths and products; --path-column and --product-column name others`,
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
  const weights = await cluster.run('weights', weightsPhase(cluster, cluster.output(phase), job, order));
  checkIdentities(weights, pairs.count('path weight'));
  const parts = await cluster.fetch('weights');
  const { artefact } = await writeFile(job.out, effects, (output) =>
    writeMerged(parts, weights.count('relations'), order, job, output),
  );
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

/** Only the first split of a file sees its header: when that puts the columns elsewhere, those behind it took the wrong ones. */
async function runPairs(
  cluster: Cluster,
  job: RelateJob,
): Promise<{ readonly phase: 'pairs' | 'pairs-whole'; readonly pairs: Finished }> {
  const pairs = await cluster.run('pairs', pairsPhase(cluster, 'pairs', job));
  if (pairs.count('headers with other columns') === 0 || pairs.count('splits') === 0) {
    return { phase: 'pairs', pairs };
  }
  const phase = 'pairs-whole';
  return { phase, pairs: await cluster.run(phase, pairsPhase(cluster, phase, job)) };
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

/** What the phase counted must be there: a part that is missing, or is packed and not found, would otherwise be a shorter result. */
async function writeMerged(
  parts: readonly string[],
  relations: number,
  order: IdOrder,
  job: RelateJob,
  output: Output,
): Promise<void> {
  const formatter = await relationFormatter(job.format);
  if (formatter.head !== '') {
    await output.write(Buffer.from(formatter.head), 1);
  }
  let merged = 0;
  const read = parts.map((name) => ({ name, chunks: readBlocks(name, partBytes) }));
  for await (const { bytes, lines } of mergeParts(read, order)) {
    merged += lines;
    await output.write(formatter.format(bytes), lines);
  }
  if (merged !== relations) {
    throw untrustworthy(`the weights phase counted ${relations} relations, and its parts hold ${merged}`);
  }
}
