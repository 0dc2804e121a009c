import { createHash } from 'node:crypto';
import type { Effects } from '../../effects.ts';
import { messageOf } from '../../failure.ts';
import { outlasting } from '../../outlasting.ts';
import { packageFile } from '../../package-file.ts';
import type { FormatNumber } from '../../report/format-rows.ts';
import { listTree } from '../../storage/s3-tree.ts';
import { withTemporaryFolder } from '../../storage/temporary-folder.ts';
import { defaultMemory } from '../../streaming/memory.ts';
import { withLimit } from '../../with-limit.ts';
import { checkOutput } from '../cluster/check-output.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { type ClusterInput, sortInput } from '../cluster/cluster-input.ts';
import { jobFiles, targetsFile } from '../cluster/job-files.ts';
import { propertiesFile, propertiesXml } from '../cluster/properties-xml.ts';
import { relateOnCluster } from '../cluster/relate-on-cluster.ts';
import { withOrigin } from '../cluster/with-origin.ts';
import type { EmrSettings, Engine, Related, RelateJob } from '../engine.ts';
import { clusterRequest } from './cluster-request.ts';
import { EmrApi, inRegion } from './emr-api.ts';
import { fetchParts, type PhaseContext, runPhase } from './emr-phases.ts';
import { type EmrPlace, emrPlace } from './emr-settings.ts';
import { checkNode } from './node-check.ts';
import { describePlan, guard, planJob } from './plan.ts';
import { preflight } from './preflight.ts';
import { RunCluster } from './run-cluster.ts';
import { Staging } from './staging.ts';

/** The script that installs Node.js on the nodes, in the package's `scripts/`. */
const bootstrapScript = packageFile('scripts/emr-bootstrap.sh');

/** Addresses that a cluster reads by itself. */
const ofCluster = /^s3:\/\//;

/** How long, in milliseconds, removing the files of a job that has failed may take. */
const removalMs = 30_000;

/** When a job that was told to stop gives up ending what it runs, and removing its files: who sent the signal expects an end within 5 s. */
const stopped = { endingMs: 3000, removalMs: 4500 };

/** Relates on Amazon EMR: the two Hadoop Streaming jobs as steps of a cluster that is started for them, or of a running one. */
export const emrEngine: Engine = {
  async relate(job: RelateJob, given: Effects): Promise<Related> {
    const place = emrPlace(job.emr, given.env);
    const effects = inRegion(place.region, given);
    const emr = new EmrApi(place.region, effects);
    const input = await sortInput(job.views, 'emr', ofCluster, effects);
    await preflight(emr, place, input.remote, effects);
    await checkOutput(job.out, given);
    // What an earlier client began was allowed then.
    if (!job.run.resumed) {
      const plan = await planJob(place, input, job, effects);
      effects.log.info(describePlan(plan, place).trimEnd());
      if (job.emr.yes !== true) {
        guard(plan, place);
      }
    }
    const staging = new Staging(place.staging, job.run.id, effects);
    const ending = outlasting(effects, stopped.endingMs);
    const removing = outlasting(effects, stopped.removalMs);
    const cluster = new RunCluster(emr, job.run.id, place, effects, ending.own.signal);
    return await withTemporaryFolder(async (local) => {
      try {
        if (job.run.resumed) {
          await cluster.find();
        }
        const there = await prepared({ emr, place, staging, cluster, local, input, job }, effects);
        // The result may go to another region.
        const related = await relateOnCluster(there, job, given);
        // Once more, if it was refused before.
        await cluster.end();
        await removeStaging(staging, false, effects);
        return related;
      } catch (error) {
        await cluster.end();
        if (!job.run.resumable) {
          const afterwards = { ...effects, signal: withLimit(removing.own.signal, removalMs) };
          await removeStaging(new Staging(place.staging, job.run.id, afterwards), true, effects);
        }
        throw error;
      } finally {
        ending.done();
        removing.done();
      }
    });
  },
  async check(settings: EmrSettings, given: Effects): Promise<void> {
    const place = emrPlace(settings, given.env);
    const effects = inRegion(place.region, given);
    await preflight(new EmrApi(place.region, effects), place, [], effects);
  },
  async plan(job: RelateJob, given: Effects, number?: FormatNumber): Promise<string> {
    const place = emrPlace(job.emr, given.env);
    const effects = inRegion(place.region, given);
    const input = await sortInput(job.views, 'emr', ofCluster, effects);
    return describePlan(await planJob(place, input, job, effects), place, number);
  },
};

