import {
  AddJobFlowStepsCommand,
  CancelStepsCommand,
  RunJobFlowCommand,
  type RunJobFlowCommandInput,
  type StepConfig,
  type StepSummary,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import type { Effects } from '../../effects.ts';
import { messageOf } from '../../failure.ts';
import { withLimit } from '../../with-limit.ts';
import { clusterName, runTag } from './cluster-request.ts';
import type { EmrApi } from './emr-api.ts';
import { describeCluster, listLiveClusters, listSteps } from './emr-queries.ts';
import type { EmrPlace } from './emr-settings.ts';
import { type Start, startOnce } from './start-once.ts';

/** How long ending what runs on EMR may take in milliseconds, throttling included, unless the job was told to stop. */
const endingMs = 60_000;

/** The cluster of one run: one of its own, which is started when the first step needs it, or one that others use too. */
export class RunCluster {
  readonly #emr: EmrApi;
  readonly #run: string;
  readonly #shared: string | undefined;
  readonly #pauseMs: number;
  readonly #effects: Effects;
  readonly #late: AbortSignal;
  /** Whether a cluster of the run may be up: from the moment on in which one is asked for. */
  #started = false;
  #id: string | undefined;
  #created: number | undefined;
  #steps: string[] = [];
  /** Name of a step that was asked for and whose id is not known: it may have been added. */
  #asked: string | undefined;

  /** @param late comes some time after the signal of the effects: nothing is ended any more then */
  constructor(
    emr: EmrApi,
    run: string,
    { sharedCluster, pollMs }: Pick<EmrPlace, 'sharedCluster' | 'pollMs'>,
    effects: Effects,
    late: AbortSignal,
  ) {
    this.#emr = emr;
    this.#run = run;
    this.#shared = sharedCluster;
    this.#pauseMs = pollMs;
    this.#effects = effects;
    this.#late = late;
    this.#id = sharedCluster;
  }

  /** The id of the cluster, once there is one. */
  get id(): string | undefined {
    return this.#id;
  }

  /** Since when there is a cluster of the run's own, in milliseconds of `performance.now()`. */
  get created(): number | undefined {
    return this.#created;
  }

  /** Finds the cluster that an earlier client of the run started, if it is still up. */
  async find(): Promise<void> {
    if (this.#shared === undefined) {
      const [found] = await this.#ownClusters(this.#emr);
      if (found !== undefined) {
        this.#effects.log.info(`EMR: going on with the cluster ${found.id}`, { cluster: found.id });
        this.#id = found.id;
        const age = this.#effects.now().getTime() - (found.created ?? this.#effects.now()).getTime();
        this.#created = performance.now() - Math.max(0, age);
        this.#started = true;
      }
    }
  }

  /** Starts the cluster, unless there is one. */
  async start(request: RunJobFlowCommandInput): Promise<void> {
    if (this.#id === undefined) {
      this.#effects.signal.throwIfAborted();
      this.#started = true;
      const start: Start = {
        action: 'RunJobFlow',
        send: async (client, options) => (await client.send(new RunJobFlowCommand(request), options)).JobFlowId,
        find: async () => (await this.#ownClusters(this.#emr))[0]?.id,
        pauseMs: this.#pauseMs,
      };
      const id = await startOnce(this.#emr, start, this.#effects);
      this.#id = id;
      this.#created = performance.now();
      this.#effects.log.info(`EMR: started the cluster ${id}, ${this.#emr.consoleUrl(id)}`, { cluster: id });
    }
    this.#effects.signal.throwIfAborted();
  }

  /** The steps of that name that an earlier client of the run has added, newest first. */
  async stepsNamed(name: string): Promise<StepSummary[]> {
    const steps = this.#id === undefined ? [] : await listSteps(this.#emr, this.#id);
    return steps.filter((step) => step.Name === name);
  }

  /**
   * Adds a step.
   *
   * @param earlier steps of its name that are there already
   * @returns its id
   */
  async addStep(step: StepConfig & { readonly Name: string }, earlier: readonly StepSummary[]): Promise<string> {
    this.#effects.signal.throwIfAborted();
    this.#asked = step.Name;
    const request = { JobFlowId: this.#id, Steps: [step] };
    const start: Start = {
      action: 'AddJobFlowSteps',
      send: async (client, options) => (await client.send(new AddJobFlowStepsCommand(request), options)).StepIds?.[0],
      find: async () =>
        (await this.stepsNamed(step.Name)).find(({ Id }) => !earlier.some((before) => before.Id === Id))?.Id,
      pauseMs: this.#pauseMs,
    };
    const id = await startOnce(this.#emr, start, this.#effects);
    this.#asked = undefined;
    this.#steps.push(id);
    this.#effects.signal.throwIfAborted();
    return id;
  }

  /** Takes over a step of an earlier client. */
  adopt(step: string): void {
    this.#steps.push(step);
  }

  /** Forgets a step that has ended. */
  ended(step: string): void {
    this.#steps = this.#steps.filter((each) => each !== step);
  }

  /** Ends what runs for the job: the cluster if it is the run's own, else our steps. Never throws: it says loudly what it could not end. */
  async end(): Promise<void> {
    const emr = this.#emr.until(withLimit(this.#late, endingMs));
    if (this.#shared !== undefined) {
      await this.#cancelOurs(emr, this.#shared);
    } else if (this.#started) {
      await this.#terminate(emr);
    }
  }

  async #cancelOurs(emr: EmrApi, cluster: string): Promise<void> {
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
        await this.#cancel(emr, cluster, steps);
      } catch (error) {
        this.#effects.log.error(
          `Steps may still be running on the cluster ${cluster}: ${messageOf(error)}\n  End them: aws emr cancel-steps --region ${emr.region} --cluster-id ${cluster} --step-ids ${steps.join(' ')}`,
          { cluster },
        );
      }
    }
  }

  /** Cancels steps of an earlier client. */
  async cancel(steps: readonly string[]): Promise<void> {
    await this.#cancel(this.#emr, this.#id ?? '', steps);
  }

  /** A step gets SIGTERM (SEND_INTERRUPT), so that its script can end the YARN application; TERMINATE_PROCESS is a SIGKILL, which leaves it running. */
  async #cancel(emr: EmrApi, cluster: string, steps: readonly string[]): Promise<void> {
    await emr.call('CancelSteps', (client, options) =>
      client.send(
        new CancelStepsCommand({ ClusterId: cluster, StepIds: [...steps], StepCancellationOption: 'SEND_INTERRUPT' }),
        options,
      ),
    );
    this.#effects.log.info(`EMR: cancelled ${steps.join(', ')} of ${cluster}`, { cluster });
  }

  /** The answer to RunJobFlow may have been lost on the way: whatever has the run's name is ended, the cluster that is known at first. */
  async #terminate(emr: EmrApi): Promise<void> {
    const ended = this.#id === undefined || (await this.#terminated(emr, [this.#id]));
    let others: string[] = [];
    try {
      others = (await this.#ownClusters(emr)).map(({ id }) => id).filter((id) => id !== this.#id);
    } catch (error) {
      this.#effects.log.warn(`EMR: cannot look for other clusters of the run: ${messageOf(error)}`);
    }
    const othersEnded = others.length === 0 || (await this.#terminated(emr, others));
    this.#started = !(ended && othersEnded);
  }

  /** @returns whether EMR ends them */
  async #terminated(emr: EmrApi, ids: readonly string[]): Promise<boolean> {
    const list = ids.join(' ');
    try {
      await emr.call('TerminateJobFlows', (client, options) =>
        client.send(new TerminateJobFlowsCommand({ JobFlowIds: [...ids] }), options),
      );
      this.#effects.log.info(`EMR: ended the cluster ${list}`, { cluster: list });
      return true;
    } catch (error) {
      this.#effects.log.error(
        `The cluster ${list} may still be running: ${messageOf(error)}\n  End it: aws emr terminate-clusters --region ${emr.region} --cluster-ids ${list}\n  Left alone, it ends by itself when it has been idle for the time of --emr-idle-minutes.`,
        { cluster: list },
      );
      return false;
    }
  }

  /** Live clusters that were started for this run. Only the description of a cluster has its tags; the list has its name. */
  async #ownClusters(emr: EmrApi): Promise<{ id: string; created: Date | undefined }[]> {
    const found: { id: string; created: Date | undefined }[] = [];
    for (const { Id = '', Name } of await listLiveClusters(emr)) {
      if (Name === clusterName(this.#run)) {
        const { Tags = [], Status } = await describeCluster(emr, Id);
        if (Tags.some(({ Key, Value }) => Key === runTag && Value === this.#run)) {
          found.push({ id: Id, created: Status?.Timeline?.CreationDateTime });
        }
      }
    }
    return found;
  }
}
