import { existsSync } from 'node:fs';
import { copyFile, mkdir, symlink, writeFile as writeLocalFile } from 'node:fs/promises';
import path from 'node:path';
import type { Effects } from '../../effects.ts';
import { oldFolders, withTemporaryFolder } from '../../storage/temporary-folder.ts';
import { checkOutput } from '../cluster/check-output.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { sortInput } from '../cluster/cluster-input.ts';
import { jobFiles, targetsFile } from '../cluster/job-files.ts';
import { plainName } from '../cluster/plain-name.ts';
import { propertiesFile, propertiesXml } from '../cluster/properties-xml.ts';
import { relateOnCluster } from '../cluster/relate-on-cluster.ts';
import { withOrigin } from '../cluster/with-origin.ts';
import type { Engine, Related, RelateJob } from '../engine.ts';
import { ClusterWork } from './cluster-work.ts';
import { findHadoop } from './hadoop-command.ts';

/** Addresses that the cluster reads by itself. */
const ofCluster = /^(hdfs|s3|s3a|s3n|wasbs?|abfss?|gs|viewfs):\/\//;

/** Folders of a kind of their own: one that a killed job left tells the next one of this engine what to remove on the cluster. */
const folderKind = 'also-viewed-hadoop';

/** Relates on the cluster that the `hadoop` command of this machine talks to, as two Hadoop Streaming jobs. */
export const hadoopEngine: Engine = {
  async relate(job, effects): Promise<Related> {
    const client = await findHadoop(effects);
    // Another user's folders, into which we may not look, are his affair on the cluster too.
    const earlier = (await oldFolders(folderKind)).filter((folder) => existsSync(path.join(folder, propertiesFile)));
    return await withTemporaryFolder(async (local) => {
      const work = new ClusterWork(client, local, earlier, effects);
      try {
        return await relateOnCluster(await prepared(work, job, effects), job, effects);
      } finally {
        await work.leave();
      }
    }, folderKind);
  },

  async check(_, effects): Promise<void> {
    await findHadoop(effects);
  },
};

/** The cluster with views and jobs in place. */
async function prepared(work: ClusterWork, job: RelateJob, effects: Effects): Promise<Cluster> {
  const input = await sortInput(job.views, 'hadoop', ofCluster, effects);
  await checkOutput(job.out, effects);
  const files = jobFiles.map(({ name }) => path.join(work.local, name));
  await Promise.all(jobFiles.map(({ name, file }) => copyFile(file, path.join(work.local, name))));
  if (job.targets !== undefined) {
    const targets = path.join(work.local, targetsFile.name);
    await writeLocalFile(targets, targetsFile.content(job.targets));
    files.push(targets);
  }
  const { nodeArchive, properties } = job.cluster;
  const configuration = path.join(work.local, propertiesFile);
  await writeLocalFile(configuration, propertiesXml(properties), { mode: 0o600 });
  await work.fs('-mkdir', '-p', work.remote);
  // Plain Hadoop knows S3 by the name s3a only.
  const views = input.remote.map((location) => location.replace(/^s3:/, 's3a:'));
  const copies = `${work.remote}/views`;
  const origins = namedApart(input.local);
  if (origins.size > 0) {
    await work.fs('-put', await linked(origins, path.join(work.local, 'views')), copies);
    views.push(copies);
  }
  const originOf = (address: string): string | undefined =>
    address.includes(`${copies}/`) ? origins.get(path.posix.basename(address)) : undefined;
  return {
    views,
    files,
    nodeArchive: nodeArchive && archiveUri(nodeArchive),
    configuration,
    output: (phase) => `${work.remote}/${phase}`,
    run: async (phase, streaming) => {
      const { count, rejections } = await work.job(phase, ['jar', work.client.streamingJar, ...streaming]);
      return { count, rejections: rejections.map((line) => withOrigin(line, originOf)) };
    },
    fetch: (phase) => work.fetch(`${work.remote}/${phase}`),
  };
}

/** Files by the names of their copies. Two files may have one name; the end of the name says how a file is packed. */
function namedApart(files: readonly string[]): ReadonlyMap<string, string> {
  return new Map(files.map((file, at) => [`${at}-${plainName(file)}`, file]));
}

/** A folder of links to files. */
async function linked(files: ReadonlyMap<string, string>, folder: string): Promise<string> {
  await mkdir(folder);
  await Promise.all([...files].map(([name, file]) => symlink(path.resolve(file), path.join(folder, name))));
  return folder;
}

/** A path of this machine, or an address of the cluster as it is. */
function archiveUri(location: string): string {
  return /^[a-z][\w+.-]*:\/\//i.test(location) ? location : path.resolve(location);
}