interface Parts {
  readonly emr: EmrApi;
  readonly place: EmrPlace;
  readonly staging: Staging;
  readonly cluster: RunCluster;
  readonly local: string;
  readonly input: ClusterInput;
  readonly job: RelateJob;
}

/** The cluster with views and jobs in place; it is not started before the first phase. */
async function prepared(
  { emr, place, staging, cluster, local, input, job }: Parts,
  effects: Effects,
): Promise<Cluster> {
  await staging.prepare();
  const files: string[] = [];
  for (const { file } of jobFiles) {
    files.push(await staging.share(file));
  }
  if (job.targets !== undefined) {
    files.push(await staging.write(targetsFile.name, targetsFile.content(job.targets)));
  }
  const bootstrap = await staging.share(bootstrapScript);
  const views = [...input.remote];
  const uploaded = new Map<string, string>();
  for (const file of input.local) {
    const address = await staging.uploadViews(file);
    uploaded.set(address, file);
    views.push(address);
  }
  const nodeArchive = await archiveAddress(job.cluster.nodeArchive, staging);
  const context: PhaseContext = {
    emr,
    run: job.run.id,
    configuration: propertiesXml(job.cluster.properties),
    content: await contentOf(input.remote, job.targets ?? [], effects),
    resumed: job.run.resumed,
    staging,
    cluster,
    start: () =>
      cluster.start(clusterRequest(place.nodes, job.run.id, place.logUri, bootstrap, job.memory ?? defaultMemory)),
    local,
    place,
    begun: performance.now(),
  };
  if (place.sharedCluster !== undefined && nodeArchive === undefined) {
    await checkNode(context, effects);
  }
  return {
    views,
    files,
    nodeArchive,
    // In the folder in which a step's script runs.
    configuration: propertiesFile,
    output: (phase) => `${staging.run}/${phase}`,
    run: async (phase, streaming) => {
      const { count, rejections } = await runPhase(context, phase, streaming, effects);
      return { count, rejections: rejections.map((line) => withOrigin(line, (address) => uploaded.get(address))) };
    },
    fetch: async (phase) => {
      // All steps are done: what is left needs no cluster.
      await cluster.end();
      return await fetchParts(context, phase, effects);
    },
  };
}

/** Files of this machine have their digests in their addresses; those on S3 may have been replaced under theirs. */
async function contentOf(remote: readonly string[], targets: readonly string[], effects: Effects): Promise<string> {
  const hash = createHash('sha256').update(targetsFile.content(targets));
  for (const location of remote) {
    for await (const object of listTree(location, effects)) {
      hash.update(`\n${object.location} ${object.etag}`);
    }
  }
  return hash.digest('hex');
}

/** A tarball of this machine is uploaded once; an address stays as it is. */
async function archiveAddress(archive: string | undefined, staging: Staging): Promise<string | undefined> {
  return archive === undefined || /^[a-z][\w+.-]*:\/\//i.test(archive) ? archive : await staging.share(archive);
}

/** A result that is whole is not lost because what it was made from could not be removed. */
async function removeStaging(staging: Staging, keepReports: boolean, effects: Effects): Promise<void> {
  try {
    await staging.remove(keepReports);
  } catch (error) {
    effects.log.warn(`The temporary files under ${staging.run}/ could not be removed: ${messageOf(error)}`);
  }
}
