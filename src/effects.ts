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

/** All that the job takes from the world around it. It enters at the top and is passed down, so that a test can pass its own. */
export interface Effects {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly log: Log;
  /** Aborted when the job is to stop; its reason is thrown by whatever was under way. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** `bytes` random bytes as lower-case hex. */
  readonly randomHex: (bytes: number) => string;
}

const ignore = (): void => {};

/** A log that says nothing: what an embedding program gets unless it passes its own. */
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
