import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';

/** A request or an answer of which nothing moves for so many milliseconds is given up: longer than S3 leaves one waiting without a blank. */
const silentMs = 60_000;

/**
 * What S3 does as one piece of work, such as putting an object together from its parts, a server may say at its end only: it has so long to say
 * something, in milliseconds, and is not asked again, since it may still be at it. S3 itself begins its answer at once.
 */
export const workMs = 4 * silentMs;

/** How often it is looked at. */
const looks = 4;

/** A longer body is sent in pieces of this size, each of which has to be taken in that time. */
const pieceBytes = 1 << 20;

interface RequestOptions {
  readonly abortSignal?: unknown;
  readonly requestTimeout?: number;
}

/** What sends the requests of a client, as far as that matters here. */
interface Handler {
  handle(
    request: { readonly body?: unknown },
    options?: RequestOptions,
  ): Promise<{ readonly response: { readonly body?: unknown } }>;
}

/**
 * Lets no request hang whose body is not taken, and no answer whose body does not come: the SDK limits the time until the headers come only.
 * For a long request that is no limit to have, since a slow line takes its time; its other one, `socketTimeout`, would also end an answer that
 * waits only because we are slow to read it.
 *
 * @param client one whose every request is watched from now on. What is given up counts as a failure of the network, after which the SDK
 *   repeats a request, and an answer where it reads the body itself
 */
export function endSilence({ config }: S3Client): void {
  const handler: Handler = config.requestHandler;
  const handle: Handler['handle'] = async (request, options) => {
    const { body } = request;
    const answer =
      body instanceof Uint8Array && body.length > pieceBytes
        ? await sendInPieces(handler, request, body, options)
        : await handler.handle(request, options).catch((error: unknown) => {
            throw options?.requestTimeout === workMs && isUnanswered(error) ? new SilentWork() : error;
          });
    watch(answer.response.body);
    return answer;
  };
  config.requestHandler = Object.create(handler, { handle: { value: handle } });
}

/** Sends a request as long as the server takes its body, piece by piece, and until it answers. */
async function sendInPieces(
  handler: Handler,
  request: object,
  bytes: Uint8Array,
  options: RequestOptions = {},
): ReturnType<Handler['handle']> {
  let silent = 0;
  function* pieces(): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      silent = 0;
      yield bytes.subarray(at, at + pieceBytes);
    }
  }
  const body = Readable.from(pieces(), { objectMode: false, highWaterMark: 1 });
  const stuck = new AbortController();
  const look = setInterval(() => {
    silent++;
    if (silent === looks) {
      stuck.abort(silence(`the server took nothing more for ${silentMs / 1000} s`));
    }
  }, silentMs / looks).unref();
  const { abortSignal: stop } = options;
  const abortSignal = stop instanceof AbortSignal ? AbortSignal.any([stop, stuck.signal]) : stuck.signal;
  try {
    return await handler.handle({ ...request, body }, { ...options, abortSignal, requestTimeout: 0 });
  } catch (error) {
    stuck.signal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(look);
    body.destroy();
  }
}

function watch(body: unknown): void {
  if (!(body instanceof IncomingMessage)) {
    return;
  }
  let read = body.socket.bytesRead;
  let silent = 0;
  const look = setInterval(() => {
    // As long as it is full, nobody takes what has come.
    const isFull = body.readableLength >= body.readableHighWaterMark;
    silent = isFull || body.socket.bytesRead !== read ? 0 : silent + 1;
    read = body.socket.bytesRead;
    if (body.complete) {
      clearInterval(look);
    } else if (silent === looks) {
      body.destroy(silence(`the server sent nothing more for ${silentMs / 1000} s`));
    }
  }, silentMs / looks).unref();
  body.once('close', () => clearInterval(look));
}

/** The SDK, which tries again what took too long, does not know it. */
export class SilentWork extends Error {
  constructor() {
    super('the server does not answer');
  }
}

/** Whether that is how the SDK says that no answer came within `requestTimeout`. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof Error && error.message.includes('requestTimeout');
}

/** By its name the SDK knows what may be tried again. */
function silence(message: string): Error {
  return Object.assign(new Error(message), { name: 'TimeoutError' });
}
