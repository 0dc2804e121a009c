import { access } from 'node:fs/promises';
import type { Effects } from '../effects.ts';
import { emrPlace } from '../engine/emr/emr-settings.ts';
import { type CommandEnd, findHadoop, type HadoopClient, runHadoop } from '../engine/hadoop/hadoop-command.ts';
import { checkSettings } from '../engine/relate.ts';
import { ExpectedFailure, fileFailure } from '../failure.ts';
import { withLimit } from '../with-limit.ts';
import type { Check, DoctorOptions } from './doctor.ts';
import type { Report } from './report.ts';

/** How long a command of Hadoop's client may take, in milliseconds. */
const clientMs = 5000;

/** What the engine needs that relates: nothing on this machine, a client of Hadoop, or Amazon EMR. */
export const checkEngine: Check = async (report, options, effects) => {
  const engine = options.engine ?? 'local';
  // Of EMR: region, buckets, release, the cluster that is named, and the permissions for all these.
  await checkSettings(options, effects);
  switch (engine) {
    case 'local':
      report.ok('local: this machine relates');
      break;
    case 'hadoop':
      await checkHadoop(report, options, effects);
      break;
    case 'emr':
      report.ok(`emr: Amazon EMR answers, and its buckets are there; ${rolesOf(options, effects)}`);
  }
};

/** The roles are seen by IAM alone, which the job need not ask. */
function rolesOf(options: DoctorOptions, { env }: Effects): string {
  const { sharedCluster, nodes } = emrPlace(options, env);
  return sharedCluster === undefined
    ? `that there are the roles ${nodes.serviceRole} and ${nodes.instanceProfile}, and that it may pass them, shows when a cluster is started`
    : `the cluster ${sharedCluster} takes steps`;
}

async function checkHadoop(report: Report, { nodeArchive }: DoctorOptions, effects: Effects): Promise<void> {
  const client = await findHadoop(effects);
  const ask = (...words: string[]): Promise<CommandEnd | undefined> => answer(report, client, words, effects);
  const [version, cluster] = await Promise.all([ask('version'), ask('fs', '-ls', '-d', '/')]);
  if (version !== undefined && version.code !== 0) {
    throw new ExpectedFailure('configuration', `Cannot run ${client.program}: ${lastLine(version.lines)}`, {
      remedy: 'Set JAVA_HOME to the folder of a Java that this Hadoop runs on.',
    });
  }
  report.ok(`${version?.lines[0] ?? 'Hadoop'}: ${client.program}, ${client.streamingJar}`);
  if (cluster !== undefined && cluster.code !== 0) {
    report.failure(
      `Cannot look at the cluster's files: ${lastLine(cluster.lines)}`,
      'Check fs.defaultFS of core-site.xml, and that the cluster is up and knows this user.',
      'unavailable',
    );
  }
  if (nodeArchive === undefined) {
    report.ok(
      'Node.js 20 or newer must be on the nodes, which cannot be seen from here; --node-archive brings it along',
    );
  } else if (!/^[a-z][\w+.-]*:\/\//i.test(nodeArchive)) {
    await access(nodeArchive).catch((error: unknown) => {
      throw fileFailure('read', nodeArchive, error);
    });
    report.ok(`${nodeArchive} brings Node.js to the nodes`);
  }
}

/** How a command of the client ends; `undefined`, and a warning, when it takes long: each starts a Java machine. */
async function answer(
  report: Report,
  client: HadoopClient,
  words: readonly string[],
  effects: Effects,
): Promise<CommandEnd | undefined> {
  const signal = withLimit(effects.signal, clientMs);
  try {
    return await runHadoop(client, words, undefined, { ...effects, signal });
  } catch (error) {
    effects.signal.throwIfAborted();
    if (!signal.aborted) {
      throw error;
    }
    report.warning(
      `hadoop ${words.join(' ')} said nothing within ${clientMs / 1000} s`,
      'Run it by hand: the machine may be busy, or the cluster away.',
    );
    return undefined;
  }
}

function lastLine(lines: readonly string[]): string {
  return lines.filter((line) => line.trim() !== '').at(-1) ?? 'it said nothing';
}
