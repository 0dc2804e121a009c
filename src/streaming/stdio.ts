import { readSync, writeSync } from 'node:fs';

const chunkBytes = 1 << 20;

/**
 * Standard input in chunks, read synchronously: a streaming task has nothing else to do, and waiting in `read` and `write` is all the
 * back-pressure that it needs. A chunk is overwritten by the next one.
 */
export function* inputChunks(): Generator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(chunkBytes);
  for (;;) {
    const length = retrying(() => readSync(0, buffer, 0, chunkBytes, null));
    if (length === 0) {
      return;
    }
    yield buffer.subarray(0, length);
  }
}

/** Writes all of `bytes` to standard output. */
export function writeOutput(bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length; ) {
    const rest = bytes.subarray(from);
    from += retrying(() => writeSync(1, rest));
  }
}

const waiting = new Int32Array(new SharedArrayBuffer(4));

/** A pipe that someone else made non-blocking says EAGAIN when it is empty or full; a moment later it is not. */
function retrying<T>(call: () => T): T {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) {
        throw error;
      }
      Atomics.wait(waiting, 0, 0, 1);
    }
  }
}
