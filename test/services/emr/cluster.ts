import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { bootstrapLogs, runBootstrapAction } from './bootstrap.ts';
import type { Faults } from './faults.ts';
import type { ClusterState, Input, StepConfig } from './inputs.ts';
import { type InstanceGroup, newInstanceGroups } from './instances.ts';
import { LogShipper } from './log-shipper.ts';
import { loseTasks } from './lose-tasks.ts';
import { makePrimaryNode, type NodeImage, type PrimaryNode } from './primary-node.ts';
import { randomId } from './random-id.ts';
import { runStep, stepLogs } from './run-step.ts';
import { type CancellationOption, newStep, type Step } from './step.ts';

/** Why a cluster ends. */
export interface Ending {
  readonly Code:
    | 'ALL_STEPS_COMPLETED'
    | 'USER_REQUEST'
    | 'STEP_FAILURE'
    | 'BOOTSTRAP_FAILURE'
    | 'INSTANCE_FAILURE'
    | 'INTERNAL_ERROR';
  readonly Message: string;
}

/** What clusters share. */
export interface ClusterParts {
  readonly s3: S3Client;
  readonly image: NodeImage;
  readonly faults: Faults;
  /** Each cluster makes its own folder in it. */
  readonly folder: string;
}

/**
 * A cluster and its life: STARTING, BOOTSTRAPPING, RUNNING and WAITING by turns, TERMINATING, and TERMINATED or TERMINATED_WITH_ERRORS. Steps run
 * one after the other whatever its StepConcurrencyLevel.
 */
export class Cluster {
  readonly id = randomId('j-');
  readonly created = new Date();
  readonly request: Input<'RunJobFlow'>;
  readonly groups: readonly InstanceGroup[];
  readonly steps: Step[];
  /** Resolves when it is terminated and its logs are on S3. */
  readonly life: Promise<void>;
  /** All states so far, the present one last; each RUNNING is a step. */
  readonly states: ClusterState[] = ['STARTING'];
  reason: { Code?: string; Message?: string } = {};
  ready: Date | undefined;
  ended: Date | undefined;
  terminationProtected: boolean;
  /** Seconds of the auto-termination policy. */
  idleTimeout: number | undefined;

  readonly #parts: ClusterParts;
  readonly #logs: LogShipper;
  readonly #changes = new EventEmitter();
  readonly #stop = new AbortController();
  #ending: Ending | undefined;
  #dropped = false;

  constructor(request: Input<'RunJobFlow'>, parts: ClusterParts) {
    this.request = request;
    this.#parts = parts;
    this.groups = newInstanceGroups(request.Instances.InstanceGroups ?? []);
    this.steps = request.Steps.map(newStep);
    this.terminationProtected = request.Instances.TerminationProtected;
    this.idleTimeout = request.AutoTerminationPolicy?.IdleTimeout;
    this.#logs = new LogShipper(parts.s3, request.LogUri, this.id);
    this.life = this.#live();
  }

  get state(): ClusterState {
    return this.states.at(-1) ?? 'STARTING';
  }

  get isAlive(): boolean {
    return ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING'].includes(this.state);
  }

  /** @returns the ids of the new steps */
  addSteps(configs: readonly StepConfig[]): string[] {
    const steps = configs.map(newStep);
    this.steps.push(...steps);
    this.#changes.emit('change');
    return steps.map(({ id }) => id);
  }

  /** @returns whether the step was still to be cancelled */
  cancelStep(step: Step, option: CancellationOption): boolean {
    if (step.state === 'PENDING') cancel(step);
    else if (step.state === 'RUNNING') {
      step.state = 'CANCEL_PENDING';
      void this.#parts.faults.cancelling.then(() => step.cancel.abort(option));
    } else return false;
    return true;
  }

  setIdleTimeout(seconds: number | undefined): void {
    this.idleTimeout = seconds;
    this.#changes.emit('change');
  }

