import { epoch } from './epoch.ts';
import type { StepConfig } from './inputs.ts';
import { randomId } from './random-id.ts';

export type StepState = 'PENDING' | 'CANCEL_PENDING' | 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED' | 'INTERRUPTED';

/** How a running step is told to end: by a SIGTERM to its process, or by a SIGKILL to that and all that it started. */
export type CancellationOption = 'SEND_INTERRUPT' | 'TERMINATE_PROCESS';

export interface StepFailure {
  readonly Reason: string;
  readonly Message?: string;
  readonly LogFile?: string;
}

/** A step of a cluster, and what became of it. */
export interface Step {
  readonly id: string;
  readonly config: StepConfig;
  readonly created: Date;
  state: StepState;
  message?: string;
  failure?: StepFailure;
  started?: Date;
  ended?: Date;
  /** Aborted when it is cancelled while it runs; the reason is the option. */
  readonly cancel: AbortController;
}

export function newStep(config: StepConfig): Step {
  return { id: randomId('s-'), config, created: new Date(), state: 'PENDING', cancel: new AbortController() };
}

/** The step as DescribeStep and ListSteps give it. */
export function describeStep({ id, config, created, state, message, failure, started, ended }: Step) {
  const { Jar, Args, MainClass, Properties } = config.HadoopJarStep;
  return {
    Id: id,
    Name: config.Name,
    Config: {
      Jar,
      Properties: Object.fromEntries(Properties.map(({ Key, Value }) => [Key, Value])),
      ...(MainClass === undefined ? {} : { MainClass }),
      Args,
    },
    ActionOnFailure: config.ActionOnFailure,
    Status: {
      State: state,
      StateChangeReason: message === undefined ? {} : { Message: message },
      ...(failure === undefined ? {} : { FailureDetails: failure }),
      Timeline: {
        CreationDateTime: epoch(created),
        ...(started === undefined ? {} : { StartDateTime: epoch(started) }),
        ...(ended === undefined ? {} : { EndDateTime: epoch(ended) }),
      },
    },
  };
}
