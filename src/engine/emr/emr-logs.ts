import type { Effects } from '../../effects.ts';
import { listTree } from '../../storage/s3-tree.ts';
import { inFolder } from '../../storage/storage.ts';
import { readIfThere } from './staging.ts';

/**
 * Where EMR puts the logs of a cluster, all gzipped (Amazon EMR Management Guide, "View log files"; the shapes are those that Yelp's mrjob
 * parses):
 *
 *     LOG-URI/j-…/steps/s-…/{controller,syslog,stdout,stderr}[.YYYY-MM-DD-HH].gz
 *     LOG-URI/j-…/containers/application_…/container_…/{syslog,stdout,stderr}.gz
 *     LOG-URI/j-…/node/i-…/bootstrap-actions/N/{stdout,stderr,controller}.gz
 *
 * They arrive every five minutes, and all that is left some minutes after the cluster has ended.
 */
const logName = /\/(stderr|syslog|stdout|controller)(\.[\d-]+)?\.gz$/;

/** In the order in which they tell the most. */
const names = ['stderr', 'syslog', 'stdout', 'controller'];

/** So many files are read, and of each the last lines: one attempt of a task that fails mostly fails like the others. */
const filesRead = 40;
const linesRead = 2_000;

/** The folder of a cluster's logs. EMR calls S3 by older names in its answers. */
function clusterLogs(logUri: string, cluster: string): string {
  return inFolder(logUri.replace(/^s3[an]:/, 's3:'), cluster);
}

export function stepLogs(logUri: string, cluster: string, step: string): string {
  return inFolder(clusterLogs(logUri, cluster), 'steps', step, '');
}

export function containerLogs(logUri: string, cluster: string, application: string): string {
  return inFolder(clusterLogs(logUri, cluster), 'containers', application, '');
}

export function nodeLogs(logUri: string, cluster: string): string {
  return inFolder(clusterLogs(logUri, cluster), 'node', '');
}

/** Whether a log is one of a bootstrap action. */
export function ofBootstrap(location: string): boolean {
  return /\/bootstrap-actions\/\d+\/[^/]+$/.test(location);
}

/** What kind of log an address is, or `undefined` for other files. */
export function logKind(location: string): string | undefined {
  return logName.exec(location)?.[1];
}

/** The lines of the logs under a prefix, standard error first; none while there are no logs. */
export async function readLogs(
  prefix: string,
  effects: Effects,
  wanted: (location: string) => boolean = () => true,
): Promise<string[]> {
  const found: string[] = [];
  for await (const { location } of listTree(prefix, effects)) {
    if (logKind(location) !== undefined && wanted(location)) {
      found.push(location);
    }
  }
  const rank = (location: string): number => names.indexOf(logKind(location) ?? '');
  found.sort((a, b) => rank(a) - rank(b));
  const lines: string[] = [];
  for (const location of found.slice(0, filesRead)) {
    const text = (await readIfThere(location, effects)) ?? '';
    lines.push(...text.split('\n').slice(-linesRead));
  }
  return lines;
}
