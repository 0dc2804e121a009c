import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../services/cache-folder.ts';
import { freePort } from '../services/free-port.ts';
import { ownFolder } from '../services/own-folder.ts';
import { type Server, startServer } from '../services/process.ts';
import { writeClusterConfig } from './cluster-config.ts';

const run = promisify(execFile);

/** A private Hadoop cluster of one node: HDFS and YARN. */
export interface Cluster extends Server {
  /** For clients of the cluster: HADOOP_HOME, HADOOP_CONF_DIR and PATH. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Address of the file system, `hdfs://127.0.0.1:PORT`. */
  readonly fileSystem: string;
  /** Folder of the containers' logs, until the cluster gathers them on HDFS. */
  readonly logs: string;
  /** A command of the cluster's client: what it printed. */
  hadoop(...args: string[]): Promise<string>;
  /** What the ResourceManager's REST API says about `/ws/v1/cluster/PATH`. */
  ask(path: string): Promise<unknown>;
}

/** Starts NameNode, DataNode, ResourceManager and NodeManager, which live no longer than this process, and waits until jobs can run. */
export async function startCluster(): Promise<Cluster> {
  // Keep in step with scripts/install-hadoop-cluster.sh.
  const home = join(cacheFolder(), 'hadoop-cluster-3.4.2');
  if (!existsSync(home)) {
    throw new Error(`Cannot start a Hadoop cluster: run scripts/install-hadoop-cluster.sh first (no ${home})`);
  }
  const folder = await ownFolder(tmpdir(), 'hadoop-cluster');
  const ports = {
    nameNode: await freePort(),
    nameNodeWeb: await freePort(),
    resourceManager: await freePort(),
    scheduler: await freePort(),
    tracker: await freePort(),
    admin: await freePort(),
    resourceManagerWeb: await freePort(),
  };
  const conf = join(folder, 'etc');
  writeClusterConfig(conf, folder, join(home, 'share'), ports);
  const env = {
    ...process.env,
    HADOOP_HOME: home,
    HADOOP_CONF_DIR: conf,
    PATH: `${join(home, 'bin')}:${process.env['PATH']}`,
  };
  const hadoop = async (...args: string[]): Promise<string> =>
    (await run(join(home, 'bin', 'hadoop'), args, { env, maxBuffer: 1 << 26 })).stdout;
  await hadoop('namenode', '-format', '-force', '-nonInteractive');

  const nameNode = `http://127.0.0.1:${ports.nameNodeWeb}/jmx?qry=Hadoop:service=NameNode,name=`;
  const resourceManager = `http://127.0.0.1:${ports.resourceManagerWeb}/ws/v1/cluster/`;
  const daemon = (name: string, answers: () => Promise<void>): Promise<Server> => {
    const own = join(folder, name.toLowerCase());
    mkdirSync(own);
    const args = [`HADOOP_CONF_DIR=${conf}`, join(home, 'bin', 'hadoop'), name.toLowerCase()];
    return startServer({ name, command: 'env', args, folder: own, answers });
  };
  const starts = [
    daemon('NodeManager', () => expectAnswer(`${resourceManager}metrics`, /"activeNodes":1\b/)),
    daemon('ResourceManager', () => expectAnswer(`${resourceManager}info`, /"state":"STARTED"/)),
    daemon('DataNode', () => expectAnswer(`${nameNode}FSNamesystemState`, /"NumLiveDataNodes" : 1\b/)),
    daemon('NameNode', () => expectAnswer(`${nameNode}NameNodeInfo`, /"Safemode" : ""/)),
  ];
  const stop = async (): Promise<void> => {
    // Those that depend on the others first: what is left of containers ends with the NodeManager.
    for (const start of starts) {
      await start.then((server) => server.stop()).catch(() => {});
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(starts);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    env,
    fileSystem: `hdfs://127.0.0.1:${ports.nameNode}`,
    logs: join(folder, 'logs'),
    hadoop,
    ask: async (path) => (await fetch(resourceManager + path)).json(),
    stop,
  };
}

/** A daemon is ready when another one says so. */
async function expectAnswer(url: string, ready: RegExp): Promise<void> {
  const answer = await (await fetch(url, { signal: AbortSignal.timeout(5_000) })).text();
  if (!ready.test(answer)) {
    throw new Error(`${url} answers ${answer.slice(0, 500)}`);
  }
}
