import path from 'node:path';
import type { IdOrder } from '../../relation/id-order.ts';
import type { RelateJob } from '../engine.ts';
import type { HadoopClient } from './hadoop-command.ts';

/** Where a phase reads and writes, as the cluster names it. */
export interface PhasePlaces {
  readonly inputs: readonly string[];
  readonly output: string;
  /** Files of this machine that every task gets into its working folder. */
  readonly files: readonly string[];
}

/** Nothing but LF ends a line: a lone CR would otherwise split rows, and the mapper could not see it. */
const lineEnd = 'textinputformat.record.delimiter=\n';

/** Larger than any file: one task reads a file from its first line to its last. */
const unsplit = `mapreduce.input.fileinputformat.split.minsize=${2n ** 62n}`;

/**
 * Arguments of the job that turns views into stripes.
 *
 * @param whole whether files may not be split, because their header, which only the first split sees, puts the columns elsewhere
 */
export function pairsPhase(client: HadoopClient, places: PhasePlaces, job: RelateJob, whole: boolean): string[] {
  return streaming(client, places, job, {
    name: 'also-viewed pairs',
    properties: [
      lineEnd,
      ...(whole ? [unsplit] : []),
      `also-viewed.path-column=${job.views.columns.path}`,
      `also-viewed.product-column=${job.views.columns.product}`,
      ...limit('max-path-products', job.maxPathProducts),
      ...limit('memory', job.memory),
    ],
    steps: ['-mapper', run('pairs-mapper', job), '-reducer', run('pairs-reducer', job)],
  });
}

/** Arguments of the job that adds stripes up; the sources of each part come out in the order of ids. */
export function weightsPhase(client: HadoopClient, places: PhasePlaces, job: RelateJob, order: IdOrder): string[] {
  const comparator = 'org.apache.hadoop.mapreduce.lib.partition.KeyFieldBasedComparator';
  return streaming(client, places, job, {
    name: 'also-viewed weights',
    properties: [
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
      ...['-reducer', run('weights-reducer', job)],
    ],
  });
}

/** Generic options come first: behind a streaming option Hadoop does not know them. */
function streaming(
  client: HadoopClient,
  { inputs, output, files }: PhasePlaces,
  { cluster }: RelateJob,
  phase: { readonly name: string; readonly properties: readonly string[]; readonly steps: readonly string[] },
): string[] {
  const properties = [
    `mapreduce.job.name=${phase.name}`,
    ...(cluster.reducers === undefined ? [] : [`mapreduce.job.reduces=${cluster.reducers}`]),
    ...(cluster.queue === undefined ? [] : [`mapreduce.job.queuename=${cluster.queue}`]),
    ...phase.properties,
    ...cluster.properties,
  ];
  return [
    'jar',
    client.streamingJar,
    ...properties.flatMap((property) => ['-D', property]),
    ...['-files', files.join(',')],
    ...(cluster.nodeArchive === undefined ? [] : ['-archives', `${archiveUri(cluster.nodeArchive)}#node`]),
    ...inputs.flatMap((input) => ['-input', input]),
    ...['-output', output],
    ...phase.steps,
  ];
}

/** The command of a task. An archive is unpacked as `node/`, and the tarball's own folder, whose name has the version, is inside. */
function run(name: string, { cluster }: RelateJob): string {
  return cluster.nodeArchive === undefined ? `node ${name}.mjs` : `sh -c 'exec node/*/bin/node ${name}.mjs'`;
}

/** A path of this machine, or an address of the cluster as it is. */
function archiveUri(location: string): string {
  return /^[a-z][\w+.-]*:\/\//i.test(location) ? location : path.resolve(location);
}

function limit(name: string, value: number | undefined): string[] {
  return value !== undefined && Number.isFinite(value) ? [`also-viewed.${name}=${value}`] : [];
}
