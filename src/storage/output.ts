import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { Effects } from '../effects.ts';
import { ClosedPipe, errorCode, fileFailure } from '../failure.ts';
import { outlasting } from '../outlasting.ts';
import { untilAborted } from '../until-aborted.ts';
import type { GzipMembers, Member } from './gzip-members.ts';
import { type PendingObject, storageOf } from './storage.ts';

/** A finished file. Bytes, lines and digest are those of the uncompressed content. */
export interface Artefact {
  readonly location: string;
  readonly bytes: number;
  readonly lines: number;
  readonly sha256: string;
}

/** How long tidying up may take once the job was told to stop; whoever sent the signal expects an end soon. */
const tidyingMs = 10_000;

/** A file being written: seen under its name only once it is whole. Gzip when the name ends in `.gz`. */
export class Output {
  readonly location: string;
  readonly #pending: PendingObject;
  readonly #stream: Writable;
  readonly #gzip: GzipMembers | undefined;
  readonly #digest = createHash('sha256');
  readonly #stop: AbortSignal;
  readonly #alive: () => void;
  #bytes = 0;
  #lines = 0;
  #failure: unknown;

  private constructor(
    location: string,
    pending: PendingObject,
    Gzip: typeof GzipMembers | undefined,
    threads: number | undefined,
    effects: Effects,
  ) {
    this.location = location;
    this.#stop = effects.signal;
    this.#alive = effects.alive;
    this.#pending = pending;
    this.#stream = pending.stream;
    const fail = (error: Error): void => {
      // Only a pipe says EPIPE: its reader went away.
      this.#failure ??= errorCode(error) === 'EPIPE' ? new ClosedPipe() : fileFailure('write', location, error);
    };
    pending.stream.on('error', fail);
    this.#gzip = Gzip && new Gzip((bytes) => this.#send(bytes), threads);
  }

  /** Once committed: the gzip members of the file; none when it is plain. */
  get members(): readonly Member[] {
    return this.#gzip?.sent ?? [];
  }

  /** Whether chunks that may be changed are copied, because nobody tells when they have been sent. */
  get copies(): boolean {
    return this.#gzip === undefined && this.#pending.writesThrough !== true;
  }

  /** Bytes of the file as it is stored. */
  get storedBytes(): number {
    return this.#gzip?.length ?? this.#bytes;
  }

  /**
   * What is begun after the job was told to stop tidies up (the manifest that says "interrupted"): it is not stopped, but gets only seconds.
   *
   * @param threads that pack; default: as many as Node.js has for such work
   * @throws ExpectedFailure when nothing can be created there
   */
  static async create(location: string, given: Effects, threads?: number): Promise<Output> {
    const effects = given.signal.aborted ? outlasting(given, tidyingMs).own : given;
    const storage = await storageOf(location, effects);
    const gzip = location.endsWith('.gz') ? (await import('./gzip-members.ts')).GzipMembers : undefined;
    return new Output(location, await storage.create(location), gzip, threads, effects);
  }

  /**
   * Writes `chunk`, and waits while the disk is slower than we are.
   *
   * @param lines how many lines the chunk ends
   * @param written called once the chunk may be changed; without it, never change it
   * @throws ExpectedFailure when the disk is full; ClosedPipe when the reader is gone; the reason of the signal once it is aborted
   */
  async write(chunk: Uint8Array, lines: number, written?: () => void): Promise<void> {
    this.#throwIfFailed();
    this.#digest.update(chunk);
    this.#bytes += chunk.length;
    this.#lines += lines;
    if (this.#gzip !== undefined) {
      await this.#gzip.write(chunk, written);
    } else if (written !== undefined && this.copies) {
      const copy = Buffer.from(chunk);
      written();
      await this.#send(copy);
    } else {
      await this.#send(chunk, written);
    }
    this.#throwIfFailed();
    this.#alive();
  }

  async #send(bytes: Uint8Array, written?: () => void): Promise<void> {
    // What was sent before is written while its successor is made and digested.
    if (this.#stream.writableNeedDrain) {
      await settled(this.#stream, 'drain', this.#stop);
    }
    this.#throwIfFailed();
    this.#stream.write(bytes, written);
  }

  /** Makes the file appear under its name, whole. */
  async commit(): Promise<Artefact> {
    await this.#gzip?.end();
    this.#stream.end();
    if (!this.#pending.stream.closed) {
      await settled(this.#pending.stream, 'close', this.#stop);
    }
    this.#throwIfFailed();
    await untilAborted(this.#pending.commit(), this.#stop);
    return { location: this.location, bytes: this.#bytes, lines: this.#lines, sha256: this.#digest.digest('hex') };
  }

  /** Leaves nothing behind; may follow a failed `commit`. */
  async abort(): Promise<void> {
    this.#stream.destroy();
    await this.#pending.abort();
    this.#pending.stream.destroy();
  }

  #throwIfFailed(): void {
    this.#stop.throwIfAborted();
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
  }
}

/** Resolves at `event`, when the stream ends in any other way, or at the signal: whoever waits then asks what happened. */
function settled(stream: Writable, event: 'drain' | 'close', stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off(event, done).off('error', done).off('close', done);
      stop.removeEventListener('abort', done);
      resolve();
    };
    stream.on(event, done).on('error', done).on('close', done);
    stop.addEventListener('abort', done);
    if (stop.aborted) {
      done();
    }
  });
}

/**
 * Creates `location`, lets `write` fill it, and commits it; on any failure nothing is left.
 *
 * @param threads that pack; default: as many as Node.js has for such work
 */
export async function writeFile<T>(
  location: string,
  effects: Effects,
  write: (output: Output) => Promise<T>,
  threads?: number,
): Promise<{ readonly artefact: Artefact; readonly result: T; readonly output: Output }> {
  const output = await Output.create(location, effects, threads);
  try {
    const result = await write(output);
    return { artefact: await output.commit(), result, output };
  } catch (error) {
    await output.abort();
    throw error;
  }
}
