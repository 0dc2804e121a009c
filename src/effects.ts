import type { Readable, Writable } from 'node:stream';

/** Figures that stand beside a message; JSON log lines carry them as members. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where messages for the operator go. Results never do: they go to standard output. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** How far a job has come. */
export interface Progress {
  /** What it is doing: `Relating`. */
  readonly stage: string;
  /** Work done and work in all, in `unit`s; the total is `undefined` while it cannot be known. */
  readonly done: number;
  readonly total: number | undefined;
  /** `pairs`: the sum of n(n−1) over the paths that are done with. */
  readonly unit: 'views' | 'pairs' | 'relations' | 'products' | 'bytes';
}

/** How the S3 server is reached; what is left out, the AWS SDK finds by itself (`AWS_ENDPOINT_URL_S3`). */
export interface S3Settings {
  /** URL of a server that speaks the protocol of S3. */
  readonly endpoint?: string;
  /** The bucket stands in the path of a URL instead of in its host name. */
  readonly pathStyle?: boolean;
  readonly region?: string;
}

/** All that the job takes from the world around it. It enters at the top and is passed down, so that a test can pass its own. */
export interface Effects {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly log: Log;
  /** How messages write counts. */
  readonly number: (count: number) => string;
  /** Told as often as there is something to tell, many times a second. */
  readonly progress: (progress: Progress) => void;
  /** Called whenever the job got on by a step that is too small to be told: bytes or rows came or went, a cluster answered. */
  readonly alive: () => void;
  readonly s3?: S3Settings;
  /** Aborted when the job is to stop; its reason is thrown by whatever was under way. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Waits so many milliseconds; throws the reason of `signal` once that is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** `bytes` random bytes as lower-case hex. */
  readonly randomHex: (bytes: number) => string;
}

const ignore = (): void => {};

/** A log that says nothing: what an embedding program gets unless it passes its own. */
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
