/** What goes wrong with the next calls. */
export interface Trouble {
  /** `RunJobFlow`; every operation when it is left out. */
  readonly operation?: string;
  /** How many calls it still meets; counted down. */
  times: number;
  /**
   * `throttle`: "Rate exceeded". `internal`: an error 500. `reset`: the connection breaks before the call is done. `lost-answer`: it breaks
   * after the call is done, so that a client that tries again does it twice.
   */
  readonly kind: 'throttle' | 'internal' | 'reset' | 'lost-answer';
}

/** How the stand-in misbehaves and how long it takes; every member may be changed while it runs. */
export interface Faults {
  /** Operations that the caller has no permission for: `RunJobFlow`. */
  readonly denied: Set<string>;
  readonly trouble: Trouble[];
  /** Every call before this time (epoch ms) is throttled. */
  throttledUntil: number;
  /** `dnf install` finds no package, so that bootstrap actions that need one fail. */
  packagesMissing: boolean;
  /** Steps that start from now on run for ever. */
  stepsHang: boolean;
  /** What a running step waits for before it heeds that it is cancelled. */
  cancelling: Promise<void>;
  /** Added to the environment of steps that start from now on, and of their tasks. */
  stepEnvironment: Record<string, string>;
  /** From the end of a step to its logs on S3; Amazon EMR takes about five minutes. The end of a cluster brings all that is left. */
  logDelayMs: number;
  startingMs: number;
  bootstrappingMs: number;
  terminatingMs: number;
  /** What a second of an auto-termination policy's idle timeout takes here. */
  idleSecondMs: number;
}

export function noFaults(): Faults {
  return {
    denied: new Set(),
    trouble: [],
    throttledUntil: 0,
    packagesMissing: false,
    stepsHang: false,
    cancelling: Promise.resolve(),
    stepEnvironment: {},
    logDelayMs: 200,
    startingMs: 200,
    bootstrappingMs: 100,
    terminatingMs: 100,
    idleSecondMs: 1_000,
  };
}
