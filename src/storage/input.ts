import { addAbortSignal, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode, fileFailure } from '../failure.ts';
import { firstMember, lastMember } from './gzip-members.ts';
import { storageOf } from './storage.ts';

/**
 * The bytes of a file, inflated when its name ends in `.gz` (several gzip members count as one file).
 *
 * @throws ExpectedFailure when it cannot be opened, when reading fails, and when gzip data is damaged or ends early; the reason of the
 *   signal once it is aborted
 */
export async function* readBytes(location: string, effects: Effects): AsyncGenerator<Buffer> {
  const storage = await storageOf(location, effects);
  const stored = await storage.open(location);
  const inflated = location.endsWith('.gz') ? inflate(stored, location) : stored;
  addAbortSignal(effects.signal, inflated);
  let first = true;
  try {
    for await (const chunk of inflated) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      if (first && !location.endsWith('.gz') && bytes[0] === 0x1f && bytes[1] === 0x8b) {
        throw new ExpectedFailure('badData', `Cannot read ${location}: it is gzip data under a name without .gz`, {
          remedy: location === '-' ? 'Pipe it through gunzip.' : 'Rename the file so that its name ends in .gz.',
        });
      }
      first = false;
      yield bytes;
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

function inflate(stored: Readable, location: string): Readable {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  // A failure of either side ends the other with it.
  pipeline(
    stored,
    (chunks) => wholeFile(chunks, location),
    gunzip,
    () => {},
  );
  return gunzip;
}

/** Passes a gzip file on and fails behind it when it was written in members by this program and the last one is not there. */
async function* wholeFile(chunks: AsyncIterable<Buffer>, location: string): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head.length < firstMember.length) {
      head = Buffer.concat([head, chunk.subarray(0, firstMember.length)]).subarray(0, firstMember.length);
    }
    tail = Buffer.concat([tail, chunk.subarray(-lastMember.length)]).subarray(-lastMember.length);
    yield chunk;
  }
  if (head.equals(firstMember) && !tail.equals(lastMember)) {
    throw endsEarly(location, undefined);
  }
}

function inputFailure(location: string, error: unknown): unknown {
  switch (errorCode(error)) {
    case 'Z_BUF_ERROR':
      return endsEarly(location, error);
    case 'Z_DATA_ERROR':
      return new ExpectedFailure('badData', `Cannot read ${location}: it is not valid gzip data`, {
        remedy: 'Copy or export it again; a file that is not gzip must not be named .gz.',
        cause: error,
      });
    default:
      return fileFailure('read', location, error);
  }
}

function endsEarly(location: string, cause: unknown): ExpectedFailure {
  return new ExpectedFailure('badData', `Cannot read ${location}: the gzip data ends early`, {
    remedy: 'The file was cut off: copy or export it again.',
    cause,
  });
}
