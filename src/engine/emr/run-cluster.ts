import {
  AddJobFlowStepsCommand,
  CancelStepsCommand,
  type Cluster,
  RunJobFlowCommand,
  type RunJobFlowCommandInput,
  type StepConfig,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import type { Effects } from '../../effects.ts';
import { messageOf } from '../../failure.ts';
import { clusterName, runTag } from './cluster-request.ts';
import type { EmrApi } from './emr-api.ts';
import { describeCluster, listLiveClusters, listSteps } from './emr-queries.ts';

/** How long ending what runs on EMR may take, throttling included; whoever sent the signal expects an end soon. */
const endingMs = 60_000;

/** How long the answer to a request that starts something is waited for when the job was told to stop: it names what must be ended. */
const answerMs = 5_000;

/** The cluster of one run: one of its own, which is started when the first step needs it, or one that others use too. */
export class RunCluster {
  readonly #emr: EmrApi;
  readonly #run: string;
  readonly #shared: string | undefined;
  readonly #effects: Effects;
  /** Whether a cluster of the run may be up: from the moment on in which one is asked for. */
  #started = false;
  #id: string | undefined;
  #steps: string[] = [];
  /** Name of a step that was asked for and whose id is not known: it may have been added. */
  #asked: string | undefined;

  /** @param shared the id of a cluster that others use too */
  constructor(emr: EmrApi, run: string, shared: string | undefined, effects: Effects) {
    this.#emr = emr;
    this.#run = run;
    this.#shared = shared;
    this.#effects = effects;
    this.#id = shared;
  }

  /** The id of the cluster, once there is one. */
  get id(): string | undefined {
    return this.#id;
  }

  /** Finds the cluster that an earlier client of the run started, if it is still up. */
  async find(): Promise<void> {
    if (this.#shared === undefined) {
      const [found] = await this.#ownClusters(this.#emr);
      if (found !== undefined) {
        this.#effects.log.info(`EMR: going on with the cluster ${found}`, { cluster: found });
        this.#id = found;
        this.#started = true;
      }
    }
  }

  /** Starts the cluster, unless there is one. */
  async start(request: RunJobFlowCommandInput): Promise<string> {
    if (this.#id === undefined) {
      const patient = this.#patient();
      this.#started = true;
      const { JobFlowId } = await patient.call('RunJobFlow', (client, options) =>
        client.send(new RunJobFlowCommand(request), options),
      );
      if (JobFlowId === undefined) {
        throw new Error('EMR started a cluster and did not say which');
      }
      this.#id = JobFlowId;
      this.#effects.log.info(`EMR: started the cluster ${JobFlowId}, ${this.#emr.consoleUrl(JobFlowId)}`, {
        cluster: JobFlowId,
      });
    }
    this.#effects.signal.throwIfAborted();
    return this.#id;
  }

  async describe(): Promise<Cluster> {
    return await describeCluster(this.#emr, this.#id ?? '');
  }

  /** Adds a step: its id. */
  async addStep(step: StepConfig): Promise<string> {
    const patient = this.#patient();
    this.#asked = step.Name;
    const { StepIds } = await patient.call('AddJobFlowSteps', (client, options) =>
      client.send(new AddJobFlowStepsCommand({ JobFlowId: this.#id, Steps: [step] }), options),
    );
    const [id] = StepIds ?? [];
    if (id === undefined) {
      throw new Error('EMR added a step and did not say which');
    }
    this.#asked = undefined;
    this.#steps.push(id);
    this.#effects.signal.throwIfAborted();
    return id;
  }

  /** Told to stop while it asks, it still waits for the answer. */
  #patient(): EmrApi {
    this.#effects.signal.throwIfAborted();
    return this.#emr.until(abortedLater(this.#effects.signal, answerMs));
  }

  /** A step of that name that waits or runs, the newest one; it counts as this client's from now on. */
  async liveStep(name: string): Promise<string | undefined> {
    if (this.#id === undefined) {
      return undefined;
    }
    const steps = await listSteps(this.#emr, this.#id, ['PENDING', 'RUNNING']);
    const id = steps.find((step) => step.Name === name)?.Id;
    if (id !== undefined) {
      this.#steps.push(id);
    }
    return id;
  }

  /** Forgets a step that has ended. */
  ended(step: string): void {
    this.#steps = this.#steps.filter((each) => each !== step);
  }

  /** Ends what runs for the job: the cluster if it is the run's own, else our steps. Never throws: it says loudly what it could not end. */
  async end(): Promise<void> {
    const emr = this.#emr.until(AbortSignal.timeout(endingMs));
    if (this.#shared !== undefined) {
      await this.#cancelSteps(emr, this.#shared);
    } else if (this.#started) {
      await this.#terminate(emr);
    }
  }

  /** A step gets SIGTERM (SEND_INTERRUPT), so that its script can end the YARN application; TERMINATE_PROCESS is a SIGKILL, which leaves it running. */
  async #cancelSteps(emr: EmrApi, cluster: string): Promise<void> {
    const steps = this.#steps.splice(0);
    try {
      // The answer may have been lost on the way.
      const lost = this.#asked === undefined ? [] : await listSteps(emr, cluster, ['PENDING', 'RUNNING']);
      steps.push(...lost.flatMap(({ Id, Name }) => (Id !== undefined && Name === this.#asked ? [Id] : [])));
    } catch (error) {
      this.#effects.log.warn(`EMR: cannot look whether ${this.#asked} runs on ${cluster}: ${messageOf(error)}`);
    }
    if (steps.length > 0) {
      try {
        await emr.call('CancelSteps', (client, options) =>
          client.send(
            new CancelStepsCommand({ ClusterId: cluster, StepIds: steps, StepCancellationOption: 'SEND_INTERRUPT' }),
            options,
          ),
        );
        this.#effects.log.info(`EMR: cancelled ${steps.join(', ')} of ${cluster}`, { cluster });
      } catch (error) {
        this.#effects.log.error(
          `Steps may still be running on the cluster ${cluster}: ${messageOf(error)}\n  End them: aws emr cancel-steps --region ${emr.region} --cluster-id ${cluster} --step-ids ${steps.join(' ')}`,
          { cluster },
        );
      }
    }
  }

  /** An answer to RunJobFlow may have been lost on the way, and the SDK asked again: whatever has the run's name is ended. */
  async #terminate(emr: EmrApi): Promise<void> {
    const ids = new Set(this.#id === undefined ? [] : [this.#id]);
    try {
      for (const id of await this.#ownClusters(emr)) {
        ids.add(id);
      }
    } catch (error) {
      this.#effects.log.warn(`EMR: cannot look for other clusters of the run: ${messageOf(error)}`);
    }
    if (ids.size > 0) {
      const list = [...ids].join(' ');
      try {
        await emr.call('TerminateJobFlows', (client, options) =>
          client.send(new TerminateJobFlowsCommand({ JobFlowIds: [...ids] }), options),
        );
        this.#started = false;
        this.#effects.log.info(`EMR: ended the cluster ${list}`, { cluster: list });
      } catch (error) {
        this.#effects.log.error(
          `The cluster ${list} may still be running: ${messageOf(error)}\n  End it: aws emr terminate-clusters --region ${emr.region} --cluster-ids ${list}\n  Left alone, it ends by itself when it has been idle for the time of --emr-idle-minutes.`,
          { cluster: list },
        );
      }
    }
  }

  /** Live clusters that were started for this run. Only the description of a cluster has its tags; the list has its name. */
  async #ownClusters(emr: EmrApi): Promise<string[]> {
    const found: string[] = [];
    for (const { Id = '', Name } of await listLiveClusters(emr)) {
      if (Name === clusterName(this.#run)) {
        const { Tags = [] } = await describeCluster(emr, Id);
        if (Tags.some(({ Key, Value }) => Key === runTag && Value === this.#run)) {
          found.push(Id);
        }
      }
    }
    return found;
  }
}

/** A signal that is aborted for the same reason, so many milliseconds later. */
function abortedLater(signal: AbortSignal, ms: number): AbortSignal {
  const later = new AbortController();
  const start = (): void => {
    setTimeout(() => later.abort(signal.reason), ms).unref();
  };
  if (signal.aborted) {
    start();
  } else {
    signal.addEventListener('abort', start, { once: true });
  }
  return later.signal;
}
