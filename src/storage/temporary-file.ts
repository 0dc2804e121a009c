import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ExpectedFailure, errorCode, fileFailure } from '../failure.ts';
import { freeBytesNow } from './free-bytes.ts';

/**
 * A file for what does not fit in memory. It has no name: it is unlinked as soon as it is open, so that the system takes it back however the
 * process ends, by a kill too. Other threads read it through its descriptor.
 */
export class TemporaryFile {
  readonly descriptor: number;
  readonly #folder: string;
  readonly #expected: number | undefined;
  readonly #beside: TemporaryFile | undefined;
  #length = 0;
  #open = true;

  /**
   * @param name random, so that two processes never meet
   * @param expected bytes that the views are estimated to take; `undefined` when that cannot be told
   * @param beside another one, whose bytes are needed too until it is closed
   * @throws ExpectedFailure when it cannot be created there
   */
  constructor(folder: string, name: string, expected?: number, beside?: TemporaryFile) {
    this.#folder = folder;
    this.#expected = expected;
    this.#beside = beside;
    const file = path.join(folder, `.also-viewed-${name}.tmp`);
    try {
      this.descriptor = openSync(file, 'wx+', 0o600);
      unlinkSync(file);
    } catch (error) {
      throw fileFailure('write', `temporary files in ${folder}`, error);
    }
  }

  get length(): number {
    return this.#length;
  }

  /** What the file will take, for a message; empty where nothing is known. */
  get outlook(): string {
    const free = freeBytesNow(this.#folder);
    return [
      this.#expected === undefined ? '' : `, about ${megabytes(this.#expected)} for the views`,
      free === undefined ? '' : `, ${megabytes(free)} free`,
    ].join('');
  }

  /**
   * Appends bytes.
   *
   * @returns where they begin
   * @throws ExpectedFailure when the disk is full
   */
  append(bytes: Uint8Array): number {
    const start = this.#length;
    try {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.descriptor, bytes, done, bytes.length - done, start + done);
      }
    } catch (error) {
      throw errorCode(error) === 'ENOSPC'
        ? this.#full(start + bytes.length)
        : fileFailure('write', this.#folder, error);
    }
    this.#length += bytes.length;
    return start;
  }

  /** Gives its bytes back, if it has not yet. */
  close(): void {
    if (this.#open) {
      this.#open = false;
      this.#length = 0;
      closeSync(this.descriptor);
    }
  }

  #full(bytes: number): ExpectedFailure {
    const needed = bytes + (this.#beside?.length ?? 0);
    const views = this.#expected === undefined ? '' : `, about ${megabytes(this.#expected)} for the views alone`;
    return new ExpectedFailure(
      'inputOutput',
      `Cannot write temporary files in ${this.#folder}: the disk is full, and they need at least ${megabytes(needed)}${views}`,
      { remedy: 'Name a folder with more room by --temp-dir, or give more --memory.' },
    );
  }
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MB`;
}

/** Fills `into` with the bytes of a temporary file from `position`, in any thread. */
export function readAt(descriptor: number, position: number, into: Uint8Array): void {
  for (let done = 0; done < into.length; ) {
    const read = readSync(descriptor, into, done, into.length - done, position + done);
    if (read === 0) {
      throw new Error(`A temporary file ends before ${position + into.length}`);
    }
    done += read;
  }
}