  /** Ends it, if nothing has ended it yet. */
  terminate(ending: Ending): void {
    if (!this.isAlive || this.#stop.signal.aborted) return;
    this.#ending = ending;
    this.#become('TERMINATING', ending);
    this.#stop.abort();
  }

  /**
   * Its spot instances of the role TASK are taken away, and with them the tasks of the job that runs, which run again.
   *
   * @returns whether a job was running
   */
  loseTaskNodes(): boolean {
    for (const { config, instances } of this.groups) {
      if (config.InstanceRole !== 'TASK' || config.Market !== 'SPOT') continue;
      for (const instance of instances.filter(({ lost }) => lost === undefined)) {
        instance.lost = {
          Code: 'INSTANCE_FAILURE',
          Message: `Instance ${instance.ec2Id} was terminated: Spot interruption.`,
        };
        instance.ended = new Date();
      }
    }
    return loseTasks(path.join(this.#parts.folder, this.id));
  }

  /** Ends it at once and leaves no log, when nobody is to see it any more. */
  async drop(): Promise<void> {
    this.#dropped = true;
    this.#logs.drop();
    this.terminate({ Code: 'INTERNAL_ERROR', Message: 'The stand-in is stopped' });
    await this.life;
  }

  async #live(): Promise<void> {
    const ending = await this.#work().catch((error: unknown): Ending => {
      return this.#ending ?? { Code: 'INTERNAL_ERROR', Message: `The stand-in failed: ${String(error)}` };
    });
    this.#become('TERMINATING', ending);
    for (const step of this.steps) if (step.state === 'PENDING') cancel(step, 'Job terminated');
    if (!this.#dropped) {
      await sleep(this.#parts.faults.terminatingMs);
      await this.#logs.flush();
    }
    this.ended = new Date();
    const fine = ending.Code === 'ALL_STEPS_COMPLETED' || ending.Code === 'USER_REQUEST';
    this.#become(fine ? 'TERMINATED' : 'TERMINATED_WITH_ERRORS', ending);
  }

  /** All between STARTING and TERMINATING. Throws when it is terminated from outside. */
  async #work(): Promise<Ending> {
    const { faults, image, folder } = this.#parts;
    await this.#pause(faults.startingMs);
    this.#become('BOOTSTRAPPING', { Message: 'Running bootstrap actions' });
    await this.#pause(faults.bootstrappingMs);
    const node = await makePrimaryNode(image, path.join(folder, this.id), this.created);
    const failure = await this.#bootstrap(node);
    this.#stop.signal.throwIfAborted();
    if (failure !== undefined) return { Code: 'BOOTSTRAP_FAILURE', Message: failure };
    this.ready = new Date();
    for (;;) {
      const step = this.steps.find(({ state }) => state === 'PENDING');
      if (step !== undefined) {
        if (await this.#run(node, step)) return { Code: 'STEP_FAILURE', Message: 'Shut down as step failed' };
      } else if (!this.request.Instances.KeepJobFlowAliveWhenNoSteps) {
        const failed = this.steps.some(({ state }) => state === 'FAILED');
        return { Code: 'ALL_STEPS_COMPLETED', Message: `Steps completed${failed ? ' with errors' : ''}` };
      } else if (await this.#idle()) {
        // The code is a guess: the list of codes in the API reference has none for this.
        return {
          Code: 'ALL_STEPS_COMPLETED',
          Message: 'Cluster was idle for longer than its auto-termination policy allows',
        };
      }
    }
  }

  async #bootstrap(node: PrimaryNode): Promise<string | undefined> {
    const { s3, faults } = this.#parts;
    const primary = this.groups.find(({ config }) => config.InstanceRole === 'MASTER')?.instances[0]?.ec2Id ?? 'i-0';
    for (const [index, action] of this.request.BootstrapActions.entries()) {
      const at = index + 1;
      const context = { s3, faults, signal: this.#stop.signal, instanceId: primary };
      const failure = await runBootstrapAction(node, action, at, context);
      this.#logs.shipLater(bootstrapLogs(node, at), `/node/${primary}/bootstrap-actions/${at}`, faults.logDelayMs);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  /** @returns whether the step failed so that the cluster must end */
  async #run(node: PrimaryNode, step: Step): Promise<boolean> {
    const { faults } = this.#parts;
    this.#become('RUNNING', { Message: 'Running step' });
    step.state = 'RUNNING';
    step.started = new Date();
    const signal = AbortSignal.any([this.#stop.signal, step.cancel.signal]);
    const failure = await runStep(node, step, { faults, logs: this.#logs, signal });
    step.ended = new Date();
    this.#logs.shipLater(stepLogs(node, step), `/steps/${step.id}`, faults.logDelayMs);
    this.#logs.shipLater(path.join(node.folder, 'containers'), '/containers', faults.logDelayMs);
    if (this.#stop.signal.aborted) {
      step.state = 'INTERRUPTED';
      this.#stop.signal.throwIfAborted();
    }
    if (step.cancel.signal.aborted) {
      cancel(step, 'Cancelled by user');
      return false;
    }
    if (failure === undefined) {
      step.state = 'COMPLETED';
      return false;
    }
    step.state = 'FAILED';
    step.failure = failure;
    if (step.config.ActionOnFailure === 'CANCEL_AND_WAIT') {
      for (const next of this.steps) if (next.state === 'PENDING') cancel(next);
    }
    return step.config.ActionOnFailure.startsWith('TERMINATE_');
  }

  /** Waits for steps. @returns whether it waited as long as the auto-termination policy allows */
  async #idle(): Promise<boolean> {
    const last = this.steps.findLast(({ ended }) => ended !== undefined);
    const after = last === undefined ? 'to run steps' : `after last step ${last.state.toLowerCase()}`;
    this.#become('WAITING', { Message: `Cluster ready ${after}.` });
    const { idleSecondMs } = this.#parts.faults;
    const limit = this.idleTimeout === undefined ? undefined : AbortSignal.timeout(this.idleTimeout * idleSecondMs);
    const signal = AbortSignal.any([this.#stop.signal, ...(limit === undefined ? [] : [limit])]);
    await once(this.#changes, 'change', { signal }).catch(() => {});
    this.#stop.signal.throwIfAborted();
    return limit?.aborted === true && !this.steps.some(({ state }) => state === 'PENDING');
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal });
  }

  #become(state: ClusterState, reason: { Code?: string; Message?: string }): void {
    if (state !== this.state || state === 'RUNNING') this.states.push(state);
    this.reason = reason;
  }
}

function cancel(step: Step, message = 'Cancelled'): void {
  step.state = 'CANCELLED';
  step.message = message;
  step.ended ??= new Date();
}
