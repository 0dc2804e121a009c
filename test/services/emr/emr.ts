import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ownFolder } from '../own-folder.ts';
import type { S3Connection } from '../s3.ts';
import { s3Client } from '../s3-client.ts';
import type { Cluster } from './cluster.ts';
import { type Faults, noFaults } from './faults.ts';
import { makeNodeImage } from './primary-node.ts';
import { type SeenRequest, serveProtocol } from './protocol.ts';
import { Service } from './service.ts';

/** A running stand-in for Amazon EMR. Its users have the keys of the S3 server. */
export interface EmrStandIn {
  /** For AWS_ENDPOINT_URL_EMR, or the client's `endpoint`. */
  readonly endpoint: string;
  readonly region: string;
  /** All calls so far, also those that were refused. */
  readonly requests: readonly SeenRequest[];
  /** All clusters so far, as they are now. */
  readonly clusters: readonly Cluster[];
  readonly faults: Faults;
  /** A cluster's instances fail, and the cluster with them. */
  loseCluster(id: string): void;
  /** The spot instances of a cluster's task groups are taken away; the cluster goes on. Returns whether a job lost tasks, which run again. */
  loseTaskNodes(id: string): boolean;
  /** Ends every cluster and what runs on it, and removes all files. */
  stop(): Promise<void>;
}

/**
 * Starts a stand-in for Amazon EMR: it speaks the protocol of the API, keeps the documented states, limits and errors, and runs bootstrap actions
 * and steps for real, on this machine, with Hadoop's LocalJobRunner against the S3 server.
 *
 * What a step sees is near to a primary node: `hadoop-streaming`, `hadoop`, `yarn logs`, `sudo`, `dnf`, `alternatives`, s3:// and s3a:// addresses,
 * and no `node` until a bootstrap action has installed it. What is not: one machine is all nodes, whatever version of Node.js a package names
 * it is this machine's, and a package's programs are found by their names only, not under /usr/bin.
 */
export async function startEmr({ s3 }: { s3: S3Connection }): Promise<EmrStandIn> {
  const folder = await ownFolder(tmpdir(), 'also-viewed-emr');
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.on('exit', removeFolder);
  const client = s3Client(s3);
  const faults = noFaults();
  const clustersFolder = path.join(folder, 'clusters');
  await mkdir(clustersFolder);
  const image = await makeNodeImage(path.join(folder, 'image'), s3);
  const { region, accessKeyId } = s3;
  const service = new Service({ s3: client, image, faults, folder: clustersFolder }, region);
  const requests: SeenRequest[] = [];
  const { endpoint, server } = await serveProtocol({
    region,
    accessKeyId,
    faults,
    seen: (request) => requests.push(request),
    call: (operation, input) => service.call(operation, input),
  });

  const cluster = (id: string): Cluster => {
    const found = service.clusters.find((each) => each.id === id);
    if (found === undefined) throw new Error(`Cannot find the cluster ${id} in this stand-in`);
    return found;
  };
  return {
    endpoint,
    region,
    requests,
    clusters: service.clusters,
    faults,
    loseCluster(id) {
      cluster(id).terminate({ Code: 'INSTANCE_FAILURE', Message: 'The master node was terminated.' });
    },
    loseTaskNodes(id) {
      return cluster(id).loseTaskNodes();
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await Promise.all([closed, ...service.clusters.map((each) => each.drop())]);
      client.destroy();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      process.off('exit', removeFolder);
    },
  };
}
