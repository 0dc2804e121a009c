import { setMaxListeners } from 'node:events';
import { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import type { Place } from './s3-address.ts';
import type { S3Connection } from './s3-client.ts';
import { type Digest, digestOf } from './s3-digest.ts';
import { s3Failure, saysOf } from './s3-failure.ts';

/** An object that is no longer than a part takes one request; longer ones are fetched in parts of this size. */
export const downloadPartBytes = 8 << 20;

/** How many parts an object asks for ahead of its reader; how many it gets depends on what else the job reads. */
const aheadOfReader = 4;

/** How often a part that broke off is asked for again, each time from the byte where it broke. The first pause; each later one is twice as long. */
const repeats = 4;
const pauseMs = 100;

/** Bytes `from` to before `to` of an object. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * The bytes of an object, as they are stored, in order. A long one is fetched in several parts at a time, at most 48 MiB ahead of all
 * readers of a job; beyond that a part is streamed as it is read. An object that is replaced meanwhile is a failure, never a mixture.
 * Whoever reads to the end has bytes that were compared with the digest that S3 keeps (s3-digest.ts).
 *
 * @throws ExpectedFailure when there is no such object or it cannot be read. The stream fails likewise, and with `inputOutput` when the
 *   object was replaced or its digest does not fit
 */
export async function openObject(
  { client, ahead }: S3Connection,
  place: Place,
  location: string,
  effects: Effects,
): Promise<Readable> {
  const stop = new AbortController();
  // Every part under way listens twice.
  setMaxListeners(0, stop.signal);
  const stopWithJob = (): void => stop.abort(effects.signal.reason);
  effects.signal.addEventListener('abort', stopWithJob);
  const free = (): void => effects.signal.removeEventListener('abort', stopWithJob);
  if (effects.signal.aborted) {
    stopWithJob();
  }
  try {
    // Of the whole object: only then does S3 send its checksum. What lies behind the first part is not waited for.
    const first = await client.send(new GetObjectCommand(place), { abortSignal: stop.signal });
    const object = new S3Object(client, place, location, first, stop.signal, effects.pause);
    const stream = Readable.from(translated(object.compared(object.read(ahead)), location), {
      objectMode: false,
      highWaterMark: 1 << 20,
    });
    return stream.once('close', () => {
      free();
      stop.abort();
    });
  } catch (error) {
    free();
    // What has been answered is not read any more.
    stop.abort();
    throw error;
  }
}

async function* translated(bytes: AsyncIterable<Buffer>, location: string): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    throw s3Failure('read', location, error);
  }
}

/** A part that is fetched, or will be once there is room, before its reader has come to it. */
interface PartAhead {
  /** `undefined` as long as there was no room. */
  bytes: Promise<Buffer[]> | undefined;
  /** Gives the room back. */
  delivered: () => void;
}

class S3Object {
  readonly #client: S3Client;
  readonly #place: Place;
  readonly #location: string;
  readonly #first: GetObjectCommandOutput;
  readonly #stop: AbortSignal;
  readonly #pause: Effects['pause'];
  readonly #length: number;
  readonly #digest: Digest | undefined;

  constructor(
    client: S3Client,
    place: Place,
    location: string,
    first: GetObjectCommandOutput,
    stop: AbortSignal,
    pause: Effects['pause'],
  ) {
    this.#client = client;
    this.#place = place;
    this.#location = location;
    this.#first = first;
    this.#stop = stop;
    this.#pause = pause;
    if (first.ContentLength === undefined) {
      throw this.#failure('unavailable', 'the server does not say how long it is');
    }
    this.#length = first.ContentLength;
    this.#digest = digestOf(first);
  }

