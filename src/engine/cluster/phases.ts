import type { IdOrder } from '../../relation/id-order.ts';
import type { RelateJob } from '../engine.ts';
import type { Cluster, PhaseName } from './cluster.ts';
import { nameOf } from './properties-xml.ts';

/** Nothing but LF ends a line: a lone CR would otherwise split rows, and the mapper could not see it. */
const lineEnd = 'textinputformat.record.delimiter=\n';

/** Larger than any file: one task reads a file from its first line to its last. */
const unsplit = `mapreduce.input.fileinputformat.split.minsize=${2n ** 62n}`;

/**
 * Arguments of the job that turns views into stripes.
 *
 * @param phase `pairs-whole` when files may not be split, because their header, which only the first split sees, puts the columns elsewhere
 */
export function pairsPhase(cluster: Cluster, phase: 'pairs' | 'pairs-whole', job: RelateJob): string[] {
  return streaming(cluster, cluster.views, phase, job, {
    properties: [
      lineEnd,
      ...(phase === 'pairs-whole' ? [unsplit] : []),
      `also-viewed.path-column=${job.views.columns.path}`,
      `also-viewed.product-column=${job.views.columns.product}`,
      ...limit('max-path-products', job.maxPathProducts),
      ...limit('memory', job.memory),
    ],
    steps: ['-mapper', run('pairs-mapper', cluster), '-reducer', run('pairs-reducer', cluster)],
  });
}

/** Arguments of the job that adds stripes up; the sources of each part come out in the order of ids. */
export function weightsPhase(cluster: Cluster, stripes: string, job: RelateJob, order: IdOrder): string[] {
  const comparator = 'org.apache.hadoop.mapreduce.lib.partition.KeyFieldBasedComparator';
  return streaming(cluster, [stripes], 'weights', job, {
    properties: [
      // A cluster may be set to pack what jobs write; the parts are merged as they are.
      'mapreduce.output.fileoutputformat.compress=false',
      `also-viewed.ids=${order}`,
      ...limit('top', job.top),
      ...limit('min-weight', job.minWeight),
      ...limit('memory', job.memory),
      ...(job.targets === undefined ? [] : ['also-viewed.targets-file=targets']),
      // Compares digits, so that integers of any length are exact; on other ids it would mix up keys that compare equal.
      ...(order === 'integer'
        ? [
            `mapreduce.job.output.key.comparator.class=${comparator}`,
            'mapreduce.partition.keycomparator.options=-k1,1n',
          ]
        : []),
    ],
    steps: [
      ...['-inputformat', 'org.apache.hadoop.mapred.KeyValueTextInputFormat'],
      ...['-mapper', 'org.apache.hadoop.mapred.lib.IdentityMapper'],
      ...['-reducer', run('weights-reducer', cluster)],
    ],
  });
}

/**
 * Generic options come first: behind a streaming option Hadoop does not know them. The user's own properties are in a file, over which those
 * that stand here would have the precedence.
 */
function streaming(
  cluster: Cluster,
  inputs: readonly string[],
  phase: PhaseName,
  { cluster: settings }: RelateJob,
  { properties, steps }: { readonly properties: readonly string[]; readonly steps: readonly string[] },
): string[] {
  const all = [
    `mapreduce.job.name=also-viewed ${phase}`,
    ...(settings.reducers === undefined ? [] : [`mapreduce.job.reduces=${settings.reducers}`]),
    ...(settings.queue === undefined ? [] : [`mapreduce.job.queuename=${settings.queue}`]),
    ...properties,
  ];
  const given = settings.properties.map(nameOf);
  return [
    ...['-conf', cluster.configuration],
    ...all.filter((property) => !given.includes(nameOf(property))).flatMap((property) => ['-D', property]),
    ...['-files', cluster.files.join(',')],
    ...(cluster.nodeArchive === undefined ? [] : ['-archives', `${cluster.nodeArchive}#node`]),
    ...inputs.flatMap((input) => ['-input', input]),
    ...['-output', cluster.output(phase)],
    ...steps,
  ];
}

/** The command of a task. An archive is unpacked as `node/`, and the tarball's own folder, whose name has the version, is inside. */
function run(name: string, { nodeArchive }: Cluster): string {
  return nodeArchive === undefined ? `node ${name}.mjs` : `sh -c 'exec node/*/bin/node ${name}.mjs'`;
}

function limit(name: string, value: number | undefined): string[] {
  return value !== undefined && Number.isFinite(value) ? [`also-viewed.${name}=${value}`] : [];
}
