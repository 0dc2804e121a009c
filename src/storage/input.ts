import { addAbortSignal } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode, fileFailure } from '../failure.ts';
import { storageOf } from './storage.ts';

/** Milliseconds after which signals and timers get their turn. From a pipe that is never empty they would wait for 32 chunks (uv__read of libuv). */
const turnMs = 50;

/**
 * The bytes of a file, inflated when its name ends in `.gz` (several gzip members count as one file).
 *
 * @param told the bytes of each part of the file, as they are stored, once it was read
 * @throws ExpectedFailure when it cannot be opened, when reading fails, and when gzip data is damaged or ends early; the reason of the
 *   signal once it is aborted
 */
export async function* readBytes(
  location: string,
  effects: Effects,
  told: (bytes: number) => void = () => {},
): AsyncGenerator<Buffer> {
  const storage = await storageOf(location, effects);
  const inflate = location.endsWith('.gz') ? (await import('./inflate.ts')).inflate : undefined;
  const stored = await storage.open(location);
  const inflated = inflate === undefined ? stored : inflate(stored, told);
  addAbortSignal(effects.signal, inflated);
  let first = true;
  let turn = performance.now();
  try {
    for await (const chunk of inflated) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      if (first && !location.endsWith('.gz') && bytes[0] === 0x1f && bytes[1] === 0x8b) {
        throw new ExpectedFailure('badData', `Cannot read ${location}: it is gzip data under a name without .gz`, {
          remedy: location === '-' ? 'Pipe it through gunzip.' : 'Rename the file so that its name ends in .gz.',
        });
      }
      first = false;
      effects.alive();
      if (inflate === undefined) {
        told(bytes.length);
      }
      yield bytes;
      if (performance.now() - turn > turnMs) {
        await nextTurn();
        turn = performance.now();
      }
    }
  } catch (error) {
    effects.signal.throwIfAborted();
    throw inputFailure(location, error);
  } finally {
    inflated.destroy();
    stored.destroy();
  }
}

/** All the bytes of a file; for those that are small by their nature. Throws as `readBytes` does. */
export async function readWhole(location: string, effects: Effects): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readBytes(location, effects)) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function inputFailure(location: string, error: unknown): unknown {
  switch (errorCode(error)) {
    case 'Z_BUF_ERROR':
      return new ExpectedFailure('badData', `Cannot read ${location}: the gzip data ends early`, {
        remedy: 'The file was cut off: copy or export it again.',
        cause: error,
      });
    case 'Z_DATA_ERROR':
      return new ExpectedFailure('badData', `Cannot read ${location}: it is not valid gzip data`, {
        remedy: 'Copy or export it again; a file that is not gzip must not be named .gz.',
        cause: error,
      });
    default:
      return fileFailure('read', location, error);
  }
}