  /** All the bytes of the object; at their end they are compared with its digest. */
  async *compared(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of bytes) {
      this.#digest?.update(chunk);
      yield chunk;
    }
    const mismatch = this.#digest?.mismatch();
    if (mismatch !== undefined) {
      throw this.#failure('inputOutput', mismatch, damaged);
    }
  }

  async *read(ahead: S3Connection['ahead']): AsyncGenerator<Buffer> {
    // Without an ETag nothing would say that the parts are of one object.
    const partBytes = this.#first.ETag === undefined ? Number.POSITIVE_INFINITY : downloadPartBytes;
    const range = (from: number): Range => ({ from, to: Math.min(from + partBytes, this.#length) });
    const waiting: PartAhead[] = [];
    let planned = partBytes;
    const plan = (): void => {
      for (; waiting.length < aheadOfReader && planned < this.#length; planned += partBytes) {
        waiting.push(this.#fetchAhead(range(planned), ahead));
      }
    };
    try {
      plan();
      yield* this.#bytes(range(0), this.#first);
      for (let from = partBytes; from < this.#length; from += partBytes) {
        // Stays among those that wait until it was delivered: whatever ends this loop gives its room back.
        const [part] = waiting;
        if (part?.bytes === undefined) {
          // There was no room for it: its turn, when it comes, passes at once.
          part?.delivered();
          yield* this.#bytes(range(from));
        } else {
          yield* await part.bytes;
          part.delivered();
        }
        waiting.shift();
        plan();
      }
    } finally {
      for (const { delivered } of waiting) {
        delivered();
      }
    }
  }

  /** Takes its room when there is some, and keeps it until the part was delivered: this bounds the memory, not only the requests. */
  #fetchAhead(range: Range, ahead: S3Connection['ahead']): PartAhead {
    let delivered = (): void => {};
    let done = false;
    const isDelivered = new Promise<void>((resolve) => {
      delivered = () => {
        done = true;
        resolve();
      };
    });
    const part: PartAhead = { bytes: undefined, delivered };
    void ahead(async () => {
      if (!done) {
        part.bytes = collect(this.#bytes(range));
        // Told to whoever reads the part; nobody may have come to it yet.
        part.bytes.catch(() => {});
        await isDelivered;
      }
    });
    return part;
  }

  /** The bytes of a range, asked for again from where they broke off. */
  async *#bytes({ from, to }: Range, first?: GetObjectCommandOutput): AsyncGenerator<Buffer> {
    let at = from;
    let answer = first;
    for (let failures = 0; at < to || answer !== undefined; failures++) {
      try {
        answer ??= await this.#ask({ from: at, to });
        for await (const chunk of chunksOf(answer, this.#stop)) {
          const wanted = chunk.subarray(0, to - at);
          at += wanted.length;
          yield wanted;
          if (at === to && answer === this.#first && to < this.#length) {
            // The rest of the object would come behind it. Of a part the end is waited for: then its connection is used again.
            return;
          }
        }
        if (at < to) {
          throw new BrokenBody(`it ended after ${at} of ${this.#length} bytes`);
        }
        return;
      } catch (error) {
        this.#stop.throwIfAborted();
        if (!(error instanceof BrokenBody)) {
          throw error;
        }
        if (/checksum mismatch/i.test(error.message)) {
          // The SDK compares a checksum that comes with a body.
          throw this.#failure('inputOutput', error.message, damaged, error);
        }
        if (failures === repeats || this.#first.ETag === undefined) {
          const remedy = 'Check the endpoint and the network, then run the same command again.';
          throw this.#failure('unavailable', error.message, remedy, error);
        }
        answer = undefined;
        await this.#pause(pauseMs << failures, this.#stop);
      }
    }
  }

  async #ask({ from, to }: Range): Promise<GetObjectCommandOutput> {
    const answer = await this.#client
      .send(new GetObjectCommand({ ...this.#place, IfMatch: this.#first.ETag, Range: `bytes=${from}-${to - 1}` }), {
        abortSignal: this.#stop,
      })
      .catch((error: unknown) => {
        throw error instanceof Error && error.name === 'PreconditionFailed'
          ? this.#failure('inputOutput', 'it was replaced while it was read', 'Run the same command again.', error)
          : error;
      });
    if (!answer.ContentRange?.startsWith(`bytes ${from}-`)) {
      const sent = answer.ContentRange ?? 'the whole object';
      throw this.#failure('unavailable', `bytes ${from}-${to - 1} were asked for, the server sent ${sent}`);
    }
    return answer;
  }

  #failure(kind: 'unavailable' | 'inputOutput', what: string, remedy?: string, cause?: unknown): Error {
    return new ExpectedFailure(kind, `Cannot read ${this.#location}: ${what}`, { remedy, cause });
  }
}

const damaged =
  'The object or its way here is damaged: run the command again; if it fails again, write the object anew.';

/** The connection broke off or fell silent in the middle of a body: the rest can be asked for. */
class BrokenBody extends Error {}

/** The chunks of a body. It is closed when they are no longer wanted. */
async function* chunksOf({ Body: body }: GetObjectCommandOutput, stop: AbortSignal): AsyncGenerator<Buffer> {
  if (!(body instanceof Readable)) {
    throw new Error('S3 sent no body');
  }
  const close = (): void => void body.destroy();
  stop.addEventListener('abort', close);
  // One that comes after the last chunk that is wanted concerns nobody.
  body.on('error', () => {});
  try {
    for await (const chunk of body) {
      yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    }
  } catch (error) {
    throw new BrokenBody(saysOf(error), { cause: error });
  } finally {
    stop.removeEventListener('abort', close);
    body.destroy();
  }
}

async function collect(bytes: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of bytes) {
    chunks.push(chunk);
  }
  return chunks;
}
