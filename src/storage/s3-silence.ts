import { IncomingMessage } from 'node:http';
import type { S3Client } from '@aws-sdk/client-s3';

/** An answer of which nothing comes for so many milliseconds is given up: longer than S3 leaves one waiting without a blank. */
const silentMs = 60_000;

/** How often it is looked at. */
const looks = 4;

/**
 * Lets no answer hang whose headers came and whose body does not: the SDK limits the time until the headers only. Its own limit for the
 * rest, `socketTimeout`, would also end a body that waits only because we are slow to read it.
 *
 * @param client one whose every request is watched from now on; one that is ended is repeated where the SDK reads the body itself
 */
export function endSilence({ middlewareStack }: S3Client): void {
  middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { response } = result;
      if (typeof response === 'object' && response !== null && 'body' in response) {
        watch(response.body);
      }
      return result;
    },
    // Below the one that reads the bodies.
    { step: 'deserialize', priority: 'low', name: 'endSilence' },
  );
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
      const silence = new Error(`the server sent nothing more for ${silentMs / 1000} s`);
      body.destroy(Object.assign(silence, { name: 'TimeoutError' }));
    }
  }, silentMs / looks).unref();
  body.once('close', () => clearInterval(look));
}
