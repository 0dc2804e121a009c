import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hadoopEnvironment, hadoopHome, quickProperties } from '../hadoop.ts';
import { hadoopS3Properties } from '../hadoop-s3.ts';
import type { S3Connection } from '../s3.ts';

/** Programs of this machine that a node of a cluster does not have, or has in its own way. */
const notOnNodes =
  /^(node|nodejs|npm|npx|corepack|hadoop|yarn|aws|sudo|dnf|yum|alternatives|update-alternatives)(-\d+)?$/;

/** What the nodes of all clusters have in common. */
export interface NodeImage {
  /** The PATH of a node, behind what a cluster installs. */
  readonly path: readonly string[];
  readonly hadoopConfiguration: string;
}

/** Makes in `folder` what the nodes have: the programs of this machine but for Node.js, and Hadoop's configuration for the S3 server. */
export async function makeNodeImage(folder: string, s3: S3Connection): Promise<NodeImage> {
  const system = path.join(folder, 'system');
  const configuration = path.join(folder, 'hadoop');
  await Promise.all([mkdir(system, { recursive: true }), mkdir(configuration, { recursive: true })]);
  const seen = new Set<string>();
  // Java may lie elsewhere than in the folders of the system.
  const folders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', ...(process.env['PATH'] ?? '').split(':')];
  for (const [at, from] of folders.entries()) {
    for (const name of await readdir(from).catch(() => [])) {
      if (seen.has(name) || notOnNodes.test(name) || (at > 3 && name !== 'java')) continue;
      seen.add(name);
      await symlink(path.join(from, name), path.join(system, name));
    }
  }
  const etc = path.join(hadoopHome(), 'etc');
  for (const name of await readdir(etc)) {
    if (name !== 'core-site.xml') await symlink(path.join(etc, name), path.join(configuration, name));
  }
  await writeFile(
    path.join(configuration, 'core-site.xml'),
    configurationXml({
      'fs.defaultFS': 'file:///',
      // Each step has its own.
      'hadoop.tmp.dir': `\${env.TMPDIR}/hadoop`,
      ...quickProperties,
      ...hadoopS3Properties(s3),
    }),
  );
  return { path: [path.join(import.meta.dirname, 'node-bin'), system], hadoopConfiguration: configuration };
}

function configurationXml(properties: Record<string, string>): string {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const lines = Object.entries(properties).map(
    ([name, value]) => `  <property><name>${escaped(name)}</name><value>${escaped(value)}</value></property>\n`,
  );
  return `<configuration>\n${lines.join('')}</configuration>\n`;
}

/** The primary node of a cluster, which stands for all of its nodes: tasks run here too. */
export interface PrimaryNode {
  /** Holds `bin/`, where packages go, `containers/APPLICATION/CONTAINER/` with what tasks said, and the folders of steps. */
  readonly folder: string;
  /** The environment of everything that runs on it. */
  readonly env: Record<string, string>;
}

export async function makePrimaryNode(image: NodeImage, folder: string, started: Date): Promise<PrimaryNode> {
  const bin = path.join(folder, 'bin');
  const { HADOOP_HOME, ...hadoop } = hadoopEnvironment(image.hadoopConfiguration);
  await Promise.all([mkdir(bin, { recursive: true }), mkdir(path.join(folder, 'containers'), { recursive: true })]);
  return {
    folder,
    env: {
      PATH: [image.path[0], bin, ...image.path.slice(1)].join(':'),
      HOME: folder,
      USER: 'hadoop',
      LANG: 'en_US.UTF-8',
      ...hadoop,
      // For the programs of node-bin/ alone.
      EMR_CLUSTER: folder,
      EMR_HADOOP_HOME: HADOOP_HOME,
      EMR_NODE: process.execPath,
      EMR_STARTED: String(started.getTime()),
      // What a user says to Java's launcher on this machine (a proxy, say) it is to be told on nodes too.
      ...(process.env['JAVA_HOME'] === undefined ? {} : { JAVA_HOME: process.env['JAVA_HOME'] }),
    },
  };
}
